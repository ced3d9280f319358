// SPDX-License-Identifier: GPL-2.0
/*
 * threads32 [-n THREADS]: threads with known registers, all asleep in pause(2);
 * a 32-bit program only. See threads64.c for the other.
 *
 * Every register that can hold a pattern holds one of its thread: see
 * pattern(). Each thread has an entry of its own in the table of segments,
 * besides that of libc, and blocks a signal.
 *
 * Printed before "ready PID":
 *	thread TID INDEX AVX BASE ENTRY
 * AVX is 1 if the upper halves of the vectors are set, too; BASE, in hex, is
 * the base address of entry number ENTRY.
 *
 * Commands: "verify" answers "ok"; "quit".
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <pthread.h>
#include <signal.h>

#include "target.h"

_Static_assert(sizeof(long) == 4, "a 32-bit program");

/* What the assembly below reads; offsets are written in it. */
struct frame {
	uint32_t regs[6];		/* 0x00 ebx ecx edx esi edi ebp */
	uint32_t x87;			/* 0x18 */
	uint32_t avx;			/* 0x1c */
	uint32_t vec[8][8];		/* 0x20 */
};

_Static_assert(offsetof(struct frame, vec) == 0x20, "vec");

struct thread {
	struct frame frame;
	unsigned int index;
	unsigned int entry;
	volatile int tid;
};

static struct thread *threads;
static unsigned int thread_count = 4;

void doze(const struct frame *frame);

asm(
".text\n"
".globl doze\n"
"doze:\n"
"	mov	4(%esp), %eax\n"
"	fninit\n"
"	fildl	0x18(%eax)\n"
"	cmpl	$0, 0x1c(%eax)\n"
"	je	1f\n"
"	.irp	n, 0,1,2,3,4,5,6,7\n"
"	vmovdqu	0x20 + 32 * \\n(%eax), %ymm\\n\n"
"	.endr\n"
"	jmp	2f\n"
"1:\n"
"	.irp	n, 0,1,2,3,4,5,6,7\n"
"	movdqu	0x20 + 32 * \\n(%eax), %xmm\\n\n"
"	.endr\n"
"2:\n"
"	mov	0x00(%eax), %ebx\n"
"	mov	0x04(%eax), %ecx\n"
"	mov	0x08(%eax), %edx\n"
"	mov	0x0c(%eax), %esi\n"
"	mov	0x10(%eax), %edi\n"
"	mov	0x14(%eax), %ebp\n"
"3:\n"
"	mov	$29, %eax\n"		/* pause */
"	int	$0x80\n"
"	jmp	3b\n"
);

/* r: 0 to 5 general registers; 16 + 8 * n + p part p of vector n. */
static uint32_t pattern(unsigned int index, unsigned int r)
{
	return 0x50000000u | index << 12 | r;
}

static uint32_t base_of(unsigned int index)
{
	return 0x50640000u + index;
}

static void *run(void *arg)
{
	struct thread *t = arg;
	struct user_desc entry = {
		.entry_number = -1,
		.base_addr = base_of(t->index),
		.limit = 0xfffff,
		.seg_32bit = 1,
		.limit_in_pages = 1,
	};
	sigset_t blocked;

	if (syscall(SYS_set_thread_area, &entry))
		die("set_thread_area");
	t->entry = entry.entry_number;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGRTMIN + t->index % 16);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	for (unsigned int r = 0; r < 6; r++)
		t->frame.regs[r] = pattern(t->index, r);
	t->frame.x87 = t->index + 1;
	t->frame.avx = __builtin_cpu_supports("avx");
	for (unsigned int v = 0; v < 8; v++) {
		for (unsigned int p = 0; p < 8; p++)
			t->frame.vec[v][p] = pattern(t->index, 16 + 8 * v + p);
	}
	t->tid = thread_id();
	doze(&t->frame);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int option;

	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n')
			return 2;
		thread_count = atoi(optarg);
	}
	threads = calloc(thread_count, sizeof(*threads));
	if (!threads)
		die("calloc");
	for (unsigned int i = 0; i < thread_count; i++) {
		threads[i].index = i;
		if (pthread_create(&thread, NULL, run, &threads[i]))
			die("pthread_create");
	}
	for (unsigned int i = 0; i < thread_count; i++) {
		while (!threads[i].tid || thread_state(threads[i].tid) != 'S')
			nap_ms(1);
		printf("thread %d %u %u %x %u\n", threads[i].tid, i,
		       threads[i].frame.avx, base_of(i), threads[i].entry);
	}
	commands_serve();
	return 0;
}
