// SPDX-License-Identifier: GPL-2.0
/*
 * rewrite MIB [huge]: a heap of MIB that a thread writes to without end, a page
 * after the other; huge: of the pool of huge pages. Commands: "verify" answers
 * "ok rounds=N"; "quit".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "target.h"

static char *heap;
static size_t size;
static atomic_ullong rounds;

static void *writer(void *unused)
{
	(void)unused;
	for (uint64_t value = 1;; value++) {
		for (size_t i = 0; i < size; i += 4096)
			*(volatile uint64_t *)(heap + i) = value;
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int huge = argc == 3 && !strcmp(argv[2], "huge");
	unsigned int early = 0;
	pthread_t thread;
	char *line;

	if (argc != 2 + huge)
		return 2;
	size = (size_t)atoi(argv[1]) << 20;
	heap = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | (huge ? MAP_HUGETLB : 0), -1,
		    0);
	if (heap == MAP_FAILED ||
	    (!huge && madvise(heap, size, MADV_NOHUGEPAGE)))
		die("heap");
	memset(heap, 1, size);
	if (pthread_create(&thread, NULL, writer, NULL))
		die("pthread_create");
	answer("ready %d", getpid());
	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			answer("%s rounds=%llu", early ? "bad" : "ok",
			       atomic_load(&rounds));
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	_exit(0);
}
