// SPDX-License-Identifier: GPL-2.0
/*
 * many [-m MAPPINGS] [-t THREADS]: as many mappings of one page, of which each
 * tenth is written, and as many threads with a stack of usual size, all asleep.
 *
 * Commands: "verify" answers "ok"; "quit".
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>

#include "target.h"

#define PAGE	4096ul

static volatile unsigned int started, never;

static void *sleeper(void *arg)
{
	__atomic_add_fetch(&started, 1, __ATOMIC_RELAXED);
	for (;;)
		syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return arg;
}

/* Neighbours of different protection do not become one. */
static void mappings_make(unsigned long count)
{
	unsigned long i;
	char *at;

	if (!count)
		return;
	at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		die("mmap");
	printf("map many %lx %lx\n", (unsigned long)at, count * PAGE);
	for (i = 0; i < count; i += 10)
		memcpy(at + i * PAGE, &i, sizeof(i));
	for (i = 1; i < count; i += 2) {
		if (mprotect(at + i * PAGE, PAGE, PROT_READ))
			die("mprotect");
	}
}

int main(int argc, char **argv)
{
	unsigned long mappings = 0, threads = 0, i;
	double deadline = now() + 4 * TARGET_DEADLINE;
	pthread_t thread;
	int option;

	while ((option = getopt(argc, argv, "m:t:")) != -1) {
		if (option == 'm')
			mappings = strtoul(optarg, NULL, 0);
		else if (option == 't')
			threads = strtoul(optarg, NULL, 0);
		else
			return 2;
	}
	mallopt(M_ARENA_MAX, 1);
	mappings_make(mappings);
	for (i = 0; i < threads; i++) {
		errno = pthread_create(&thread, NULL, sleeper, NULL);
		if (errno)
			die("pthread_create");
	}
	while (started < threads) {
		if (now() > deadline)
			die("threads");
		nap_ms(10);
	}
	commands_serve();
	return 0;
}
