// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the threads of a target, gates them, and reads their registers and
 * kernel stacks from outside. The rules, locks and lifetimes are in hold.c.
 */
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "gate.h"
#include "hold.h"
#include "procdump.h"
#include "regs.h"
#include "stack.h"

/* Passes over the thread list before the target counts as a moving one. */
#define MAX_PASSES	1000

static bool known(struct procdump_hold *hold, struct task_struct *task)
{
	struct procdump_thread *thread;

	hlist_for_each_entry(thread, procdump_hold_bucket(hold, task), bucket) {
		if (thread->task == task)
			return true;
	}
	return false;
}

/*
 * Gates one task. The work is queued while the task is known to exist, under
 * rcu_read_lock(), and takes what it needs from @hold's spares.
 */
static void gate_task(struct procdump_hold *hold, struct task_struct *task,
		      bool outside)
{
	struct procdump_thread *thread;

	thread = list_first_entry(&hold->spare, struct procdump_thread, node);
	hold->spares--;
	thread->task = get_task_struct(task);
	thread->tid = task_pid_vnr(task);
	thread->state = task_state_to_char(task);
	thread->syscall = -1;
	thread->gated = ktime_get();
	thread->outside = outside;
	hold->batch++;
	list_move_tail(&thread->node, &hold->threads);
	list_add_tail(&thread->todo, &hold->todo);
	hlist_add_head(&thread->bucket, procdump_hold_bucket(hold, task));
	if (outside)
		hold->outsiders++;
	else
		hold->count++;
	if (task == current || compat_is_worker(task))
		thread->gate = PROCDUMP_GATE_NONE;
	else
		procdump_gate_queue(thread);
}

/* Gates what is new in the thread group. Returns how many did not fit. */
static unsigned int gate_group(struct procdump_hold *hold,
			       struct task_struct *group, bool outside,
			       bool *found)
{
	struct task_struct *task;
	unsigned int missing = 0;

	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "thread list needs RCU");
	for_each_thread(group, task) {
		if (task->exit_state || READ_ONCE(task->mm) != hold->mm ||
		    known(hold, task))
			continue;
		*found = true;
		if (hold->live && hold->batch >= PROCDUMP_LIVE_BATCH)
			return 0;
		if (hold->spares)
			gate_task(hold, task, outside);
		else
			missing++;
	}
	return missing;
}

/*
 * Processes outside the target that share its memory: a vfork child, or the
 * product of a clone() with CLONE_VM alone. Kernel threads that borrow the
 * memory cannot be held and are counted.
 */
static unsigned int gate_sharers(struct procdump_hold *hold, bool *found)
{
	struct task_struct *process;
	unsigned int missing = 0;

	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "process list needs RCU");
	hold->workers = 0;
	for_each_process(process) {
		if (same_thread_group(process, hold->leader))
			continue;
		if (process->flags & PF_KTHREAD) {
			hold->workers += READ_ONCE(process->mm) == hold->mm;
			continue;
		}
		missing += gate_group(hold, process, true, found);
	}
	return missing;
}

/* More users of the memory than the threads that we know and ourselves. */
static bool may_be_shared(struct procdump_hold *hold)
{
	unsigned int ours = hold->count - hold->lost + hold->mm_refs;

	return atomic_read(&hold->mm->mm_users) > ours;
}

/*
 * Gates all threads that there are; threads that are born meanwhile are found
 * by the next pass, until a pass finds none. Returns 1 if any was new, 0 if
 * not, or an errno.
 */
