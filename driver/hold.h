/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_HOLD_H
#define _PROCDUMP_HOLD_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/procdump.h>

#include "elf.h"
#include "regs.h"

/* Threads that mode live gates at once. */
#define PROCDUMP_LIVE_BATCH	64

struct mm_struct;
struct procdump_hold;
struct user_regset_view;

/* Where a thread is with respect to the gate; under its lock. */
enum procdump_gate_state {
	PROCDUMP_GATE_QUEUED,	/* the work has not run: not in user mode */
	PROCDUMP_GATE_PARKED,	/* waits in the work */
	PROCDUMP_GATE_LEFT,	/* went through, or is exiting */
	PROCDUMP_GATE_NONE,	/* no work: current, or never in user mode */
};

/**
 * struct procdump_thread - one thread of the target
 * @work: queued on the thread, see hold.c
 * @hold: the hold it belongs to
 * @ref: one of the hold's list, one of the queued work
 * @lock: see hold.c
 * @wait: where the thread parks
 * @gate: enum procdump_gate_state, under @lock
 * @task: a reference of our own
 * @node: in procdump_hold.threads
 * @todo: in procdump_hold.todo until it is done
 * @bucket: in procdump_hold.table
 * @caught: PROCDUMP_CAUGHT_*
 * @lost: it ended before it could be read, or began after all others were,
 *	and is not in the core
 * @outside: not a thread of the target, but it shares the memory
 * @state: letter of the thread's state before it was gated
 * @status: its identity and times
 * @siginfo: the signal that a tracer stopped it at, or all zeros
 * @tid: thread id in the pid namespace of the dumper
 * @notes: encoded notes of the thread, see regs.c
 * @notes_first: bytes of the first note, NT_PRSTATUS
 * @prstatus: its contents
 * @ioperm: the note of its I/O permissions, no buffer for most threads
 * @free: it may go on before the hold ends, in mode live
 * @gated: when it was gated
 * @nvcsw: its switch counts when it was read off the CPU
 * @nivcsw: likewise
 * @syscall: number of the system call that it is in, or -1
 * @args: its arguments
 * @wchan: the function it sleeps in, empty if that is not known
 * @stack: the note of its kernel stack, no buffer if it has none
 */
struct procdump_thread {
	struct callback_head work;
	struct procdump_hold *hold;
	refcount_t ref;
	spinlock_t lock; /* reader against work */
	wait_queue_head_t wait;
	enum procdump_gate_state gate;

	struct task_struct *task;
	struct list_head node;
	struct list_head todo;
	struct hlist_node bucket;
	u32 caught;
	bool lost;
	bool outside;
	char state;
	pid_t tid;

	struct procdump_status status;
	kernel_siginfo_t siginfo;
	struct procdump_notes notes;
	size_t notes_first;
	void *prstatus;
	struct procdump_notes ioperm;

	bool free;
	ktime_t gated;
	unsigned long nvcsw;
	unsigned long nivcsw;
	s64 syscall;
	u64 args[6];
	char wchan[PROCDUMP_WCHAN_LEN];
	struct procdump_notes stack;
};

/**
 * struct procdump_hold - the threads of a target that are kept from user mode
 * @ref: one of the dumper, one of each queued work
 * @mm: address space of the target, held by the caller; works compare only
 * @mm_refs: references to @mm that the dump has
 * @leader: any task of the target's thread group, the caller's reference
 * @threads: struct procdump_thread.node, in the order they were found
 * @todo: struct procdump_thread.todo, those whose registers are not read yet
 * @count: threads in @threads that belong to the target
 * @lost: of these, threads that ended before they were read
 * @outsiders: tasks in @threads that share the memory from outside
 * @workers: tasks that share the memory from outside and cannot be held
 * @live: each thread goes on as soon as it is read: nothing is held together
 * @batch: threads gated in this pass, in mode live
 * @most: threads after which mode live stops looking for more
 * @held_ns: from @began until every thread was held
 * @longest_ns: the longest that one thread was held, in mode live
 * @view: register sets of the target, known with the first thread read
 * @runtime: of all threads that ended before the catch, see
 *	procdump_capture_judge()
 * @left: a thread left the gate before the release: it was killed
 * @released: the hold is over
 * @taken_back: and no work is queued any more that could be taken back
 * @wait: the dumper waits here for threads to park
 * @lock: guards @deadline and @broken
 * @deadline: parked threads go on by themselves after this time
 * @broken: a thread did
 * @last: @deadline is never moved behind this time
 * @began: when the first thread was gated, 0 before
 * @ended: when the last thread was released, 0 before
 */
struct procdump_hold {
	refcount_t ref;
	struct mm_struct *mm;
	unsigned int mm_refs;
	struct task_struct *leader;
	struct list_head threads;
	struct list_head todo;
	unsigned int count;
	unsigned int lost;
	unsigned int outsiders;
	unsigned int workers;
	bool live;
	unsigned int batch;
	unsigned int most;
	u64 held_ns;
	u64 longest_ns;
	const struct user_regset_view *view;
	u64 runtime;
	bool left;
	bool released;
	bool taken_back;
	wait_queue_head_t wait;
	spinlock_t lock; /* deadline, broken */
	ktime_t deadline;
	bool broken;
	ktime_t last;
	ktime_t began;
	ktime_t ended;

	struct list_head spare;
	unsigned int spares;
	unsigned int table_bits;
	struct hlist_head *table;
};

struct procdump_hold *procdump_hold_create(struct task_struct *leader,
					   struct mm_struct *mm,
					   unsigned int mm_refs,
					   u64 max_pause_ns, bool live);
int procdump_hold_add_spares(struct procdump_hold *hold, unsigned int count);
struct hlist_head *procdump_hold_bucket(struct procdump_hold *hold,
					struct task_struct *task);

/* Threads that end before they are read, and sharers, are not in the core. */
static inline bool procdump_hold_in_core(const struct procdump_thread *thread)
{
	return !thread->lost && !thread->outside;
}

/* catch.c */
int procdump_hold_catch(struct procdump_hold *hold);
int procdump_hold_born(struct procdump_hold *hold);
void procdump_hold_read_stacks(struct procdump_hold *hold, bool frames);

ktime_t procdump_hold_left(struct procdump_hold *hold);
int procdump_hold_extend(struct procdump_hold *hold);
int procdump_hold_check(struct procdump_hold *hold);
void procdump_hold_let_go(struct procdump_hold *hold);
void procdump_hold_release(struct procdump_hold *hold);
void procdump_hold_destroy(struct procdump_hold *hold);

void procdump_hold_lead(struct procdump_hold *hold, struct task_struct *task);
struct procdump_thread *procdump_hold_first(struct procdump_hold *hold);
struct procdump_thread *procdump_hold_next(struct procdump_hold *hold,
					   struct procdump_thread *thread);

/* Each thread of the core, in its order. */
#define procdump_for_each_thread(hold, thread)				\
	for ((thread) = procdump_hold_first(hold); (thread);		\
	     (thread) = procdump_hold_next(hold, thread))

bool procdump_hold_compat(const struct procdump_hold *hold);
u64 procdump_hold_pause_ns(const struct procdump_hold *hold);

#endif /* _PROCDUMP_HOLD_H */
