// SPDX-License-Identifier: GPL-2.0
/*
 * invariant: memory in which something is true at every moment, though it
 * changes all the time. A core that breaks it is not of one moment.
 *
 * pages ADDRESS COUNT: the first word of each of COUNT pages. Threads take
 * turns, by a lock, to write one more than the last value to all of them, in
 * order. So there is a page before which all have V, and from which on V - 1.
 *
 * list ADDRESS COUNT: a pointer to the first of COUNT nodes { magic, number,
 * next }, numbered from 0 by their order. A thread moves nodes about: it makes
 * the copy, then links it, then spoils the old one.
 *
 * Commands as in target.h: "verify", "quit".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "target.h"

#define PAGES 10000
#define PAGE 4096
#define NODES 64
#define SLOTS 4096
#define MAGIC 0x6e6f6465a11600d5UL

struct node {
	_Atomic uint64_t magic;
	_Atomic uint64_t number;
	struct node *_Atomic next;
	char rest[PAGE / 4 - 24];
};

static char *pages;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t value;
static struct node *slots;
static struct node *_Atomic head;
static atomic_ullong rounds, moves;

static void *writer(void *unused)
{
	(void)unused;
	for (;;) {
		pthread_mutex_lock(&lock);
		value++;
		for (size_t i = 0; i < PAGES; i++)
			atomic_store((_Atomic uint64_t *)(pages + i * PAGE),
				     value);
		pthread_mutex_unlock(&lock);
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

static struct node *free_slot(unsigned int *seed)
{
	for (;;) {
		struct node *node = &slots[rand_r(seed) % SLOTS];

		if (atomic_load(&node->magic) != MAGIC)
			return node;
	}
}

static void move(struct node *_Atomic *link, unsigned int *seed)
{
	struct node *old = atomic_load(link), *copy = free_slot(seed);

	atomic_store(&copy->number, atomic_load(&old->number));
	atomic_store(&copy->next, atomic_load(&old->next));
	atomic_store(&copy->magic, MAGIC);
	atomic_store(link, copy);
	atomic_store(&old->magic, 0);
	atomic_store(&old->next, NULL);
	atomic_fetch_add(&moves, 1);
}

static void *mover(void *unused)
{
	unsigned int seed = 1;

	(void)unused;
	for (;;) {
		struct node *_Atomic *link = &head;

		for (int i = rand_r(&seed) % NODES; i; i--)
			link = &atomic_load(link)->next;
		move(link, &seed);
	}
	return NULL;
}

static void *map(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static void start(void *(*main)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, main, NULL))
		die("pthread_create");
}

int main(void)
{
	struct node *_Atomic *link = &head;
	unsigned int early = 0, seed = 2;
	double end = now() + TARGET_DEADLINE;
	char *line;

	pages = map((size_t)PAGES * PAGE);
	slots = map(SLOTS * sizeof(*slots));
	for (uint64_t i = 0; i < NODES; i++) {
		struct node *node = free_slot(&seed);

		atomic_store(&node->number, i);
		atomic_store(&node->magic, MAGIC);
		atomic_store(link, node);
		link = &node->next;
	}
	for (int i = 0; i < 3; i++)
		start(writer);
	start(mover);
	while (atomic_load(&rounds) < 3 || atomic_load(&moves) < 1000) {
		if (now() > end)
			die("threads");
		nap_ms(1);
	}
	printf("pages %p %d\nlist %p %d\n", (void *)pages, PAGES, (void *)&head,
	       NODES);
	answer("ready %d", getpid());
	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			answer("%s early=%u rounds=%llu moves=%llu",
			       early ? "bad" : "ok", early,
			       atomic_load(&rounds), atomic_load(&moves));
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	_exit(0);
}
