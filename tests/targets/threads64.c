// SPDX-License-Identifier: GPL-2.0
/*
 * threads64 [-n THREADS] [-b BUSY] [-m MIB] [-s SEED] [-c]: threads with known
 * registers and a heap with a checksum in each page.
 *
 * Even threads spin in user mode, with -b at most BUSY of them; the others sleep in
 * read, futex, poll or nanosleep, in turn. One that spins costs a test as much time as
 * there is: emulated processors share the real ones. Every register that can hold a
 * pattern holds one: see pattern(). -c adds a thread that rewrites the heap, page by
 * page in rising order, round after round, so that memory of one moment is a staircase:
 * the first pages are one round ahead of the others.
 *
 * Printed before "ready PID":
 *	sym SPIN_BEGIN SPIN_END SLEEP_RETURN
 *	heap ADDRESS PAGES SEED
 *	pkru OFFSET		(0: none) in NT_X86_XSTATE
 *	churn ADDRESS		(0: none) of { u64 page + 1 or 0; u64 round }
 *	thread TID INDEX KIND FS GS STACK_LOW STACK_HIGH BLOCKED PENDING REG=VALUE,...
 * all numbers but TID, INDEX, PAGES, SEED and OFFSET in hex.
 *
 * Commands:
 *	verify		every thread leaves its wait and compares its
 *			registers, the heap is checked; "ok ..." or "bad ..."
 *	progress	"ok" once every spinning thread has gone round
 *	seal		mseal(2) on the heap: "ok", or "no" where there is none
 *	pool		shares 16 MiB of the pool of huge pages with nobody, from now on
 *	quit
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "heap.h"
#include "target.h"

/* Newer than some headers. */
#define SYS_MSEAL 462

enum { RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP,
	R8, R9, R10, R11, R12, R13, R14, R15, REGS };

static const char * const reg_names[REGS] = {
	"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
};

/* What the assembly below sees through gs; offsets are written in it. */
struct frame {
	uint64_t in[REGS];		/* 0x000 */
	uint64_t out[REGS];		/* 0x080 */
	uint64_t vec_in[16][4];		/* 0x100 */
	uint64_t vec_out[16][4];	/* 0x300 */
	uint32_t stop;			/* 0x500 */
	uint32_t arrived;		/* 0x504 */
	uint64_t count;			/* 0x508 */
	uint64_t x87_in;		/* 0x510 */
	uint64_t x87_out;		/* 0x518 */
};

_Static_assert(offsetof(struct frame, stop) == 0x500, "stop");
_Static_assert(offsetof(struct frame, x87_out) == 0x518, "x87_out");

enum kind { SPIN, READ, FUTEX, POLL, SLEEP, CHURN, KINDS };

static const char * const kind_names[KINDS] = {
	"spin", "read", "futex", "poll", "sleep", "churn",
};

struct thread {
	struct frame frame;
	unsigned int index;
	enum kind kind;
	pthread_t pthread;
	volatile int tid;
	uint64_t fs, stack_low, stack_high;
	uint64_t blocked, pending;
	int pipe[2];
	char byte;
	volatile uint32_t futex;
	struct pollfd pollfd;
	struct timespec sleep;
	volatile int asked;
	volatile unsigned int rounds;	/* times out of the wait */
	volatile unsigned int early;	/* of these, not asked for */
	volatile unsigned int eintr;	/* of these, by EINTR */
	volatile unsigned int bad;	/* times a register was wrong */
	char bad_reg[16];
};

static struct thread *threads;
static unsigned int thread_count = 64;
static uint64_t seed = 1;
static struct heap_page *heap;
static uint64_t heap_pages;
static volatile struct {
	uint64_t page;			/* being written, + 1; 0: none */
	uint64_t round;
} churn;
static volatile int churn_stop, churn_stopped;
int have_avx;
static unsigned int pkru_offset;	/* in NT_X86_XSTATE; 0: no such register */

extern const char spin_begin[], spin_end[], sleep_return[];
void spin_enter(void);
void sleep_enter(void);

