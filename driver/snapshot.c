// SPDX-License-Identifier: GPL-2.0-only
/*
 * A copy-on-write copy of an address space, as fork() makes it, without a
 * child of the target: nothing of it shows in the target.
 *
 * A kernel thread, the maker, borrows the target's mm and clones itself
 * without CLONE_VM. The clone, a kernel thread too, owns the copy: it hands a
 * reference to whoever waits for it, and exits. The copy is made before the
 * clone first runs, which the pause need not wait for. The maker ignores
 * SIGCHLD, so that the clone is reaped at once, and stays until it is gone.
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
 * After that the maker tends the copy, with the copy as its own address space,
 * until the dumper puts it: it unmaps what has been written, so that the target
 * can have those pages for itself again, and watches for lack of memory. When
 * memory runs short, in the machine or in a cgroup of the target, or the OOM
 * killer has chosen the target, it marks the copy as lost and unmaps all of it.
 * The mark comes before the unmapping, so that a reader that looks for it after
 * having read knows whether the copy was whole.
 *
 * The OOM notifier marks and wakes only. It says that it has freed what will be
 * free in a moment, so that nobody is killed for memory that a copy has. It says so
 * again when it is asked while a copy is being unmapped, but not for long if the
 * copy gets no smaller.
 *
 * The memory that the copy needs for itself, page tables above all, is charged
 * to the cgroup of the dumper.
 *
 * Locks: copies_lock, a leaf, for the list of copies that have something to give,
 * and what the OOM notifier knows of them. One that is in it is there: the maker
 * takes it out before it drops its reference.
 *
 * Unload: makers and clones are counted when they start, and complete()
 * @exits outside of module text as the last thing they do;
 * procdump_snapshot_exit() waits for as many completions as were counted.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hugetlb_inline.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/refcount.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "compat.h"
#include "headroom.h"
#include "hold.h"
#include "ksym.h"
#include "procdump.h"
#include "snapshot.h"

enum state {
	STATE_IDLE,	/* the maker waits */
	STATE_GO,	/* the maker works */
	STATE_DONE,	/* there is a copy, or an error */
	STATE_QUIT,	/* nobody wants a copy any more */
};

/* How often the maker looks for lack of memory, in milliseconds. */
#define WATCH_MS	10

/*
 * What is written is unmapped in pieces of this size: the dumper cannot read
 * meanwhile. Smaller than what must be free, see procdump_headroom_gone().
 */
#define PIECE		SZ_8M

/*
 * Mappings that are unmapped at once: munmap() makes a list of what goes before it
 * frees any of it.
 */
#define BATCH		64

/* How long a copy that gets no smaller is still taken for free memory, in jiffies. */
#define OOM_PATIENCE	HZ

/**
 * struct procdump_snapshot - a copy of an address space
 * @ref: one of the dumper, one of the maker
 * @mm: the target's memory
 * @copy: the copy, when @handed_over says so
 * @memcg: cgroup of the dumper
 * @err: why there is no copy
 * @state: enum state
 * @handed_over: the clone has run
 * @wait: for changes of @state, @lost and @quit
 * @maker: the kernel thread
 * @node: in copies, while the copy has something to give
 * @written: the dumper does not need the copy below this address any more
 * @lost: the copy was dropped
 * @left: pages that it had when the OOM notifier saw fewer than before
 * @left_at: when that was, in jiffies
 * @quit: the dumper does not need it at all
 * @tended: the maker has left the copy
 * @taken: the dumper has seen the copy
 */
struct procdump_snapshot {
	refcount_t ref;
	struct mm_struct *mm;
	struct mm_struct *copy;
	struct mem_cgroup *memcg;
	int err;
	enum state state;
	struct completion handed_over;
	wait_queue_head_t wait;
	struct task_struct *maker;
	struct list_head node;
	unsigned long written;
	bool lost;
	unsigned long left;
	unsigned long left_at;
	bool quit;
	struct completion tended;
	bool taken;
};

static LIST_HEAD(copies);
static DEFINE_SPINLOCK(copies_lock);
static atomic_t started = ATOMIC_INIT(0);
static DECLARE_COMPLETION(exits);

