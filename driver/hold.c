// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps every thread of the target from returning to user mode, reads their
 * registers, and lets them go. The threads are found and
 * read in catch.c; what keeps each of them is in gate.c.
 *
 * How: a task work is queued on each thread with TWA_RESUME. It runs when the
 * thread is about to return to user mode, and waits there. It wakes no
 * sleeper, sets no signal pending and makes no system call return early. From
 * the moment it is queued the thread executes nothing in user mode: it is
 * gated. A gated thread that arrives at the work is parked; one that is not
 * running is off CPU, in whatever state. The user registers of both are
 * complete in memory, and one reader, the dumper, copies them from outside.
 *
 * Who owns what. A struct procdump_thread has a reference of the hold's list
 * and one of the queued work, which the work drops when it has run, or the
 * dumper when it takes the work back. So has the struct procdump_hold. Each
 * queued work holds a reference of the module, so that it cannot be unloaded
 * before all works have run or were taken back; a work that has dropped its
 * reference may still execute its last instructions, which
 * procdump_gate_drain() waits for when the module goes.
 *
 * Locks. procdump_thread.lock is held by the dumper while it copies a thread's
 * registers, and taken by the work before it does anything. A thread that is
 * killed and exits runs its works before it gives up its stack and its FPU
 * state, so both stay while the lock is held and the work has not gone
 * through. It is a spinlock, so that a dumper that is throttled cannot keep the
 * thread. It and procdump_hold.lock are leaves. Threads that the kernel made
 * for the target, such as io_uring workers, have no work and no user registers:
 * they are not looked into.
 *
 * Time. Every parked thread wakes by itself at procdump_hold.deadline, which
 * the dumper moves on as long as the dump makes progress, at most to
 * procdump_hold.last, the pause budget. A thread that goes on at the deadline
 * marks the hold broken under procdump_hold.lock, and the dumper, which tests
 * the mark under the same lock whenever it moves the deadline, fails with
 * -ETIMEDOUT. So a dead, blocked or throttled dumper holds nobody.
 *
 * SIGKILL to the target: a parked thread leaves the work and exits; one that
 * sleeps exits through the work. SIGKILL to the dumper: each wait and each
 * write of a dump ends, and the hold is released on the way out. Exec: the
 * thread waits for the dumper's exec_update_lock, then goes through the work
 * with another mm, and is not parked; one that has its new mm already, and not
 * its new registers yet, is waited for. A stop signal, a tracer or a freezer that
 * comes while a thread is parked is seen by it after the release.
 */
#include <linux/elf.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/regset.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "gate.h"
#include "hold.h"
#include "procdump.h"
#include "regs.h"

/**
 * procdump_hold_bucket() - where a task is found
 * @hold: the hold
 * @task: the task
 *
 * Context: Any context.
 * Return: the list of threads that it would be in.
 */
struct hlist_head *procdump_hold_bucket(struct procdump_hold *hold,
					struct task_struct *task)
{
	return &hold->table[hash_ptr(task, hold->table_bits)];
}

/**
 * procdump_hold_add_spares() - allocate for threads that will be gated
 * @hold: the hold
 * @count: how many there shall be room for
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM; -EINTR if current was killed.
 */
int procdump_hold_add_spares(struct procdump_hold *hold, unsigned int count)
{
	struct procdump_thread *thread;

	while (hold->spares < count) {
		if (fatal_signal_pending(current))
			return -EINTR;
		thread = procdump_gate_create(hold);
		if (!thread)
			return -ENOMEM;
		list_add(&thread->node, &hold->spare);
		hold->spares++;
		cond_resched();
	}
	return 0;
}

static void free_list(struct list_head *list)
{
	struct procdump_thread *thread, *next;

	list_for_each_entry_safe(thread, next, list, node) {
		list_del(&thread->node);
		procdump_gate_free(thread);
	}
}

