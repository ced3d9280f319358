// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate of one thread: the task work that keeps it from user mode, where it
 * waits, and when it may go on. The rules, locks and lifetimes are in hold.c.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/task_work.h>

#include "gate.h"
#include "hold.h"
#include "ksym.h"
#include "procdump.h"
#include "regs.h"

/**
 * procdump_gate_put_hold() - drop a reference to a hold
 * @hold: the hold
 *
 * Context: Any context.
 */
void procdump_gate_put_hold(struct procdump_hold *hold)
{
	if (refcount_dec_and_test(&hold->ref))
		kfree(hold);
}

static void thread_put(struct procdump_thread *thread)
{
	if (!refcount_dec_and_test(&thread->ref))
		return;
	if (thread->task)
		put_task_struct(thread->task);
	kfree(thread);
}

/* The work's references; the last thing a work does. */
static void work_put(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;

	thread_put(thread);
	procdump_gate_put_hold(hold);
	module_put(THIS_MODULE);
}

/**
 * procdump_gate_expired() - has the deadline of a hold passed?
 * @hold: the hold
 *
 * If it has, the hold is broken from now on.
 *
 * Context: Process context.
 * Return: true if it has.
 */
bool procdump_gate_expired(struct procdump_hold *hold)
{
	bool passed;

	spin_lock(&hold->lock);
	passed = ktime_after(ktime_get(), hold->deadline);
	if (passed)
		hold->broken = true;
	spin_unlock(&hold->lock);
	return passed;
}

static long jiffies_left(struct procdump_hold *hold)
{
	s64 ns;

	spin_lock(&hold->lock);
	ns = ktime_to_ns(ktime_sub(hold->deadline, ktime_get()));
	spin_unlock(&hold->lock);
	return ns > 0 ? nsecs_to_jiffies(ns) + 1 : 1;
}

static bool may_go(const struct procdump_thread *thread)
{
	return READ_ONCE(thread->hold->released) || READ_ONCE(thread->free);
}

/*
 * Not to be frozen here: the thread may have locked something, see gate(), and would
 * keep it until it is thawed. Who freezes it waits until the hold ends.
 */
static void park(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait(&thread->wait, &wait,
				TASK_KILLABLE | TASK_NOLOAD);
		if (may_go(thread) || fatal_signal_pending(current))
			break;
		if (!schedule_timeout(jiffies_left(hold)) &&
		    procdump_gate_expired(hold))
			break;
	}
	finish_wait(&thread->wait, &wait);
}

/*
 * The gate. Runs in the thread, on its way to user mode or to its end; also from
 * within some system calls that run task works, and may have locked what is theirs:
 * execve(), which cancels requests of io_uring, or KVM_RUN. A thread that has begun
 * to exit must not wait: it has taken its SIGKILL, and could not be killed.
 * PF_EXITING would say so too late: do_exit() sets PF_POSTCOREDUMP first, then
 * cancels requests of io_uring, which runs works.
 */
static void gate(struct callback_head *work)
{
	struct procdump_thread *thread =
		container_of(work, struct procdump_thread, work);
	struct procdump_hold *hold = thread->hold;
	bool stay;

	might_sleep();
	spin_lock(&thread->lock);
	stay = !may_go(thread) && current->mm == hold->mm &&
	       !(current->flags & (PF_EXITING | PF_POSTCOREDUMP));
	thread->gate = stay ? PROCDUMP_GATE_PARKED : PROCDUMP_GATE_LEFT;
	spin_unlock(&thread->lock);

	wake_up(&hold->wait);
	if (stay)
		park(thread);
	if (!may_go(thread) &&
	    !(thread->outside && current->mm != hold->mm))
		WRITE_ONCE(hold->left, true);
	if (stay) {
		spin_lock(&thread->lock);
		thread->gate = PROCDUMP_GATE_LEFT;
		spin_unlock(&thread->lock);
	}
	work_put(thread);
}

static bool is_work(struct callback_head *work, void *data)
{
	return work == data;
}

/**
 * procdump_gate_create() - allocate for a thread that will be gated
 * @hold: the hold
 *
 * Context: Process context. May sleep.
 * Return: the thread, without a task yet, or NULL.
 */
struct procdump_thread *procdump_gate_create(struct procdump_hold *hold)
{
	struct procdump_thread *thread;

	thread = kzalloc(sizeof(*thread), PROCDUMP_GFP);
	if (!thread)
		return NULL;
	thread->notes.room = procdump_regs_room();
	thread->notes.buf = kvmalloc(thread->notes.room, PROCDUMP_GFP);
	if (!thread->notes.buf) {
		kfree(thread);
		return NULL;
	}
	thread->hold = hold;
	refcount_set(&thread->ref, 1);
	spin_lock_init(&thread->lock);
	init_waitqueue_head(&thread->wait);
	init_task_work(&thread->work, gate);
	return thread;
}

/**
 * procdump_gate_free() - free what the dumper has of a thread
 * @thread: its work was taken back, or has its own reference
 *
 * Context: Process context.
 */
void procdump_gate_free(struct procdump_thread *thread)
{
	kvfree(thread->notes.buf);
	kvfree(thread->ioperm.buf);
	kfree(thread->stack.buf);
	thread_put(thread);
}

/**
 * procdump_gate_queue() - gate a thread
 * @thread: its task is known to exist
 *
 * A thread that is exiting is not gated any more.
 *
 * Context: Any context that may take spinlocks.
 */
void procdump_gate_queue(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;

	refcount_inc(&thread->ref);
	refcount_inc(&hold->ref);
	__module_get(THIS_MODULE);
	if (!task_work_add(thread->task, &thread->work, TWA_RESUME))
		return;
	thread->gate = PROCDUMP_GATE_LEFT;
	work_put(thread);
}

/**
 * procdump_gate_take_back() - take a work back, if it has not run
 * @thread: the thread; it may go on, or has been let go
 *
 * On a kernel that cannot, the work runs when the thread next leaves the kernel.
 *
 * Context: Process context.
 */
void procdump_gate_take_back(struct procdump_thread *thread)
{
	if (thread->gate == PROCDUMP_GATE_NONE)
		return;
	if (procdump_ksym_cancel(thread->task, is_work, &thread->work))
		work_put(thread);
}

/**
 * procdump_gate_open() - let one thread go before the hold ends
 * @thread: the thread
 *
 * In mode live, as soon as it is read. The work stays queued until the stack
 * is read too, but does not keep the thread any more.
 *
 * Context: Process context.
 */
void procdump_gate_open(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;
	u64 ns;

	WRITE_ONCE(thread->free, true);
	wake_up(&thread->wait);
	ns = ktime_to_ns(ktime_sub(ktime_get(), thread->gated));
	hold->longest_ns = max(hold->longest_ns, ns);
}

/**
 * procdump_gate_drain() - wait until no thread executes a work any more
 *
 * All works have dropped their references of the module, but one may be
 * preempted just behind that.
 *
 * Context: Process context, module exit. May sleep.
 */
void procdump_gate_drain(void)
{
	synchronize_rcu_tasks();
}