asm(
".text\n"
".macro entry\n"
"	push	%rbx\n"
"	push	%rbp\n"
"	push	%r12\n"
"	push	%r13\n"
"	push	%r14\n"
"	push	%r15\n"
"	fninit\n"
"	fildq	%gs:0x510\n"
"	cmpl	$0, have_avx(%rip)\n"
"	je	1f\n"
"	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
"	vmovdqu	%gs:(0x100 + 32 * \\n), %ymm\\n\n"
"	.endr\n"
"	jmp	2f\n"
"1:\n"
"	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
"	movdqu	%gs:(0x100 + 32 * \\n), %xmm\\n\n"
"	.endr\n"
"2:\n"
"	movq	%gs:0x00, %rax\n"
"	movq	%gs:0x08, %rbx\n"
"	movq	%gs:0x10, %rcx\n"
"	movq	%gs:0x18, %rdx\n"
"	movq	%gs:0x20, %rsi\n"
"	movq	%gs:0x28, %rdi\n"
"	movq	%gs:0x30, %rbp\n"
"	movq	%gs:0x40, %r8\n"
"	movq	%gs:0x48, %r9\n"
"	movq	%gs:0x50, %r10\n"
"	movq	%gs:0x58, %r11\n"
"	movq	%gs:0x60, %r12\n"
"	movq	%gs:0x68, %r13\n"
"	movq	%gs:0x70, %r14\n"
"	movq	%gs:0x78, %r15\n"
"	movl	$1, %gs:0x504\n"
".endm\n"

".macro leave_to_c\n"
"	movq	%rax, %gs:0x80\n"
"	movq	%rbx, %gs:0x88\n"
"	movq	%rcx, %gs:0x90\n"
"	movq	%rdx, %gs:0x98\n"
"	movq	%rsi, %gs:0xa0\n"
"	movq	%rdi, %gs:0xa8\n"
"	movq	%rbp, %gs:0xb0\n"
"	movq	%r8, %gs:0xc0\n"
"	movq	%r9, %gs:0xc8\n"
"	movq	%r10, %gs:0xd0\n"
"	movq	%r11, %gs:0xd8\n"
"	movq	%r12, %gs:0xe0\n"
"	movq	%r13, %gs:0xe8\n"
"	movq	%r14, %gs:0xf0\n"
"	movq	%r15, %gs:0xf8\n"
"	movl	$0, %gs:0x504\n"
"	cmpl	$0, have_avx(%rip)\n"
"	je	1f\n"
"	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
"	vmovdqu	%ymm\\n, %gs:(0x300 + 32 * \\n)\n"
"	.endr\n"
"	vzeroupper\n"
"	jmp	2f\n"
"1:\n"
"	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
"	movdqu	%xmm\\n, %gs:(0x300 + 32 * \\n)\n"
"	.endr\n"
"2:\n"
"	fistpq	%gs:0x518\n"
"	fninit\n"
"	pop	%r15\n"
"	pop	%r14\n"
"	pop	%r13\n"
"	pop	%r12\n"
"	pop	%rbp\n"
"	pop	%rbx\n"
"	ret\n"
".endm\n"

".globl spin_enter, spin_begin, spin_end\n"
"spin_enter:\n"
"	entry\n"
"spin_begin:\n"
"	pause\n"
"	incq	%gs:0x508\n"
"	cmpl	$0, %gs:0x500\n"
"	je	spin_begin\n"
"spin_end:\n"
"	leave_to_c\n"

".globl sleep_enter, sleep_return\n"
"sleep_enter:\n"
"	entry\n"
"	syscall\n"
"sleep_return:\n"
"	leave_to_c\n"
);

/* r: 0 to 15 general registers; 32 + 8 * n + q quarter q of vector n. */
static uint64_t pattern(unsigned int index, unsigned int r)
{
	return 0x5064000000000000ull | (uint64_t)(index & 0xffff) << 32 |
	       r << 16 | (seed & 0xffff);
}

static void frame_fill(struct thread *t)
{
	struct frame *f = &t->frame;

	for (int r = 0; r < REGS; r++)
		f->in[r] = pattern(t->index, r);
	for (int v = 0; v < 16; v++) {
		for (int q = 0; q < 4; q++)
			f->vec_in[v][q] = pattern(t->index, 32 + 8 * v + q);
	}
	f->x87_in = t->index + 1;
	switch (t->kind) {
	case READ:
		f->in[RAX] = SYS_read;
		f->in[RDI] = t->pipe[0];
		f->in[RSI] = (uintptr_t)&t->byte;
		f->in[RDX] = 1;
		break;
	case FUTEX:
		f->in[RAX] = SYS_futex;
		f->in[RDI] = (uintptr_t)&t->futex;
		f->in[RSI] = FUTEX_WAIT_PRIVATE;
		f->in[RDX] = 0;
		f->in[R10] = 0;
		break;
	case POLL:
		f->in[RAX] = SYS_poll;
		f->in[RDI] = (uintptr_t)&t->pollfd;
		f->in[RSI] = 1;
		f->in[RDX] = (uint64_t)-1;
		break;
	case SLEEP:
		f->in[RAX] = SYS_nanosleep;
		f->in[RDI] = (uintptr_t)&t->sleep;
		f->in[RSI] = 0;
		break;
	default:
		break;
	}
}

