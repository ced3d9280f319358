// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps every thread of the target from returning to user mode, reads their
 * registers, and lets them go. All waiting on threads is in this file.
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
 * procdump_hold_drain() waits for when the module goes.
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
 * with another mm, and is not parked. Exit of the dumper's address space,
 * freezer: the work waits freezably. A stop signal or a tracer that comes
 * while a thread is parked is seen by it after the release.
 */
#include <linux/elf.h>
#include <linux/freezer.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/regset.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/task_work.h>

#include "compat.h"
#include "hold.h"
#include "ksym.h"
#include "procdump.h"
#include "regs.h"
#include "stack.h"

/* Passes over the thread list before the target counts as a moving one. */
#define MAX_PASSES	1000

/* Threads that mode live gates at once. */
#define LIVE_BATCH	64

static void hold_put(struct procdump_hold *hold)
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
	hold_put(hold);
	module_put(THIS_MODULE);
}

/* True if the deadline has really passed, and then the hold is broken. */
static bool deadline_passed(struct procdump_hold *hold)
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

static void park(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait(&thread->wait, &wait, TASK_KILLABLE |
				TASK_FREEZABLE | TASK_NOLOAD);
		if (may_go(thread) || fatal_signal_pending(current))
			break;
		if (!schedule_timeout(jiffies_left(hold)) &&
		    deadline_passed(hold))
			break;
	}
	finish_wait(&thread->wait, &wait);
}

/*
 * The gate. Runs in the thread, with nothing locked, on its way to user mode
 * or to its end; also from within some system calls that run task works. A
 * thread that has begun to exit must not wait: it has taken its SIGKILL, and
 * could not be killed.
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

static bool in_core(const struct procdump_thread *thread)
{
	return !thread->lost && !thread->outside;
}

static bool is_work(struct callback_head *work, void *data)
{
	return work == data;
}

static struct hlist_head *bucket(struct procdump_hold *hold,
				 struct task_struct *task)
{
	return &hold->table[hash_ptr(task, hold->table_bits)];
}

static bool known(struct procdump_hold *hold, struct task_struct *task)
{
	struct procdump_thread *thread;

	hlist_for_each_entry(thread, bucket(hold, task), bucket) {
		if (thread->task == task)
			return true;
	}
	return false;
}

static struct procdump_thread *thread_create(struct procdump_hold *hold)
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

static void thread_free_notes(struct procdump_thread *thread)
{
	kvfree(thread->notes.buf);
	kvfree(thread->ioperm.buf);
	kfree(thread->stack.buf);
	thread->notes.buf = NULL;
	thread->ioperm.buf = NULL;
	thread->stack.buf = NULL;
}

static int add_spares(struct procdump_hold *hold, unsigned int count)
{
	struct procdump_thread *thread;

	while (hold->spares < count) {
		if (fatal_signal_pending(current))
			return -EINTR;
		thread = thread_create(hold);
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
		thread_free_notes(thread);
		thread_put(thread);
	}
}

static void queue_gate(struct procdump_hold *hold,
		       struct procdump_thread *thread)
{
	refcount_inc(&thread->ref);
	refcount_inc(&hold->ref);
	__module_get(THIS_MODULE);
	if (!task_work_add(thread->task, &thread->work, TWA_RESUME))
		return;
	thread->gate = PROCDUMP_GATE_LEFT;
	work_put(thread);
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
	hlist_add_head(&thread->bucket, bucket(hold, task));
	if (outside)
		hold->outsiders++;
	else
		hold->count++;
	if (task == current || compat_is_worker(task))
		thread->gate = PROCDUMP_GATE_NONE;
	else
		queue_gate(hold, thread);
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
		if (hold->live && hold->batch >= LIVE_BATCH)
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
		err = add_spares(hold, missing + missing / 4);
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
	procdump_regs_read(thread, parked);
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
	if (bearing(thread))
		return false;
	if (thread->outside ? !off_cpu(task) :
	    !copy_regs(thread, thread->gate == PROCDUMP_GATE_PARKED))
		return false;
	thread->caught = thread->gate == PROCDUMP_GATE_PARKED ?
			 PROCDUMP_CAUGHT_PARKED : PROCDUMP_CAUGHT_OFF_CPU;
	return true;
}

static void take_back(struct procdump_thread *thread)
{
	if (thread->gate == PROCDUMP_GATE_NONE)
		return;
	if (procdump_ksym_cancel(thread->task, is_work, &thread->work))
		work_put(thread);
}

/*
 * In mode live, as soon as it is read. The work stays queued until the stack
 * is read too, but does not keep the thread any more.
 */
static void let_go_early(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;
	u64 ns;

	WRITE_ONCE(thread->free, true);
	wake_up(&thread->wait);
	ns = ktime_to_ns(ktime_sub(ktime_get(), thread->gated));
	hold->longest_ns = max(hold->longest_ns, ns);
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
			let_go_early(thread);
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
			let_go_early(thread);
	}
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
	hold->most = 2 * threads + LIVE_BATCH;
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
	err = hold->table ? add_spares(hold, threads + 8) : -ENOMEM;
	if (err) {
		procdump_hold_destroy(hold);
		return ERR_PTR(err);
	}
	return hold;
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
		err = catch_known(hold, until);
		if (err)
			return err;
	}
	if (err)
		return err;
	hold->runtime = READ_ONCE(hold->leader->signal->sum_sched_runtime);
	return procdump_hold_first(hold) ? 0 : -ESRCH;
}

/**
 * procdump_hold_born() - did a thread run since the catch?
 * @hold: after procdump_hold_catch()
 *
 * A thread that was inside clone() may have made one that no gate was there
 * for. It is gated now. One that has ended again left its run time behind.
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
	return err ?: READ_ONCE(sig->sum_sched_runtime) != hold->runtime;
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
	return deadline_passed(hold) ? -ETIMEDOUT : 0;
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
		if (!in_core(thread) || fatal_signal_pending(current))
			continue;
		count = save_stack(thread, addr);
		procdump_stack_wchan(addr, count, thread->wchan);
		if (frames && count)
			procdump_stack_note(&thread->stack, addr, count);
		cond_resched();
	}
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
		take_back(thread);
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
	hold_put(hold);
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

	hlist_for_each_entry(thread, bucket(hold, task), bucket) {
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
		if (in_core(thread))
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

/**
 * procdump_hold_drain() - wait until no thread executes a work any more
 *
 * All works have dropped their references of the module, but one may be
 * preempted just behind that.
 *
 * Context: Process context, module exit. May sleep.
 */
void procdump_hold_drain(void)
{
	synchronize_rcu_tasks();
}
