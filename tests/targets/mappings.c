// SPDX-License-Identifier: GPL-2.0
/*
 * mappings DIRECTORY: one mapping of each kind that a process can have, with a
 * thread asleep, so that two dumps see the same. Runs as a 64-bit and a 32-bit
 * program. Makes files in DIRECTORY; needs four free huge pages and, as root,
 * /dev/mem.
 *
 * Printed before "ready PID", in hex but for the name:
 *	map NAME ADDRESS LENGTH
 * Each page that was written has its own number in every word, see fill().
 *
 * Commands: "verify" answers "ok"; "quit".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "target.h"

#define PAGE	4096ul
#define HUGE	(2ul << 20)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define RW	(PROT_READ | PROT_WRITE)

static const char *directory;
static unsigned int number;

static char *map(const char *name, size_t length, int prot, int flags, int fd,
		 off_t offset)
{
	char *at = mmap(NULL, length, prot, flags, fd, offset);

	if (at == MAP_FAILED)
		die(name);
	printf("map %s %lx %lx\n", name, (unsigned long)at,
	       (unsigned long)length);
	return at;
}

/* Every @step-th page, from the first on. */
static void fill(char *at, size_t length, size_t step)
{
	for (size_t i = 0; i < length; i += step * PAGE) {
		unsigned int *page = (void *)(at + i);

		number++;
		for (size_t w = 0; w < PAGE / sizeof(*page); w++)
			page[w] = number << 12 | w;
	}
}

static int file_make(const char *name, mode_t mode, const char *begin,
		     size_t pages)
{
	char path[4096], page[PAGE];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		die(path);
	for (size_t p = 0; p < pages; p++) {
		fill(page, PAGE, 1);
		if (p == 0)
			memcpy(page, begin, strlen(begin));
		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			die(path);
	}
	if (fchmod(fd, mode))
		die(path);
	return fd;
}

static void make_anonymous(void)
{
	volatile char *at;
	char *thp;

	fill(map("written", 64 * PAGE, RW, ANON, -1, 0), 64 * PAGE, 3);
	map("untouched", 64 * PAGE, RW, ANON, -1, 0);
	at = map("only-read", 8 * PAGE, RW, ANON, -1, 0);
	(void)*at;
	fill(map("executable", 2 * PAGE, RW | PROT_EXEC, ANON, -1, 0), PAGE, 1);
	at = map("zeros", 8 * PAGE, RW, ANON, -1, 0);
	memset((char *)at, 0, 8 * PAGE);
	fill(map("holes", 8 * HUGE, RW, ANON | MAP_NORESERVE, -1, 0), 8 * HUGE,
	     1100);
	thp = map("huge", 6 * HUGE, RW, ANON, -1, 0);
	madvise(thp, 6 * HUGE, MADV_HUGEPAGE);
	fill(thp, 3 * HUGE, 1);
	map("guard", 4 * PAGE, PROT_NONE, ANON, -1, 0);
	thp = map("guard-written", 4 * PAGE, RW, ANON, -1, 0);
	fill(thp, 4 * PAGE, 2);
	mprotect(thp, 4 * PAGE, PROT_NONE);
	thp = map("dontdump", 4 * PAGE, RW, ANON, -1, 0);
	fill(thp, 4 * PAGE, 1);
	madvise(thp, 4 * PAGE, MADV_DONTDUMP);
	thp = map("dontfork", 4 * PAGE, RW, ANON, -1, 0);
	fill(thp, 4 * PAGE, 1);
	madvise(thp, 4 * PAGE, MADV_DONTFORK);
	thp = map("dontfork-holes", 8 * HUGE, RW, ANON | MAP_NORESERVE, -1, 0);
	fill(thp, 8 * HUGE, 1100);
	madvise(thp, 8 * HUGE, MADV_DONTFORK);
	thp = map("wipeonfork", 4 * PAGE, RW, ANON, -1, 0);
	fill(thp, 4 * PAGE, 1);
	madvise(thp, 4 * PAGE, MADV_WIPEONFORK);
}