static void snapshot_put(struct procdump_snapshot *snap)
{
	if (!refcount_dec_and_test(&snap->ref))
		return;
	if (snap->copy)
		mmput(snap->copy);
	mmput(snap->mm);
	mem_cgroup_put(snap->memcg);
	put_task_struct(snap->maker);
	kfree(snap);
}

static void done(struct procdump_snapshot *snap, int err)
{
	snap->err = err;
	/* The error before the state. */
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
	/* It does not live for long enough to be worth huge pages. */
	set_bit(MMF_DISABLE_THP, &mm->flags);
	mmget(mm);
	snap->copy = mm;
	complete_all(&snap->handed_over);
	kthread_complete_and_exit(&exits, 0);
}

/*
 * Was the target's memory taken away before it was copied? The OOM reaper and
 * process_mrelease(2) set the mark before they empty the first page table, with
 * mmap_lock held for reading, and the clone held it for writing. The copy itself
 * has no mark.
 */
static bool reaped(struct procdump_snapshot *snap)
{
	return test_bit(MMF_UNSTABLE, &snap->mm->flags);
}

/*
 * The maker's part; current->mm is the target's meanwhile. The target waits, so
 * other threads must not keep this one from the CPU.
 */
static void make_copy(struct procdump_snapshot *snap)
{
	struct kernel_clone_args args = {
		.flags = CLONE_FS | CLONE_FILES | CLONE_UNTRACED,
		.exit_signal = SIGCHLD,
		.fn = clone_main,
		.fn_arg = snap,
		.kthread = 1,
	};
	struct mem_cgroup *before;
	pid_t pid;

	set_user_nice(current, MIN_NICE);
	kthread_use_mm(snap->mm);
	before = set_active_memcg(snap->memcg);
	pid = procdump_ksym_kernel_clone(&args);
	set_active_memcg(before);
	done(snap, pid > 0 && reaped(snap) ? -ESRCH : min(pid, 0));
	kthread_unuse_mm(snap->mm);
	set_user_nice(current, 0);
	if (pid < 0)
		return;
	wait_for_completion(&snap->handed_over);
	/* SIGCHLD is ignored: a child that is not there any more has exited. */
	while (!list_empty_careful(&current->children))
		schedule_timeout_uninterruptible(1);
}

/* Memory is short, or the target's is being taken away. */
static bool must_drop(struct procdump_snapshot *snap)
{
	return READ_ONCE(snap->lost) || procdump_headroom_gone(snap->mm);
}

/* What the target has sealed is not sealed for us. */
static void unseal(struct mm_struct *copy)
{
	VMA_ITERATOR(vmi, copy, 0);
	struct vm_area_struct *vma;

	mmap_write_lock(copy);
	for_each_vma(vmi, vma)
		compat_unseal(vma);
	mmap_write_unlock(copy);
}

/*
 * Up to where the copy can be unmapped at once from @start on: no more than BATCH
 * mappings. One of the pool of huge pages goes as a whole: not each split is valid.
 * *@closes is set if somebody is told of it, who may do anything.
 */
static unsigned long batch_end(struct mm_struct *copy, unsigned long start,
			       unsigned long end, bool *closes)
{
	VMA_ITERATOR(vmi, copy, start);
	struct vm_area_struct *vma;
	unsigned int count = 0;

	*closes = false;
	mmap_read_lock(copy);
	for_each_vma_range(vmi, vma, end) {
		if (is_vm_hugetlb_page(vma) && vma->vm_end > end) {
			end = vma->vm_start;
			break;
		}
		*closes |= vma->vm_ops && vma->vm_ops->close;
		if (++count == BATCH) {
			end = min(end, vma->vm_end);
			break;
		}
	}
	mmap_read_unlock(copy);
	return end;
}

static int unmap_batch(unsigned long start, unsigned long end)
{
	int err = vm_munmap(start, end - start);

	if (err != -EPERM)
		return err;
	unseal(current->mm);
	return vm_munmap(start, end - start);
}