/* Registers that a system call does not keep. */
static int reg_known(const struct thread *t, int r)
{
	if (r == RSP)
		return 0;
	return t->kind == SPIN || (r != RAX && r != RCX && r != R11);
}

/* Keys 0 and 1 stay as open as they are for all. */
static uint32_t keys_of(unsigned int index)
{
	return (index + 1) << 4;
}

static void keys_write(uint32_t keys)
{
	if (pkru_offset)	/* wrpkru */
		asm volatile(".byte 0x0f, 0x01, 0xef" : : "a"(keys), "c"(0), "d"(0));
}

static uint32_t keys_read(void)
{
	uint32_t keys, zero;

	asm volatile(".byte 0x0f, 0x01, 0xee" : "=a"(keys), "=d"(zero) : "c"(0));
	return keys;
}

static void keys_find(void)
{
	unsigned int a, b, c = 0, d;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(c & bit_OSPKE))
		return;
	if (__get_cpuid_count(0xd, 9, &a, &b, &c, &d))
		pkru_offset = b;
}

static void frame_compare(struct thread *t)
{
	struct frame *f = &t->frame;
	const char *bad = NULL;

	for (int r = 0; r < REGS; r++) {
		if (reg_known(t, r) && f->in[r] != f->out[r])
			bad = reg_names[r];
	}
	for (int v = 0; v < 16; v++) {
		if (memcmp(f->vec_in[v], f->vec_out[v], have_avx ? 32 : 16))
			bad = have_avx ? "ymm" : "xmm";
	}
	if (f->x87_in != f->x87_out)
		bad = "x87";
	if (pkru_offset && keys_read() != keys_of(t->index))
		bad = "pkru";
	if (bad) {
		t->bad++;
		snprintf(t->bad_reg, sizeof(t->bad_reg), "%s", bad);
	}
}

/* Threads that spin must not starve the one who dumps us. */
static void run_idle(void)
{
	struct sched_param param = { };

	if (sched_setscheduler(0, SCHED_IDLE, &param))
		die("SCHED_IDLE");
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	uint64_t size;
	pthread_attr_t attr;
	void *low;

	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &low, &size);
	t->stack_low = (uintptr_t)low;
	t->stack_high = t->stack_low + size;
	asm("movq %%fs:0, %0" : "=r"(t->fs));
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, &t->frame))
		die("ARCH_SET_GS");
	frame_fill(t);
	keys_write(keys_of(t->index));
	if (t->kind == SPIN)
		run_idle();
	t->tid = thread_id();
	for (;;) {
		int64_t result;
		int want;

		if (t->kind == SPIN)
			spin_enter();
		else
			sleep_enter();
		result = t->frame.out[RAX];
		want = t->kind == FUTEX ? 0 : 1;
		if (t->kind != SPIN && (!t->asked || result != want))
			t->early++;
		if (t->kind != SPIN && result == -EINTR)
			t->eintr++;
		frame_compare(t);
		if (t->asked) {
			if (t->kind == POLL && read(t->pipe[0], &t->byte, 1) != 1)
				die("read");
			t->frame.stop = 0;
			t->futex = 0;
			t->asked = 0;
		}
		t->rounds++;
	}
	return NULL;
}

static void *churn_main(void *arg)
{
	struct thread *t = arg;

	run_idle();
	t->tid = thread_id();
	t->frame.arrived = 1;
	for (;;) {
		churn.round++;
		for (uint64_t p = 0; p < heap_pages; p++) {
			while (churn_stop) {
				churn_stopped = 1;
				nap_ms(1);
			}
			churn_stopped = 0;
			churn.page = p + 1;
			asm volatile("" ::: "memory");
			heap_page_write(&heap[p], p, seed, churn.round);
			asm volatile("" ::: "memory");
			churn.page = 0;
			t->frame.count++;
		}
	}
	return NULL;
}

static int settled(struct thread *t)
{
	volatile uint32_t *arrived = &t->frame.arrived;

	if (!t->tid || !*arrived)
		return 0;
	return t->kind == SPIN || t->kind == CHURN || thread_state(t->tid) == 'S';
}

