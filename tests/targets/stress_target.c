// SPDX-License-Identifier: GPL-2.0
/*
 * stress_target BOARD SEAT SEED DIR: a process that does what a dump may meet:
 * it forks, shares its memory, executes itself, has threads that come and go,
 * maps, protects and unmaps, cuts the file that it has mapped, stops, and ends.
 * SEED, in hexadecimal, tells in which order; DIR is where the file is.
 *
 * Pages of its heap have checksums, and each thread looks at its own. No call
 * may return early: there is no signal with a handler, and to be stopped, frozen
 * or traced does not cut a nanosleep(). Whoever finds something wrong writes it
 * to the board.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "heap.h"
#include "stress.h"

#define PAGE 4096
#define OWN 32		/* pages of the heap of each thread */
#define FILE_PAGES 48
#define CHILDREN 3

static const char *board_path, *seat_name, *dir;
static struct stress_seat *seat;
static struct heap_page *heap;
static uint64_t state;		/* of the leader */
static uint64_t states[STRESS_THREADS];
static int children, file;
static char *shared, *private;

static void nap(uint32_t ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	if (nanosleep(&ts, NULL) && errno == EINTR) {
		stress_add(COUNT_EARLY);
		complain("target %s: nanosleep returned early", seat_name);
	}
}

static struct heap_page *own(int slot)
{
	return heap + (size_t)slot * OWN;
}

static void heap_fill(void)
{
	heap_crc_init();
	heap = mmap(NULL, (size_t)STRESS_THREADS * OWN * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < STRESS_THREADS * OWN; i++)
		heap_page_write(&heap[i], i, 1, 0);
}

static int heap_check(int slot, int page)
{
	stress_add(COUNT_PAGES);
	if (heap_page_good(own(slot) + page, slot * OWN + page, 1))
		return 0;
	complain("target %s: page %d of thread %d is not as it was written",
		 seat_name, page, slot);
	return 1;
}

static void heap_use(int slot, uint64_t *random)
{
	int page = stress_below(random, OWN);

	heap_check(slot, page);
	heap_page_write(own(slot) + page, slot * OWN + page, 1, stress_next(random) & 0xffff);
}

/* Mappings come, change and go, in parts. A part that is gone may be another thread's. */
static void mappings_use(uint64_t *random)
{
	static const int advice[] = { MADV_DONTFORK, MADV_WIPEONFORK, MADV_DONTDUMP,
				      MADV_HUGEPAGE, MADV_DONTNEED, MADV_NORMAL };
	size_t pages = 1 + stress_below(random, 64), cut = stress_below(random, pages);
	int flags = stress_below(random, 4) ? MAP_PRIVATE : MAP_SHARED;
	uint32_t ms = stress_below(random, 20), how = stress_below(random, 6);
	int prot = stress_below(random, 2) ? PROT_READ : PROT_NONE;
	char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return;
	stress_add(COUNT_MAPPINGS);
	for (size_t i = 0; i < pages; i += 1 + cut % 3)
		at[i * PAGE] = i;
	madvise(at, pages * PAGE, advice[how]);
	mprotect(at + cut * PAGE, PAGE, prot);
	nap(ms);
	munmap(at + cut * PAGE, PAGE);
	nap(ms / 2);
	if (cut)
		munmap(at, cut * PAGE);
	if (cut + 1 < pages)
		munmap(at + (cut + 1) * PAGE, (pages - cut - 1) * PAGE);
}

static void spin(uint32_t rounds)
{
	for (volatile uint32_t i = 0; i < rounds * 1000; i++)
		;
}

static void *worker(void *arg)
{
	int slot = (uint64_t *)arg - states;
	struct stress_thread *me = &seat->thread[slot];
	uint64_t *random = arg;

	atomic_store(&me->tid, thread_id());
	for (int left = 5 + stress_below(random, 40); left; left--) {
		atomic_fetch_add(&me->beats, 1);
		switch (stress_below(random, 5)) {
		case 0:
		case 1:
			heap_use(slot, random);
			break;
		case 2:
			mappings_use(random);
			break;
		case 3:
			spin(stress_below(random, 2000));
			break;
		default:
			nap(stress_below(random, 50));
		}
	}
	atomic_store(&me->tid, 0);
	return NULL;
}

static void thread_start(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int slot = 1;

	while (slot < STRESS_THREADS && atomic_load(&seat->thread[slot].tid))
		slot++;
	if (slot == STRESS_THREADS)
		return;
	states[slot] = stress_next(&state);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	atomic_store(&seat->thread[slot].tid, -1);
	if (pthread_create(&thread, &attr, worker, &states[slot]))
		atomic_store(&seat->thread[slot].tid, 0);
	else
		stress_add(COUNT_THREADS);
	pthread_attr_destroy(&attr);
}

