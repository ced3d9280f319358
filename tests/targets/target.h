/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers that the programs to be dumped share.
 *
 * The way to talk to a target: it prints what a checker needs to know and then
 * "ready PID" on standard output; after that it reads a command a line from
 * standard input and answers each with one line. No signal is ever used, for
 * the target must not be disturbed by its own test.
 */
#ifndef _TESTS_TARGET_H
#define _TESTS_TARGET_H

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* For a child: to be killed when its @parent ends, or to end if it has. */
static inline void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static inline int thread_id(void)
{
	return syscall(SYS_gettid);
}

static inline void nap_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* How long a target waits for its own threads before it says they are stuck. */
#define TARGET_DEADLINE 120.0

/* The letter for the state of one of our own threads; '?' if it is gone. */
static inline char thread_state(int tid)
{
	char path[64], line[512], *paren;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (!file)
		return '?';
	if (!fgets(line, sizeof(line), file))
		line[0] = 0;
	fclose(file);
	paren = strrchr(line, ')');
	return paren && paren[1] ? paren[2] : '?';
}

/*
 * A command line from standard input, without its newline; NULL at the end.
 * Reads by read(2), so that an early return is seen: each is counted.
 */
static inline char *command_read(unsigned int *early)
{
	static char line[128];
	size_t used = 0;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, line + used, 1);

		if (got < 0 && errno == EINTR) {
			++*early;
			continue;
		}
		if (got <= 0)
			return NULL;
		if (line[used] == '\n') {
			line[used] = 0;
			return line;
		}
		if (used < sizeof(line) - 2)
			used++;
	}
}

__attribute__((format(printf, 1, 2)))
static inline void answer(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* For targets that only wait: "ok" to each command until "quit". */
static inline void commands_serve(void)
{
	unsigned int early = 0;
	char *line;

	answer("ready %d", getpid());
	while ((line = command_read(&early))) {
		if (!strcmp(line, "quit"))
			break;
		answer("%s", early ? "bad read" : "ok");
	}
}

#endif