/* Wait until every thread is in its place; NULL, or the one that is not. */
static struct thread *settle(unsigned int count)
{
	double deadline = now() + TARGET_DEADLINE;

	for (unsigned int i = 0; i < count; i++) {
		while (!settled(&threads[i])) {
			if (now() > deadline)
				return &threads[i];
			nap_ms(1);
		}
	}
	return NULL;
}

static void thread_wake(struct thread *t)
{
	volatile uint32_t *stop = &t->frame.stop;

	t->asked = 1;
	switch (t->kind) {
	case SPIN:
		*stop = 1;
		break;
	case READ:
	case POLL:
		if (write(t->pipe[1], "x", 1) != 1)
			die("write");
		break;
	case FUTEX:
		t->futex = 1;
		syscall(SYS_futex, &t->futex, FUTEX_WAKE_PRIVATE, 1);
		break;
	default:
		t->asked = 0;
		break;
	}
}

static void command_verify(unsigned int count, unsigned int main_early)
{
	unsigned int early = main_early, eintr = main_early, rounds[count];
	struct thread *stuck;
	double deadline;

	/* One that was stopped finds its way back into its call first. */
	stuck = settle(count);
	if (stuck) {
		answer("bad thread %u is not in its place", stuck->index);
		return;
	}
	deadline = now() + TARGET_DEADLINE;
	churn_stop = 1;
	for (unsigned int i = 0; i < count; i++) {
		rounds[i] = threads[i].rounds;
		thread_wake(&threads[i]);
	}
	for (unsigned int i = 0; i < count; i++) {
		struct thread *t = &threads[i];

		if (t->kind == SLEEP || t->kind == CHURN)
			continue;
		while (t->rounds == rounds[i]) {
			if (now() > deadline) {
				answer("bad thread %u (%s) is stuck", i,
				       kind_names[t->kind]);
				return;
			}
			nap_ms(1);
		}
	}
	stuck = settle(count);
	if (stuck) {
		answer("bad thread %u does not come back", stuck->index);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		struct thread *t = &threads[i];

		early += t->early;
		eintr += t->eintr;
		if (t->bad) {
			answer("bad thread %u (%s): %s was changed", i,
			       kind_names[t->kind], t->bad_reg);
			return;
		}
	}
	while (count > thread_count && !churn_stopped) {
		if (now() > deadline) {
			answer("bad churn thread is stuck");
			return;
		}
		nap_ms(1);
	}
	for (uint64_t p = 0; p < heap_pages; p++) {
		if (!heap_page_good(&heap[p], p, seed)) {
			answer("bad page %llu", (unsigned long long)p);
			return;
		}
	}
	churn_stop = 0;
	answer("%s early=%u eintr=%u threads=%u pages=%llu",
	       early ? "bad" : "ok", early, eintr, count,
	       (unsigned long long)heap_pages);
}

static void command_progress(unsigned int count)
{
	double deadline = now() + TARGET_DEADLINE;
	uint64_t before[count];

	for (unsigned int i = 0; i < count; i++)
		before[i] = *(volatile uint64_t *)&threads[i].frame.count;
	for (unsigned int i = 0; i < count; i++) {
		struct thread *t = &threads[i];

		if (t->kind != SPIN && t->kind != CHURN)
			continue;
		while (*(volatile uint64_t *)&t->frame.count == before[i]) {
			if (now() > deadline) {
				answer("bad thread %u makes no progress", i);
				return;
			}
			nap_ms(1);
		}
	}
	answer("ok");
}

/*
 * Every thread blocks SIGRTMIN, every second one SIGUSR1, every third one
 * SIGUSR2; SIGRTMIN is then pending for the process, and SIGUSR2 for those
 * that block it, so that a dump has masks and pending signals to show.
 */
static void thread_block(struct thread *t)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (t->index % 2)
		sigaddset(&set, SIGUSR1);
	if (t->index % 3 == 0)
		sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	t->blocked = 1ull << (SIGRTMIN - 1);
	if (t->index % 2)
		t->blocked |= 1ull << (SIGUSR1 - 1);
	if (t->index % 3 == 0)
		t->blocked |= 1ull << (SIGUSR2 - 1);
}