/**
 * procdump_hold_create() - prepare a hold
 * @leader: any task of the target's thread group; the caller keeps its
 *	reference until procdump_hold_destroy()
 * @mm: the target's memory, likewise
 * @mm_refs: references to @mm that the dump has
 * @max_pause_ns: pause budget in nanoseconds, 0 for none
 * @live: let each thread go on as soon as its registers are read
 *
 * Allocates for the threads that the target has now. Holds nothing yet.
 *
 * Context: Process context. May sleep.
 * Return: the hold, or ERR_PTR(): -ENOMEM; -EINTR if current was killed.
 */
struct procdump_hold *procdump_hold_create(struct task_struct *leader,
					   struct mm_struct *mm,
					   unsigned int mm_refs,
					   u64 max_pause_ns, bool live)
{
	unsigned int threads = get_nr_threads(leader);
	struct procdump_hold *hold;
	int err;

	hold = kzalloc(sizeof(*hold), PROCDUMP_GFP);
	if (!hold)
		return ERR_PTR(-ENOMEM);
	refcount_set(&hold->ref, 1);
	hold->leader = leader;
	hold->mm = mm;
	hold->mm_refs = mm_refs;
	hold->live = live;
	hold->most = 2 * threads + PROCDUMP_LIVE_BATCH;
	INIT_LIST_HEAD(&hold->threads);
	INIT_LIST_HEAD(&hold->todo);
	INIT_LIST_HEAD(&hold->spare);
	init_waitqueue_head(&hold->wait);
	spin_lock_init(&hold->lock);
	hold->view = procdump_regs_view(mm);
	hold->last = max_pause_ns > KTIME_MAX ? KTIME_MAX : max_pause_ns;
	hold->table_bits = clamp(ilog2(threads) + 1, 8, 16);
	hold->table = kvcalloc(1UL << hold->table_bits, sizeof(*hold->table),
			       PROCDUMP_GFP);
	err = hold->table ? procdump_hold_add_spares(hold, threads + 8) : -ENOMEM;
	if (err) {
		procdump_hold_destroy(hold);
		return ERR_PTR(err);
	}
	return hold;
}

/**
 * procdump_hold_check() - is the hold still whole?
 * @hold: the hold
 *
 * Context: Process context.
 * Return: 0; -EINTR if current was killed; -ETIMEDOUT if a thread went on at
 * the deadline, or could have.
 */
int procdump_hold_check(struct procdump_hold *hold)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (READ_ONCE(hold->released))
		return 0;
	return procdump_gate_expired(hold) ? -ETIMEDOUT : 0;
}

/**
 * procdump_hold_left() - for how long may the dump make no progress?
 * @hold: a hold that is not released
 *
 * Context: Process context.
 * Return: the time until the target goes on for that; KTIME_MAX if the pause budget
 * ends before.
 */
ktime_t procdump_hold_left(struct procdump_hold *hold)
{
	ktime_t left = KTIME_MAX;

	spin_lock(&hold->lock);
	if (hold->deadline && ktime_before(hold->deadline, hold->last))
		left = max(ktime_sub(hold->deadline, ktime_get()), 0LL);
	spin_unlock(&hold->lock);
	return left;
}

/**
 * procdump_hold_extend() - the dump makes progress: move the deadline on
 * @hold: the hold; nothing happens when it is released
 *
 * Context: Process context.
 * Return: as procdump_hold_check().
 */
int procdump_hold_extend(struct procdump_hold *hold)
{
	ktime_t now = ktime_get(), next;
	int err = 0;

	if (fatal_signal_pending(current))
		return -EINTR;
	if (READ_ONCE(hold->released))
		return 0;
	next = ktime_add_ms(now, READ_ONCE(procdump_stall_ms));
	if (ktime_after(next, hold->last))
		next = hold->last;
	spin_lock(&hold->lock);
	if (hold->broken ||
	    (hold->deadline && ktime_after(now, hold->deadline))) {
		hold->broken = true;
		err = -ETIMEDOUT;
	} else {
		hold->deadline = next;
	}
	spin_unlock(&hold->lock);
	return err;
}

