// SPDX-License-Identifier: GPL-2.0
/*
 * quiet [-m MIB] [-r MIB] [-k KIND]: distinct mappings and threads that all sleep, so
 * that each dump gives the same bytes. Runs as a 64-bit and a 32-bit program.
 * -m is the size of the heap, -r that of a reservation with few pages touched,
 * -k its kind: private, shared or dontfork.
 *
 * Printed before "ready PID", in hex but for names:
 *	map NAME ADDRESS LENGTH
 * data, shared, memfd, none: heap pages (see heap.h), seed 7
 * zero: written pages of zeros; sparse: a reservation in which only three
 * pages were touched, heap pages 0, 1 and 2: see sparse_page()
 * file: a private mapping of this program, one page of which was written:
 * heap page 0
 * dontdump: excluded by MADV_DONTDUMP; textonly: a shared mapping of the
 * program's file, not in a core by the default filter
 *
 * Commands: "verify" answers "ok", or "bad" and which mapping; "quit".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "heap.h"
#include "target.h"

#define SEED 7

static struct mapping {
	const char *name;
	char *address;
	size_t length;
} mappings[16];
static int mapping_count;

static struct mapping *map_add(const char *name, size_t length, int flags, int fd)
{
	struct mapping *m = &mappings[mapping_count++];

	m->name = name;
	m->length = length;
	m->address = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (m->address == MAP_FAILED)
		die(name);
	return m;
}

static void pages_write(struct mapping *m)
{
	for (size_t p = 0; p < m->length / HEAP_PAGE; p++)
		heap_page_write((void *)(m->address + p * HEAP_PAGE), p, SEED, 0);
}

/* The first, the one in the middle, and the last. */
static char *sparse_page(struct mapping *m, int n)
{
	return m->address + (m->length / HEAP_PAGE - 1) * n / 2 * HEAP_PAGE;
}

static void mappings_make(size_t data, size_t reserve, const char *kind)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	const int sparse = strcmp(kind, "shared") ? anon :
			   MAP_SHARED | MAP_ANONYMOUS;
	struct mapping *m;
	struct stat st;
	int fd;

	pages_write(map_add("data", data, anon, -1));
	pages_write(map_add("shared", 16 * HEAP_PAGE, MAP_SHARED | MAP_ANONYMOUS, -1));
	fd = memfd_create("quiet", 0);
	if (ftruncate(fd, 8 * HEAP_PAGE))
		die("memfd");
	pages_write(map_add("memfd", 8 * HEAP_PAGE, MAP_SHARED, fd));
	m = map_add("none", 4 * HEAP_PAGE, anon, -1);
	pages_write(m);
	mprotect(m->address, m->length, PROT_NONE);
	m = map_add("zero", 64 * HEAP_PAGE, anon, -1);
	memset(m->address, 0, m->length);
	m = map_add("sparse", reserve, sparse | MAP_NORESERVE, -1);
	if (!strcmp(kind, "dontfork"))
		madvise(m->address, m->length, MADV_DONTFORK);
	for (int n = 0; n < 3; n++)
		heap_page_write((void *)sparse_page(m, n), n, SEED, 0);
	m = map_add("dontdump", 4 * HEAP_PAGE, anon, -1);
	pages_write(m);
	madvise(m->address, m->length, MADV_DONTDUMP);

	fd = open("/proc/self/exe", O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		die("/proc/self/exe");
	m = map_add("file", 4 * HEAP_PAGE, MAP_PRIVATE, fd);
	heap_page_write((void *)m->address, 0, SEED, 0);
	m = &mappings[mapping_count++];
	m->name = "textonly";
	m->length = 2 * HEAP_PAGE;
	m->address = mmap(NULL, m->length, PROT_READ, MAP_SHARED, fd, 0);
	if (m->address == MAP_FAILED)
		die("textonly");
}

static int pages_good(struct mapping *m)
{
	for (size_t p = 0; p < m->length / HEAP_PAGE; p++) {
		if (!heap_page_good((void *)(m->address + p * HEAP_PAGE), p, SEED))
			return 0;
	}
	return 1;
}

static int mapping_good(struct mapping *m)
{
	int good;

	if (!strcmp(m->name, "textonly"))
		return !memcmp(m->address, "\177ELF", 4);
	if (!strcmp(m->name, "file"))
		return heap_page_good((void *)m->address, 0, SEED);
	if (!strcmp(m->name, "zero")) {
		for (size_t i = 0; i < m->length; i++) {
			if (m->address[i])
				return 0;
		}
		return 1;
	}
	if (!strcmp(m->name, "sparse")) {
		for (int n = 0; n < 3; n++) {
			if (!heap_page_good((void *)sparse_page(m, n), n, SEED))
				return 0;
		}
		return 1;
	}
	if (strcmp(m->name, "none"))
		return pages_good(m);
	mprotect(m->address, m->length, PROT_READ);
	good = pages_good(m);
	mprotect(m->address, m->length, PROT_NONE);
	return good;
}

static _Atomic int sleeper_tid[3];

static void *sleeper(void *arg)
{
	*(_Atomic int *)arg = thread_id();
	for (;;)
		pause();
	return arg;
}

static void sleepers_start(void)
{
	double deadline = now() + TARGET_DEADLINE;
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		if (pthread_create(&thread, NULL, sleeper, &sleeper_tid[i]))
			die("pthread_create");
	for (int i = 0; i < 3; i++) {
		while (!sleeper_tid[i] || thread_state(sleeper_tid[i]) != 'S') {
			if (now() > deadline)
				die("a thread does not sleep");
			nap_ms(1);
		}
	}
}

int main(int argc, char **argv)
{
	size_t data = 8, reserve = 32;
	const char *kind = "private";
	unsigned int early = 0;
	char *line;
	int option;

	while ((option = getopt(argc, argv, "m:r:k:")) != -1) {
		if (option == 'm')
			data = atoi(optarg);
		else if (option == 'r')
			reserve = atoi(optarg);
		else if (option == 'k')
			kind = optarg;
		else
			return 2;
	}
	heap_crc_init();
	mappings_make(data << 20, reserve << 20, kind);
	sleepers_start();
	for (int i = 0; i < mapping_count; i++)
		printf("map %s %lx %lx\n", mappings[i].name,
		       (unsigned long)mappings[i].address,
		       (unsigned long)mappings[i].length);
	answer("ready %d", getpid());

	while ((line = command_read(&early))) {
		const char *bad = early ? "read" : NULL;

		for (int i = 0; i < mapping_count; i++) {
			if (!mapping_good(&mappings[i]))
				bad = mappings[i].name;
		}
		if (!strcmp(line, "quit"))
			break;
		answer("%s%s", bad ? "bad " : "ok", bad ? bad : "");
	}
	return 0;
}