static int gate_all(struct procdump_hold *hold)
{
	unsigned int passes, missing;
	bool found, any = false;
	int err;

	if (hold->live && hold->count >= hold->most)
		return 0;
	for (passes = 0; passes < MAX_PASSES; passes++) {
		found = false;
		hold->batch = 0;
		rcu_read_lock();
		missing = gate_group(hold, hold->leader, false, &found);
		if (!hold->live && may_be_shared(hold))
			missing += gate_sharers(hold, &found);
		rcu_read_unlock();
		if (!found)
			return any;
		any = true;
		err = procdump_hold_add_spares(hold, missing + missing / 4);
		if (!err)
			err = procdump_hold_check(hold);
		if (err)
			return err;
		if (hold->live && hold->batch)
			return any;
	}
	return -ETIMEDOUT;
}

static bool off_cpu(const struct task_struct *task)
{
#ifdef CONFIG_SMP
	/* Pairs with the release in finish_task(): its registers are saved. */
	return !smp_load_acquire(&task->on_cpu);
#else
	return true;
#endif
}

/* Not since its switch counts were noted. */
static bool did_not_run(const struct procdump_thread *thread)
{
	const struct task_struct *task = thread->task;

	return off_cpu(task) && thread->nvcsw == READ_ONCE(task->nvcsw) &&
	       thread->nivcsw == READ_ONCE(task->nivcsw);
}

/*
 * Copies the registers of a thread that does not run. A sleeper may be woken
 * meanwhile and run inside the kernel; its switch counts move only when it is
 * switched out again, so both are looked at before and after.
 */
static bool copy_regs(struct procdump_thread *thread, bool parked)
{
	struct task_struct *task = thread->task;
	unsigned long nvcsw, nivcsw;

	lockdep_assert_held(&thread->lock);
	if (!off_cpu(task))
		return false;
	nvcsw = READ_ONCE(task->nvcsw);
	nivcsw = READ_ONCE(task->nivcsw);
	if (!procdump_regs_read(thread, parked))
		return false;
	thread->nvcsw = nvcsw;
	thread->nivcsw = nivcsw;
	/* The copy comes before the second look. */
	smp_rmb();
	return did_not_run(thread);
}

static bool try_catch_worker(struct procdump_thread *thread)
{
	if (!thread->outside) {
		if (!thread->hold->view)
			return false;
		procdump_regs_blank(thread);
	}
	thread->caught = PROCDUMP_CAUGHT_WORKER;
	return true;
}

/*
 * Was the thread interrupted within a call that makes threads? It will park
 * soon, and then all its children are there to be gated. One that sleeps in
 * such a call, as a vfork parent does, may sleep for long: not waited for.
 */
static bool bearing(struct procdump_thread *thread)
{
	struct task_struct *task = thread->task;

	return !thread->hold->live && thread->gate == PROCDUMP_GATE_QUEUED &&
	       READ_ONCE(task->__state) == TASK_RUNNING &&
	       compat_in_clone(task);
}

/*
 * Is the thread in execve(), where its registers may not belong to its memory? It
 * will park soon, or wait for our exec_update_lock. If it waits for what it executes,
 * its registers are not in the core.
 */
static bool executing(struct procdump_thread *thread)
{
	return !thread->outside && thread->gate == PROCDUMP_GATE_QUEUED &&
	       compat_has_old_regs(thread->task, thread->hold->mm);
}

/* True when nothing is left to do for this thread. */
static bool try_catch(struct procdump_thread *thread)
{
	struct task_struct *task = thread->task;

	lockdep_assert_held(&thread->lock);
	if (task == current) {
		procdump_regs_read(thread, true);
		thread->caught = PROCDUMP_CAUGHT_SELF;
		return true;
	}
	if (thread->gate == PROCDUMP_GATE_LEFT || task->flags & PF_EXITING) {
		thread->lost = true;
		return true;
	}
	if (thread->gate == PROCDUMP_GATE_NONE)
		return try_catch_worker(thread);
	if (bearing(thread) || executing(thread))
		return false;
	if (thread->outside ? !off_cpu(task) :
	    !copy_regs(thread, thread->gate == PROCDUMP_GATE_PARKED))
		return false;
	thread->caught = thread->gate == PROCDUMP_GATE_PARKED ?
			 PROCDUMP_CAUGHT_PARKED : PROCDUMP_CAUGHT_OFF_CPU;
	return true;
}