/*
 * Unmaps the copy up to @end. *@done stays where it can go on. current->mm is the
 * copy, and nobody else changes what is mapped there.
 *
 * What a batch takes is little next to what it frees, so it may come from the
 * reserves, and must not wait for the OOM killer, who waits for us.
 */
static int unmap(unsigned long *done, unsigned long end)
{
	unsigned int flags;
	unsigned long next;
	bool closes;
	int err;

	end = min(end, TASK_SIZE);
	while (*done < end) {
		next = batch_end(current->mm, *done, end, &closes);
		if (next <= *done)
			break;
		if (closes) {
			err = unmap_batch(*done, next);
		} else {
			flags = memalloc_noreclaim_save();
			err = unmap_batch(*done, next);
			memalloc_noreclaim_restore(flags);
		}
		if (err)
			return err;
		*done = next;
		cond_resched();
	}
	return 0;
}

static void give_back(unsigned long *done, unsigned long written)
{
	if (written - *done >= PIECE)
		unmap(done, written);
}

/* The copy has nothing more to give. */
static void forget(struct procdump_snapshot *snap)
{
	spin_lock(&copies_lock);
	list_del_init(&snap->node);
	spin_unlock(&copies_lock);
}

static void tend(struct procdump_snapshot *snap)
{
	unsigned long end = 0;

	spin_lock(&copies_lock);
	list_add(&snap->node, &copies);
	spin_unlock(&copies_lock);
	kthread_use_mm(snap->copy);
	while (!READ_ONCE(snap->quit)) {
		wait_event_idle_timeout(snap->wait, READ_ONCE(snap->quit) ||
					READ_ONCE(snap->lost),
					msecs_to_jiffies(WATCH_MS));
		if (must_drop(snap)) {
			WRITE_ONCE(snap->lost, true);
			/* Pairs with procdump_snapshot_check(). */
			smp_wmb();
			while (unmap(&end, TASK_SIZE) && !READ_ONCE(snap->quit))
				schedule_timeout_idle(msecs_to_jiffies(WATCH_MS));
			forget(snap);
			wait_event_idle(snap->wait, READ_ONCE(snap->quit));
		} else if (!READ_ONCE(snap->quit)) {
			give_back(&end, READ_ONCE(snap->written));
		}
		cond_resched();
	}
	unmap(&end, TASK_SIZE);
	forget(snap);
	kthread_unuse_mm(snap->copy);
	complete(&snap->tended);
}

/*
 * What a lost copy is going to give back: no more pages than it has, as some are
 * the target's too. At the end it has none, and they are not free yet.
 */
static unsigned long expected(struct procdump_snapshot *snap)
{
	unsigned long left = get_mm_counter(snap->copy, MM_ANONPAGES);

	lockdep_assert_held(&copies_lock);
	if (left < snap->left) {
		snap->left = left;
		snap->left_at = jiffies;
	}
	return time_before(jiffies, snap->left_at + OOM_PATIENCE) ?
		       max(left, 1UL) : 0;
}

static int on_oom(struct notifier_block *block, unsigned long unused,
		  void *freed)
{
	struct procdump_snapshot *snap;
	unsigned long pages = 0;

	spin_lock(&copies_lock);
	list_for_each_entry(snap, &copies, node) {
		if (!READ_ONCE(snap->lost)) {
			WRITE_ONCE(snap->lost, true);
			wake_up(&snap->wait);
		}
		pages += expected(snap);
	}
	spin_unlock(&copies_lock);
	*(unsigned long *)freed += pages;
	return NOTIFY_OK;
}

static struct notifier_block oom_block = { .notifier_call = on_oom };

static int maker_main(void *data)
{
	struct procdump_snapshot *snap = data;

	/* Of ours only: what others send to all processes would fail the copy. */
	allow_kernel_signal(SIGKILL);
	wait_event_idle(snap->wait, READ_ONCE(snap->state) != STATE_IDLE);
	if (READ_ONCE(snap->state) == STATE_GO)
		make_copy(snap);
	/* It would keep the copy from being unmapped. */
	disallow_signal(SIGKILL);
	if (snap->copy)
		tend(snap);
	snapshot_put(snap);
	kthread_complete_and_exit(&exits, 0);
}