static void thread_start(unsigned int i, enum kind kind)
{
	struct thread *t = &threads[i];
	pthread_attr_t attr;

	t->index = i;
	t->kind = kind;
	t->sleep.tv_sec = 1000000;
	if (pipe(t->pipe))
		die("pipe");
	t->pollfd.fd = t->pipe[0];
	t->pollfd.events = POLLIN;
	thread_block(t);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	if (pthread_create(&t->pthread, &attr,
			   kind == CHURN ? churn_main : thread_main, t))
		die("pthread_create");
}

static void threads_print(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct thread *t = &threads[i];
		const char *comma = "";

		printf("thread %d %u %s %llx %llx %llx %llx %llx %llx ", t->tid,
		       i, kind_names[t->kind], (unsigned long long)t->fs,
		       (unsigned long long)(t->kind == CHURN ? 0 : (uintptr_t)&t->frame),
		       (unsigned long long)t->stack_low,
		       (unsigned long long)t->stack_high,
		       (unsigned long long)t->blocked,
		       (unsigned long long)t->pending);
		for (int r = 0; r < REGS && t->kind != CHURN; r++) {
			if (!reg_known(t, r))
				continue;
			printf("%s%s=%llx", comma, reg_names[r],
			       (unsigned long long)t->frame.in[r]);
			comma = ",";
		}
		printf("%s\n", *comma ? "" : "-");
	}
}

static void command_pool(void)
{
	const size_t size = 16 << 20;
	void *pool = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (pool == MAP_FAILED)
		return answer("no: %s", strerror(errno));
	memset(pool, 7, size);
	answer("ok, %s the heap", (char *)pool < (char *)heap ? "before" : "behind");
}

static void usage(void)
{
	fputs("usage: threads64 [-n THREADS] [-b BUSY] [-m MIB] [-s SEED] [-c]\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static const enum kind sleepers[] = { READ, FUTEX, POLL, SLEEP };
	unsigned int count, early = 0;
	int mib = 64, with_churn = 0, busy = INT_MAX, option;
	sigset_t set;
	char *line;

	while ((option = getopt(argc, argv, "n:b:m:s:c")) != -1) {
		if (option == 'n')
			thread_count = atoi(optarg);
		else if (option == 'b')
			busy = atoi(optarg);
		else if (option == 'm')
			mib = atoi(optarg);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (option == 'c')
			with_churn = 1;
		else
			usage();
	}
	have_avx = __builtin_cpu_supports("avx");
	keys_find();
	/* Not 64 MiB of reservation for each thread. */
	mallopt(M_ARENA_MAX, 1);
	heap_crc_init();
	heap_pages = (uint64_t)mib << 8;
	heap = mmap(NULL, heap_pages * HEAP_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap == MAP_FAILED)
		die("mmap");
	for (uint64_t p = 0; p < heap_pages; p++)
		heap_page_write(&heap[p], p, seed, 0);

	count = thread_count + with_churn;
	threads = aligned_alloc(4096, (count * sizeof(*threads) + 4095) & ~4095ul);
	if (!threads)
		die("aligned_alloc");
	memset(threads, 0, count * sizeof(*threads));
	for (unsigned int i = 0; i < thread_count; i++)
		thread_start(i, i % 2 || busy-- <= 0 ? sleepers[i / 2 % 4] : SPIN);
	if (with_churn)
		thread_start(thread_count, CHURN);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	if (settle(count))
		die("a thread did not start");
	kill(getpid(), SIGRTMIN);
	for (unsigned int i = 0; i < thread_count; i++) {
		if (threads[i].blocked & 1ull << (SIGUSR2 - 1)) {
			syscall(SYS_tgkill, getpid(), threads[i].tid, SIGUSR2);
			threads[i].pending = 1ull << (SIGUSR2 - 1);
		}
	}

	printf("sym %lx %lx %lx\n", (long)spin_begin, (long)spin_end,
	       (long)sleep_return);
	printf("heap %lx %llu %llu\n", (long)heap,
	       (unsigned long long)heap_pages, (unsigned long long)seed);
	printf("avx %d\n", have_avx);
	printf("pkru %u\n", pkru_offset);
	printf("churn %lx\n", with_churn ? (long)&churn : 0);
	threads_print(count);
	answer("ready %d", getpid());

	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			command_verify(count, early);
		else if (!strcmp(line, "progress"))
			command_progress(count);
		else if (!strcmp(line, "pool"))
			command_pool();
		else if (!strcmp(line, "seal"))
			answer(syscall(SYS_MSEAL, heap, heap_pages * HEAP_PAGE, 0) ?
			       "no" : "ok");
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	return 0;
}
