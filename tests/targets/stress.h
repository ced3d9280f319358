/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of the stress run share: the board, a file that all of them
 * have mapped, where targets show that they run and everybody writes down what
 * must not be; and random numbers that a seed repeats.
 */
#ifndef _TESTS_STRESS_H
#define _TESTS_STRESS_H

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "target.h"

#define STRESS_SEATS 7
#define STRESS_THREADS 4
#define STRESS_CALLERS 6
#define STRESS_COMPLAINTS 20
#define STRESS_ERRNOS 140
/* Of the target in the namespaces of a caller, who starts it. */
#define STRESS_SEAT_NS 4

/* What a caller is; see stress_conductor.c. */
enum stress_role { STRESS_ROOT, STRESS_USER, STRESS_USERNS, STRESS_NS };

static const char * const stress_roles[] = { "root", "user", "userns", "ns" };

/* Numbers of commands, and what is none. */
enum stress_command { STRESS_INFO, STRESS_DUMP, STRESS_KERNEL, STRESS_NONE };

enum stress_count {
	COUNT_REQUESTS, COUNT_MUTATED, COUNT_DUMPS, COUNT_DENIED, COUNT_READ,
	COUNT_LEFT, COUNT_FORKS, COUNT_SHARERS, COUNT_EXECS, COUNT_THREADS,
	COUNT_MAPPINGS, COUNT_CUTS, COUNT_STOPS, COUNT_PAGES, COUNT_EARLY,
	COUNT_KILLED_TARGETS, COUNT_KILLED_CALLERS, COUNT_STOPPED, COUNT_SEIZED,
	COUNT_DEBUGGED, COUNT_MOVED, COUNT_FROZEN, COUNT_BUSY, COUNT_RELOADED,
	COUNT_STEPS, COUNTS
};

/**
 * struct stress_thread - a thread of a target
 * @tid: its id as it knows it; 0: none; -1: not yet known
 * @beats: grows as long as it runs
 */
struct stress_thread {
	_Atomic uint32_t tid;
	_Atomic uint32_t beats;
};

/**
 * struct stress_seat - a target
 * @pid: its id as its callers know it, or 0
 * @child: one of its children, or 0
 * @thread: the first is the leader
 */
struct stress_seat {
	_Atomic uint32_t pid;
	_Atomic uint32_t child;
	struct stress_thread thread[STRESS_THREADS];
};

/**
 * struct stress_board - the same for programs of 32 and of 64 bits
 * @stop: callers end
 * @caller: requests of each
 * @answers: by command and errno
 * @modes: dumps, by the mode that was used
 */
struct stress_board {
	_Atomic uint32_t stop;
	_Atomic uint32_t complaints;
	_Atomic uint32_t caller[STRESS_CALLERS];
	_Atomic uint32_t count[COUNTS];
	_Atomic uint32_t answers[STRESS_NONE + 1][STRESS_ERRNOS];
	_Atomic uint32_t modes[8];
	struct stress_seat seat[STRESS_SEATS];
	char complaint[STRESS_COMPLAINTS][300];
};

static struct stress_board *board;

static inline void stress_map(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(path);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (board == MAP_FAILED)
		die("mmap");
	close(fd);
}

static inline void stress_add(enum stress_count what)
{
	atomic_fetch_add(&board->count[what], 1);
}

__attribute__((format(printf, 1, 2)))
static inline void complain(const char *format, ...)
{
	uint32_t n = atomic_fetch_add(&board->complaints, 1);
	va_list ap;

	if (n >= STRESS_COMPLAINTS)
		return;
	va_start(ap, format);
	vsnprintf(board->complaint[n], sizeof(board->complaint[n]), format, ap);
	va_end(ap);
}

/* Whoever has ended with this @status has done so by itself, and not well. */
static inline int stress_ended_badly(int status)
{
	return status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* splitmix64 */
static inline uint64_t stress_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* A number below @end. */
static inline uint32_t stress_below(uint64_t *state, uint32_t end)
{
	return stress_next(state) % end;
}

/* The seed of an actor, of its kind and number, for the nth time. */
static inline uint64_t stress_seed(uint64_t seed, char kind, int number, int nth)
{
	seed ^= (uint64_t)kind << 56 ^ (uint64_t)number << 48 ^ nth;
	return stress_next(&seed);
}

#endif
