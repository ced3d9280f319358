// SPDX-License-Identifier: GPL-2.0-only
/*
 * A copy-on-write copy of an address space, as fork() makes it, without a
 * child of the target: nothing of it shows in the target.
 *
 * A kernel thread, the maker, borrows the target's mm and clones itself
 * without CLONE_VM. The clone, a kernel thread too, owns the copy: it hands a
 * reference to whoever waits for it, and exits. The maker ignores SIGCHLD, so
 * that the clone is reaped at once, and stays until it is gone.
 *
 * Who owns what. A struct procdump_snapshot has a reference of the dumper and
 * one of the maker, and through it one of the target's mm. The copy belongs to
 * the struct; the last reference drops it. The maker is started before the
 * hold, so that no thread has to be created in the pause, and waits for
 * procdump_snapshot_take() or the last put.
 *
 * The copy takes the target's mmap_lock for writing and may have to wait for
 * it. The dumper does not: on the deadline, or when it is killed, it gives the
 * copy up and sends the maker SIGKILL, which ends a wait for the lock and the
 * copying between two mappings. A copy that comes late goes with the maker's
 * reference.
 *
 * The copy's owner is taken away first thing: else the exit of the clone would
 * walk over all processes to find a new one.
 *
 * Unload: makers and clones are counted when they start, and complete()
 * @exits outside of module text as the last thing they do;
 * procdump_snapshot_drain() waits for as many completions as were counted.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "hold.h"
#include "ksym.h"
#include "procdump.h"
#include "snapshot.h"

enum state {
	STATE_IDLE,	/* the maker waits */
	STATE_GO,	/* the maker works */
	STATE_DONE,	/* copy or error is there */
	STATE_QUIT,	/* nobody wants a copy any more */
};

struct procdump_snapshot {
	refcount_t ref;
	struct mm_struct *mm;
	struct mm_struct *copy;
	int err;
	enum state state;
	wait_queue_head_t wait;
	struct task_struct *maker;
};

static atomic_t started = ATOMIC_INIT(0);
static DECLARE_COMPLETION(exits);

static void snapshot_put(struct procdump_snapshot *snap)
{
	if (!refcount_dec_and_test(&snap->ref))
		return;
	if (snap->copy)
		mmput(snap->copy);
	mmput(snap->mm);
	put_task_struct(snap->maker);
	kfree(snap);
}

static void done(struct procdump_snapshot *snap, int err)
{
	snap->err = err;
	/* Copy or error before the state. */
	smp_store_release(&snap->state, STATE_DONE);
	wake_up(&snap->wait);
}

/* The clone: its life ends here, and the maker is still there after that. */
static int clone_main(void *data)
{
	struct procdump_snapshot *snap = data;
	struct mm_struct *mm = current->mm;

	atomic_inc(&started);
#ifdef CONFIG_MEMCG
	WRITE_ONCE(mm->owner, NULL);
#endif
	mmget(mm);
	snap->copy = mm;
	done(snap, 0);
	kthread_complete_and_exit(&exits, 0);
}

/* The maker's part; current->mm is the target's meanwhile. */
static void make_copy(struct procdump_snapshot *snap)
{
	struct kernel_clone_args args = {
		.flags = CLONE_FS | CLONE_FILES | CLONE_UNTRACED,
		.exit_signal = SIGCHLD,
		.fn = clone_main,
		.fn_arg = snap,
		.kthread = 1,
	};
	pid_t pid;

	kthread_use_mm(snap->mm);
	pid = procdump_ksym_kernel_clone(&args);
	kthread_unuse_mm(snap->mm);
	if (pid < 0)
		done(snap, pid);
	/* SIGCHLD is ignored: a child that is not there any more has exited. */
	while (!list_empty_careful(&current->children))
		schedule_timeout_uninterruptible(1);
}

static int maker_main(void *data)
{
	struct procdump_snapshot *snap = data;

	allow_signal(SIGKILL);
	wait_event_idle(snap->wait, READ_ONCE(snap->state) != STATE_IDLE);
	if (READ_ONCE(snap->state) == STATE_GO)
		make_copy(snap);
	snapshot_put(snap);
	kthread_complete_and_exit(&exits, 0);
}

/**
 * procdump_snapshot_create() - get ready to copy an address space
 * @mm: the address space
 *
 * Context: Process context. May sleep.
 * Return: the snapshot, to be given to procdump_snapshot_put(), or ERR_PTR():
 * -EOPNOTSUPP if this kernel cannot; -ENOMEM; -EINTR if current was killed.
 */
struct procdump_snapshot *procdump_snapshot_create(struct mm_struct *mm)
{
	struct procdump_snapshot *snap;
	struct task_struct *maker;

	if (!procdump_ksym_can_clone())
		return ERR_PTR(-EOPNOTSUPP);
	snap = kzalloc(sizeof(*snap), PROCDUMP_GFP);
	if (!snap)
		return ERR_PTR(-ENOMEM);
	refcount_set(&snap->ref, 2);
	init_waitqueue_head(&snap->wait);
	maker = kthread_create(maker_main, snap, "procdump");
	if (IS_ERR(maker)) {
		kfree(snap);
		return ERR_CAST(maker);
	}
	mmget(mm);
	snap->mm = mm;
	snap->maker = get_task_struct(maker);
	atomic_inc(&started);
	wake_up_process(maker);
	return snap;
}

/**
 * procdump_snapshot_take() - make the copy
 * @snap: from procdump_snapshot_create(), not taken yet
 * @hold: hold of the target, whose deadline counts
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -ENOMEM; -EINTR if current was killed; -ETIMEDOUT if the hold
 * ended first.
 */
int procdump_snapshot_take(struct procdump_snapshot *snap,
			   struct procdump_hold *hold)
{
	int err = 0;

	might_sleep();
	WRITE_ONCE(snap->state, STATE_GO);
	wake_up(&snap->wait);
	/* Pairs with done(): the copy is there when the state says so. */
	while (smp_load_acquire(&snap->state) != STATE_DONE) {
		wait_event_killable_timeout(snap->wait, READ_ONCE(snap->state)
					    == STATE_DONE, msecs_to_jiffies(10));
		err = procdump_hold_check(hold);
		if (err) {
			send_sig(SIGKILL, snap->maker, 1);
			return err;
		}
	}
	return snap->err;
}

/**
 * procdump_snapshot_mm() - the copy
 * @snap: after a successful procdump_snapshot_take()
 *
 * Context: Any context.
 * Return: the address space, which lives until procdump_snapshot_put().
 */
struct mm_struct *procdump_snapshot_mm(const struct procdump_snapshot *snap)
{
	return snap->copy;
}

/**
 * procdump_snapshot_put() - drop the copy, or give it up
 * @snap: the snapshot, taken or not; NULL will do
 *
 * Context: Process context. May sleep: the copy is unmapped.
 */
void procdump_snapshot_put(struct procdump_snapshot *snap)
{
	if (!snap)
		return;
	if (cmpxchg(&snap->state, STATE_IDLE, STATE_QUIT) == STATE_IDLE)
		wake_up(&snap->wait);
	snapshot_put(snap);
}

/**
 * procdump_snapshot_drain() - wait until all threads of ours have ended
 *
 * Context: Process context, module exit. May sleep.
 */
void procdump_snapshot_drain(void)
{
	while (atomic_dec_if_positive(&started) >= 0)
		wait_for_completion(&exits);
}