/* One round over the threads that are not done. True when all are. */
static bool catch_round(struct procdump_hold *hold)
{
	struct procdump_thread *thread, *next;
	bool done;

	list_for_each_entry_safe(thread, next, &hold->todo, todo) {
		procdump_regs_prepare(thread);
		spin_lock(&thread->lock);
		done = try_catch(thread);
		spin_unlock(&thread->lock);
		if (!done)
			continue;
		list_del_init(&thread->todo);
		hold->lost += thread->lost && !thread->outside;
		if (hold->live)
			procdump_gate_open(thread);
		cond_resched();
	}
	return list_empty(&hold->todo);
}

/* Sleeps until a thread parks, or for @us: falling asleep wakes nobody. */
static void wait_for_threads(struct procdump_hold *hold, unsigned int us)
{
	ktime_t expires = ns_to_ktime((u64)us * NSEC_PER_USEC);
	DEFINE_WAIT(wait);

	prepare_to_wait(&hold->wait, &wait, TASK_KILLABLE);
	if (!fatal_signal_pending(current))
		schedule_hrtimeout_range(&expires, 10 * NSEC_PER_USEC,
					 HRTIMER_MODE_REL);
	finish_wait(&hold->wait, &wait);
}

/*
 * Threads that did not leave the kernel in time: what they execute is not
 * known, so their notes have their identity and no registers.
 */
static void give_up(struct procdump_hold *hold)
{
	struct procdump_thread *thread, *next;

	list_for_each_entry_safe(thread, next, &hold->todo, todo) {
		spin_lock(&thread->lock);
		if (!thread->outside)
			procdump_regs_blank(thread);
		thread->caught = PROCDUMP_CAUGHT_NOT;
		spin_unlock(&thread->lock);
		list_del_init(&thread->todo);
		if (hold->live)
			procdump_gate_open(thread);
	}
}

static bool is_held(const struct procdump_thread *thread)
{
	return READ_ONCE(thread->gate) != PROCDUMP_GATE_QUEUED ||
	       off_cpu(thread->task);
}

/*
 * Waits until no thread that is gated executes anything any more. Those that
 * run inside the kernel for longer are left to catch_known().
 */
static int wait_until_held(struct procdump_hold *hold, ktime_t until)
{
	struct procdump_thread *thread;
	unsigned int us = 20;
	int err;

	list_for_each_entry(thread, &hold->todo, todo) {
		while (!is_held(thread) && ktime_before(ktime_get(), until)) {
			err = procdump_hold_extend(hold);
			if (err)
				return err;
			wait_for_threads(hold, us);
			us = min(us * 2, 1000U);
		}
	}
	hold->held_ns = ktime_to_ns(ktime_sub(ktime_get(), hold->began));
	return 0;
}

static int catch_known(struct procdump_hold *hold, ktime_t until)
{
	unsigned int us = 20;
	int err;

	while (!catch_round(hold)) {
		err = procdump_hold_extend(hold);
		if (err)
			return err;
		if (ktime_after(ktime_get(), until)) {
			give_up(hold);
			return 0;
		}
		wait_for_threads(hold, us);
		us = min(us * 2, 1000U);
	}
	return 0;
}

/**
 * procdump_hold_catch() - hold the target and read all registers
 * @hold: from procdump_hold_create()
 *
 * Without an error, each thread of the target is parked, off CPU or marked
 * as neither, and its notes are encoded. In mode live none of them is held any
 * more. When it fails the caller must still release what was held until then.
 *
 * Context: Process context. May sleep, killably, at most for catch_ms and the
 * pause budget.
 * Return: 0; -EINTR if current was killed; -ENOMEM; -ESRCH if no thread is
 * left; -ETIMEDOUT if the pause budget has passed, or threads are born faster
 * than they can be held.
 */
