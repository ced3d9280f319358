// SPDX-License-Identifier: GPL-2.0
/*
 * heart MIB 4k|huge|mixed: a heap of MIB, every page touched, and a thread that
 * beats every 200 us and knows the longest time between two beats: what the
 * program itself saw of a pause. mixed: pages of 4k with what programs have in
 * them, text, pointers, noise and almost nothing, of each a quarter; and a beat
 * every 5 ms only, so that it takes no CPU from what is measured beside it.
 *
 * Commands: "gap" answers "gap ns=N", the longest since the last "gap"; "fork"
 * answers "fork ns=N", what fork() of the whole program took; "quit".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "target.h"

#define PAGE 4096

static atomic_llong longest;
static struct timespec interval = { 0, 200000 };

static long long clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void *beat(void *unused)
{
	long long last = clock_ns();

	(void)unused;
	for (;;) {
		long long at, gap;

		nanosleep(&interval, NULL);
		at = clock_ns();
		gap = at - last;
		last = at;
		if (gap > atomic_load(&longest))
			atomic_store(&longest, gap);
	}
	return NULL;
}

static uint64_t noise(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void fill_mixed(char *page, size_t number)
{
	uint64_t *word = (uint64_t *)page;

	switch (number % 4) {
	case 0:
		for (size_t i = 0; i < PAGE; i += 32)
			snprintf(page + i, 32, "user-%08zu: %08x", number + i,
				 (unsigned int)noise());
		break;
	case 1:
		for (size_t i = 0; i < PAGE / 8; i++)
			word[i] = (uintptr_t)page + (noise() & 0xffff0);
		break;
	case 2:
		for (size_t i = 0; i < PAGE / 8; i++)
			word[i] = noise();
		break;
	default:
		page[number % PAGE] = 1;
	}
}

static void make_heap(size_t size, int huge, int mixed)
{
	const size_t huge_page = 2 << 20;
	char *heap = mmap(NULL, size + huge_page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (heap == MAP_FAILED)
		die("heap");
	heap += -(uintptr_t)heap & (huge_page - 1);
	if (madvise(heap, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		die("madvise");
	for (size_t i = 0; i < size; i += PAGE) {
		if (mixed)
			fill_mixed(heap + i, i / PAGE);
		else
			*(size_t *)(heap + i) = i ^ 0x5a5a5a5a5a5aUL;
	}
}

static void command_fork(void)
{
	long long began = clock_ns(), took;
	pid_t child = fork();

	if (!child)
		_exit(0);
	took = clock_ns() - began;
	if (child < 0)
		die("fork");
	waitpid(child, NULL, 0);
	answer("fork ns=%lld", took);
}

int main(int argc, char **argv)
{
	unsigned int early = 0;
	pthread_t thread;
	char *line;
	int mixed;

	if (argc != 3) {
		fprintf(stderr, "heart MIB 4k|huge|mixed\n");
		return 2;
	}
	mixed = !strcmp(argv[2], "mixed");
	if (mixed)
		interval.tv_nsec = 5000000;
	make_heap((size_t)atoi(argv[1]) << 20, !strcmp(argv[2], "huge"), mixed);
	if (pthread_create(&thread, NULL, beat, NULL))
		die("pthread_create");
	answer("ready %d", getpid());
	while ((line = command_read(&early))) {
		if (!strcmp(line, "gap"))
			answer("gap ns=%lld", atomic_exchange(&longest, 0));
		else if (!strcmp(line, "fork"))
			command_fork();
		else if (!strcmp(line, "verify"))
			answer("%s early=%u", early ? "bad" : "ok", early);
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	return 0;
}