/* Of the other threads' pages, one may have been half written when we forked. */
static void child_run(pid_t parent, uint64_t random)
{
	int bad = 0;

	end_with(parent);
	for (int left = stress_below(&random, 10); left; left--) {
		bad |= heap_check(0, stress_below(&random, OWN));
		nap(stress_below(&random, 30));
	}
	_exit(bad);
}

static void child_start(void)
{
	uint64_t random = stress_next(&state);
	pid_t parent = getpid(), pid;

	if (children >= CHILDREN)
		return;
	pid = fork();
	if (!pid)
		child_run(parent, random);
	if (pid < 0)
		return;
	children++;
	atomic_store(&seat->child, pid);
	stress_add(COUNT_FORKS);
}

static void children_reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		uint32_t expected = pid;

		if (children)
			children--;
		atomic_compare_exchange_strong(&seat->child, &expected, 0);
		if (stress_ended_badly(status))
			complain("target %s: a child ended with %#x", seat_name, status);
	}
}

static int sharer_run(void *ms)
{
	nap(*(uint32_t *)ms);
	_exit(0);
}

/* A process that shares our memory, and for which we wait in vfork() or not. */
static void sharer_start(void)
{
	static char stack[16 * PAGE] __attribute__((aligned(16)));
	uint32_t ms = stress_below(&state, 50);
	int flags = CLONE_VM | SIGCHLD | (stress_below(&state, 2) ? CLONE_VFORK : 0);
	pid_t pid = clone(sharer_run, stack + sizeof(stack), flags, &ms);
	int status = 0;

	if (pid < 0)
		return;
	stress_add(COUNT_SHARERS);
	if (waitpid(pid, &status, 0) != pid || status)
		complain("target %s: a sharer ended with %#x", seat_name, status);
}

static void file_map(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/mapped-%s", dir, seat_name);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0 || ftruncate(file, FILE_PAGES * PAGE))
		die(path);
	shared = mmap(NULL, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	private = mmap(NULL, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	if (shared == MAP_FAILED || private == MAP_FAILED)
		die("mmap");
}

/* Only the leader touches the pages, and only when they are there. */
static void file_cut(void)
{
	off_t left = stress_below(&state, FILE_PAGES) * PAGE + stress_below(&state, 2) * 100;
	uint32_t ms = stress_below(&state, 50);

	stress_add(COUNT_CUTS);
	if (ftruncate(file, left))
		return;
	nap(ms);
	if (ftruncate(file, FILE_PAGES * PAGE))
		die("ftruncate");
	for (int i = 0; i < FILE_PAGES; i += 2) {
		shared[i * PAGE] = ms;
		private[(i + 1) * PAGE] = ms;
	}
}

static void execute(void)
{
	char seed[32];

	stress_add(COUNT_EXECS);
	snprintf(seed, sizeof(seed), "%llx", (unsigned long long)state);
	execl("/proc/self/exe", "stress_target", board_path, seat_name, seed, dir, NULL);
	die("exec");
}

static void leader_end(void)
{
	atomic_store(&seat->thread[0].tid, 0);
	syscall(SYS_exit, 0);
}

static void stop(void)
{
	stress_add(COUNT_STOPS);
	raise(SIGSTOP);
}

static void step(void)
{
	switch (stress_below(&state, 400)) {
	case 0:
		_exit(0);
	case 1:
		leader_end();
		break;
	case 2 ... 9:
		execute();
		break;
	case 10 ... 19:
		stop();
		break;
	case 20 ... 69:
		child_start();
		break;
	case 70 ... 89:
		sharer_start();
		break;
	case 90 ... 129:
		file_cut();
		break;
	case 130 ... 189:
		thread_start();
		break;
	case 190 ... 249:
		mappings_use(&state);
		break;
	case 250 ... 339:
		heap_use(0, &state);
		break;
	default:
		nap(stress_below(&state, 50));
	}
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "stress_target BOARD SEAT SEED DIR\n");
		return 2;
	}
	board_path = argv[1];
	seat_name = argv[2];
	state = strtoull(argv[3], NULL, 16);
	dir = argv[4];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stress_map(board_path);
	seat = &board->seat[atoi(seat_name)];
	for (int i = 1; i < STRESS_THREADS; i++)
		atomic_store(&seat->thread[i].tid, 0);
	atomic_store(&seat->thread[0].tid, thread_id());
	atomic_store(&seat->pid, getpid());
	heap_fill();
	file_map();
	for (;;) {
		atomic_fetch_add(&seat->thread[0].beats, 1);
		children_reap();
		step();
	}
}