static void make_hugetlb(void)
{
	char *at = map("hugetlb-private", 2 * HUGE, RW, ANON | MAP_HUGETLB, -1, 0);

	fill(at, PAGE, 1);
	at = map("hugetlb-shared", 2 * HUGE, RW,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	fill(at + HUGE, HUGE, 7);
}

static void make_shared(void)
{
	const size_t length = 16 * PAGE;
	int fd, id;
	char *at;

	fill(map("shared-anonymous", length, RW, MAP_SHARED | MAP_ANONYMOUS, -1,
		 0), length, 5);
	fill(map("shared-holes", 8 * HUGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1,
		 0), 8 * HUGE, 1100);
	fd = memfd_create("mappings", 0);
	if (ftruncate(fd, length))
		die("memfd");
	fill(map("memfd-shared", length, RW, MAP_SHARED, fd, 0), length, 2);
	fill(map("memfd-private", length, RW, MAP_PRIVATE, fd, 0), length, 3);
	map("memfd-private-clean", length, RW, MAP_PRIVATE, fd, PAGE);
	fd = shm_open("/procdump-mappings", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, length))
		die("shm_open");
	fill(map("posix-shared", length, RW, MAP_SHARED, fd, 0), length, 2);
	map("posix-read-only", length, PROT_READ, MAP_SHARED, fd, 0);
	if (shm_unlink("/procdump-mappings"))
		die("shm_unlink");
	id = shmget(IPC_PRIVATE, length, IPC_CREAT | 0600);
	at = shmat(id, NULL, 0);
	if (id < 0 || at == (void *)-1)
		die("shmget");
	shmctl(id, IPC_RMID, NULL);
	printf("map sysv %lx %lx\n", (unsigned long)at, (unsigned long)length);
	fill(at, length, 4);
}

static void make_files(void)
{
	const size_t length = 8 * PAGE;
	int fd = file_make("data", 0600, "data", 6);
	char path[4096];

	map("file-private-clean", length, RW, MAP_PRIVATE, fd, 0);
	fill(map("file-private-dirty", length, RW, MAP_PRIVATE, fd, 0), 6 * PAGE,
	     2);
	fill(map("file-shared", length, RW, MAP_SHARED, fd, 0), 6 * PAGE, 5);
	map("file-offset", PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
	map("file-elf", 2 * PAGE, PROT_READ, MAP_PRIVATE,
	    file_make("elf", 0600, "\177ELF", 2), 0);
	map("file-elf-none", 2 * PAGE, PROT_NONE, MAP_PRIVATE,
	    file_make("elf", 0600, "\177ELF", 2), 0);
	map("file-script", 2 * PAGE, PROT_READ, MAP_PRIVATE,
	    file_make("script", 0700, "#!", 2), 0);
	map("file-elf-offset", PAGE, PROT_READ, MAP_PRIVATE,
	    file_make("elf2", 0600, "\177ELF", 2), PAGE);
	fd = file_make("gone", 0600, "gone", 4);
	snprintf(path, sizeof(path), "%s/gone", directory);
	if (unlink(path))
		die(path);
	fill(map("unlinked-shared", 4 * PAGE, RW, MAP_SHARED, fd, 0), 4 * PAGE, 2);
	map("unlinked-private", 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
}

static void make_devices(void)
{
	int zero = open("/dev/zero", O_RDWR), mem = open("/dev/mem", O_RDONLY);

	if (zero < 0 || mem < 0)
		die("/dev/zero, /dev/mem");
	fill(map("zero-private", 2 * HUGE, RW, MAP_PRIVATE, zero, 0), 2 * HUGE,
	     900);
	map("zero-untouched", 4 * PAGE, RW, MAP_PRIVATE, zero, 0);
	fill(map("zero-shared", 4 * PAGE, RW, MAP_SHARED, zero, 0), 4 * PAGE, 2);
	map("device", PAGE, PROT_READ, MAP_SHARED, mem, 0xf0000);
}

static volatile int sleeper_tid;
/* 80 in the main thread, 81 in the other. */
static __thread volatile long tls_mark;

static __attribute__((noinline)) void sleep_deep(long mark)
{
	tls_mark = mark;
	sleeper_tid = thread_id();
	for (;;)
		pause();
}

static void *sleeper(void *arg)
{
	sleep_deep(81);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		return 2;
	directory = argv[1];
	tls_mark = 80;
	make_anonymous();
	make_hugetlb();
	make_shared();
	make_files();
	make_devices();
	if (pthread_create(&thread, NULL, sleeper, NULL))
		die("pthread_create");
	while (!sleeper_tid || thread_state(sleeper_tid) != 'S')
		nap_ms(1);
	commands_serve();
	return 0;
}