/* No id or room for a thread: as good as no memory. */
static int no_thread(int err)
{
	return err == -EAGAIN ? -ENOMEM : err;
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
	snap->left = ULONG_MAX;
	refcount_set(&snap->ref, 2);
	init_waitqueue_head(&snap->wait);
	maker = kthread_create(maker_main, snap, "procdump");
	if (IS_ERR(maker)) {
		kfree(snap);
		return ERR_PTR(no_thread(PTR_ERR(maker)));
	}
	mmget(mm);
	snap->mm = mm;
	snap->memcg = get_mem_cgroup_from_mm(current->mm);
	init_completion(&snap->handed_over);
	init_completion(&snap->tended);
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
 * Return: 0; -ENOMEM; -EINTR if current was killed; -ESRCH if the memory of the
 * target was taken away; -ETIMEDOUT if the hold ended first.
 */
int procdump_snapshot_take(struct procdump_snapshot *snap,
			   struct procdump_hold *hold)
{
	int err = 0;

	might_sleep();
	WRITE_ONCE(snap->state, STATE_GO);
	wake_up(&snap->wait);
	/* Pairs with done(): the error is there when the state says so. */
	while (smp_load_acquire(&snap->state) != STATE_DONE) {
		wait_event_killable_timeout(snap->wait, READ_ONCE(snap->state)
					    == STATE_DONE, msecs_to_jiffies(10));
		err = procdump_hold_check(hold);
		if (err) {
			send_sig(SIGKILL, snap->maker, 1);
			return err;
		}
	}
	snap->taken = !snap->err;
	return no_thread(snap->err);
}

/**
 * procdump_snapshot_mm() - the copy
 * @snap: after a successful procdump_snapshot_take()
 *
 * Context: Process context. May sleep until a thread of ours has run.
 * Return: the address space, which lives until procdump_snapshot_put().
 */
struct mm_struct *procdump_snapshot_mm(struct procdump_snapshot *snap)
{
	wait_for_completion(&snap->handed_over);
	return snap->copy;
}

/**
 * procdump_snapshot_check() - is the copy still whole?
 * @snap: after a successful procdump_snapshot_take()
 *
 * To be asked after it was read.
 *
 * Context: Any context.
 * Return: 0; -ENOMEM if memory was short and the copy was dropped.
 */
int procdump_snapshot_check(const struct procdump_snapshot *snap)
{
	/* Pairs with tend(): first what was read, then the mark. */
	smp_rmb();
	return READ_ONCE(snap->lost) ? -ENOMEM : 0;
}

/**
 * procdump_snapshot_give_back() - the copy is not needed up to an address
 * @snap: after a successful procdump_snapshot_take()
 * @addr: the address, not lower than that of the last call
 *
 * The maker looks every WATCH_MS, and unmaps it when it is worth it.
 *
 * Context: Any context.
 */
void procdump_snapshot_give_back(struct procdump_snapshot *snap,
				 unsigned long addr)
{
	WRITE_ONCE(snap->written, addr);
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
	WRITE_ONCE(snap->quit, true);
	cmpxchg(&snap->state, STATE_IDLE, STATE_QUIT);
	wake_up(&snap->wait);
	/*
	 * The maker unmaps the copy and leaves it. A copy that was given up is
	 * not waited for.
	 */
	if (snap->taken)
		wait_for_completion(&snap->tended);
	snapshot_put(snap);
}

/**
 * procdump_snapshot_init() - listen for the OOM killer
 *
 * Context: Process context, module initialisation. May sleep.
 * Return: 0 or a negative errno.
 */
int __init procdump_snapshot_init(void)
{
	return register_oom_notifier(&oom_block);
}

/**
 * procdump_snapshot_exit() - wait until all threads of ours have ended
 *
 * Context: Process context, module exit. May sleep.
 */
void procdump_snapshot_exit(void)
{
	unregister_oom_notifier(&oom_block);
	while (atomic_dec_if_positive(&started) >= 0)
		wait_for_completion(&exits);
}