int procdump_hold_catch(struct procdump_hold *hold)
{
	ktime_t now = ktime_get();
	ktime_t until = ktime_add_ms(now, READ_ONCE(procdump_catch_ms));
	int err;

	might_sleep();
	hold->began = now;
	hold->last = hold->last ? ktime_add_safe(now, hold->last) : KTIME_MAX;
	err = procdump_hold_extend(hold);
	if (err)
		return err;
	for (err = gate_all(hold); err > 0; err = gate_all(hold)) {
		err = hold->live ? 0 : wait_until_held(hold, until);
		if (!err)
			err = catch_known(hold, until);
		if (err)
			return err;
	}
	if (err)
		return err;
	if (hold->live)
		hold->held_ns = ktime_to_ns(ktime_sub(ktime_get(), now));
	hold->runtime = READ_ONCE(hold->leader->signal->sum_sched_runtime);
	return procdump_hold_first(hold) ? 0 : -ESRCH;
}

/* Threads that came too late for the core: it is of the moment before. */
static void leave_out(struct procdump_hold *hold)
{
	struct procdump_thread *thread, *next;

	list_for_each_entry_safe(thread, next, &hold->todo, todo) {
		list_del_init(&thread->todo);
		thread->lost = true;
		hold->lost += !thread->outside;
	}
}

/**
 * procdump_hold_born() - did a thread run since the catch?
 * @hold: after procdump_hold_catch()
 *
 * A thread that was inside clone() may have made one that no gate was there
 * for. It is gated now, and not in the core. One that has ended again left its
 * run time behind.
 *
 * Context: Process context. May sleep, killably.
 * Return: 1 if there was one, 0 if not, or an error as procdump_hold_catch().
 */
int procdump_hold_born(struct procdump_hold *hold)
{
	const struct signal_struct *sig = hold->leader->signal;
	int err;

	err = procdump_hold_extend(hold);
	if (!err)
		err = gate_all(hold);
	leave_out(hold);
	return err ?: READ_ONCE(sig->sum_sched_runtime) != hold->runtime;
}

/*
 * The stack of a thread that has slept since its registers were read. It
 * cannot exit past its work, which waits for the lock.
 */
static unsigned int save_stack(struct procdump_thread *thread,
			       unsigned long *frames)
{
	unsigned int count = 0;

	spin_lock(&thread->lock);
	if (thread->caught == PROCDUMP_CAUGHT_OFF_CPU &&
	    thread->gate == PROCDUMP_GATE_QUEUED &&
	    !(thread->task->flags & PF_EXITING) && did_not_run(thread)) {
		count = procdump_stack_save(thread->task, frames);
		/* The copy comes before the second look. */
		smp_rmb();
		if (!did_not_run(thread))
			count = 0;
	}
	spin_unlock(&thread->lock);
	return count;
}

/**
 * procdump_hold_read_stacks() - what the sleepers of the target wait for
 * @hold: after procdump_hold_catch(), and before procdump_hold_release()
 * @frames: the kernel stacks too
 *
 * A thread that has run since its registers were read has none, nor has one
 * that was parked: it was on its way to user mode. What there is no memory for
 * is left out. Threads that were let go are not kept by this.
 *
 * Context: Process context. May sleep.
 */
void procdump_hold_read_stacks(struct procdump_hold *hold, bool frames)
{
	unsigned long addr[PROCDUMP_STACK_FRAMES];
	struct procdump_thread *thread;
	unsigned int count;

	might_sleep();
	list_for_each_entry(thread, &hold->threads, node) {
		if (!procdump_hold_in_core(thread) || fatal_signal_pending(current))
			continue;
		count = save_stack(thread, addr);
		procdump_stack_wchan(addr, count, thread->wchan);
		if (frames && count)
			procdump_stack_note(&thread->stack, addr, count);
		cond_resched();
	}
}