/**
 * procdump_hold_let_go() - let all threads go
 * @hold: the hold; may be released already, or never have held
 *
 * The threads are not waited for: each leaves when it next gets the CPU. Works
 * that have not run stay queued until procdump_hold_release(), so that the
 * stacks of sleepers stay; they keep nobody.
 *
 * Context: Process context. Does not fail and does not wait for the target.
 */
void procdump_hold_let_go(struct procdump_hold *hold)
{
	struct procdump_thread *thread;

	if (hold->released)
		return;
	WRITE_ONCE(hold->released, true);
	list_for_each_entry(thread, &hold->threads, node)
		wake_up(&thread->wait);
	if (hold->began)
		hold->ended = ktime_get();
}

/**
 * procdump_hold_release() - let all threads go, and take the works back
 * @hold: the hold; may be released already, or never have held
 *
 * Context: Process context. Does not fail and does not wait for the target.
 */
void procdump_hold_release(struct procdump_hold *hold)
{
	struct procdump_thread *thread;

	if (hold->taken_back)
		return;
	procdump_hold_let_go(hold);
	hold->taken_back = true;
	list_for_each_entry(thread, &hold->threads, node) {
		procdump_gate_take_back(thread);
		cond_resched();
	}
}

/**
 * procdump_hold_destroy() - release and free
 * @hold: the hold
 *
 * Context: Process context.
 */
void procdump_hold_destroy(struct procdump_hold *hold)
{
	procdump_hold_release(hold);
	free_list(&hold->threads);
	free_list(&hold->spare);
	kvfree(hold->table);
	hold->table = NULL;
	procdump_gate_put_hold(hold);
}

/**
 * procdump_hold_lead() - put a thread first in the core
 * @hold: after procdump_hold_catch()
 * @task: the thread; nothing happens if it is not held
 *
 * Context: Process context.
 */
void procdump_hold_lead(struct procdump_hold *hold, struct task_struct *task)
{
	struct procdump_thread *thread;

	hlist_for_each_entry(thread, procdump_hold_bucket(hold, task), bucket) {
		if (thread->task == task) {
			list_move(&thread->node, &hold->threads);
			return;
		}
	}
}

/**
 * procdump_hold_next() - the next thread that goes into the core
 * @hold: after procdump_hold_catch()
 * @thread: one that does
 *
 * Context: Process context.
 * Return: the thread, NULL after the last.
 */
struct procdump_thread *procdump_hold_next(struct procdump_hold *hold,
					   struct procdump_thread *thread)
{
	list_for_each_entry_continue(thread, &hold->threads, node) {
		if (procdump_hold_in_core(thread))
			return thread;
	}
	return NULL;
}

/**
 * procdump_hold_first() - the first thread that goes into the core
 * @hold: after procdump_hold_catch()
 *
 * Context: Process context.
 * Return: the thread, NULL if there is none.
 */
struct procdump_thread *procdump_hold_first(struct procdump_hold *hold)
{
	struct procdump_thread *head =
		list_entry(&hold->threads, struct procdump_thread, node);

	return procdump_hold_next(hold, head);
}

/**
 * procdump_hold_compat() - is the target a 32-bit process?
 * @hold: the hold
 *
 * Context: Process context.
 * Return: true if it is, and its class is known.
 */
bool procdump_hold_compat(const struct procdump_hold *hold)
{
	return hold->view && hold->view->e_machine == EM_386 &&
	       hold->mm->task_size <= U32_MAX;
}

/**
 * procdump_hold_pause_ns() - how long the target was held
 * @hold: the hold
 *
 * Context: Any context.
 * Return: nanoseconds from the first thread gated to the last released, or
 * until now if they are not released. In mode live, where each thread is
 * released by itself, the longest that one was held.
 */
u64 procdump_hold_pause_ns(const struct procdump_hold *hold)
{
	ktime_t end = hold->ended ? hold->ended : ktime_get();

	if (hold->live)
		return hold->longest_ns;
	return hold->began ? ktime_to_ns(ktime_sub(end, hold->began)) : 0;
}
