// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done to a file in a kernel thread, because it may wait for the disk, or
 * for a file system's server, in a way that no signal ends: telling the disk to
 * begin with an output (sink_behind.c), cutting the file of a dump that failed
 * (sink_lock.c), and reading a page of a file that the target has mapped
 * (pagecache.c).
 *
 * Who owns what: an errand is a work on an unbound workqueue of the module. It
 * is counted, once for the dumper and once for its work, and whoever lets go
 * last frees it. From its start to its end the work has a reference of its own
 * to the file, to the dumper's credentials and memory cgroup, with which it runs,
 * and to the module: nothing that it needs goes when the dumper goes.
 *
 * End: the work first gives back all of these, and then the dumper is told. So
 * when a dumper that waited for it is back in user mode, umount and rmmod do not
 * find the file or the module in use by us. The dumper still has the file then,
 * hence the work's fput() is not the last one.
 *
 * SIGKILL: procdump_errand_wait() waits until the errand is back, and once the
 * dumper is killed not longer than stall_ms more. That is enough for a disk that
 * works, so nothing of a killed dump is left behind there. With one that hangs
 * the dumper ends without its errand. This one goes on by itself as soon as the
 * disk does; until then the file is in use, and so is the module. An errand that
 * changes nothing is not waited for once the dumper is killed.
 * The work's fput() may be the last one then; the kernel leaves it to a
 * work of its own, which needs nothing of this module.
 *
 * What an errand must not do once it is left behind: change a file that others
 * may have opened meanwhile. See procdump_errand_left().
 *
 * Unload: the work has a few instructions left when it has given back the module.
 * procdump_errand_exit() destroys the queue, which waits for these.
 *
 * Locks: under_way_lock, a leaf, for the list of those that are not back. An errand
 * waits for nobody in this module; the dumper, which waits for it, has no lock that
 * a file system asks for, and holds no target but with a deadline.
 */
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "errand.h"
#include "procdump.h"

/*
 * struct procdump_errand - one
 * @refs: of the dumper and of the work
 * @node: in under_way until it is back
 * @what: see procdump_errand_wants()
 * @late: see procdump_errand_give_up()
 * @started: the dumper's alone
 * @left: the dumper does not wait for it any more
 * @err: what came of it, valid when @back is complete
 */
struct procdump_errand {
	struct work_struct work;
	refcount_t refs;
	struct list_head node;
	const void *what;
	struct completion back;
	procdump_errand_fn run;
	loff_t pos;
	size_t len;
	struct file *file;
	const struct cred *cred;
	struct mem_cgroup *memcg;
	bool started;
	bool late;
	bool left;
	int err;
};

static struct workqueue_struct *queue;
static LIST_HEAD(under_way);
static DEFINE_SPINLOCK(under_way_lock);

static void put(struct procdump_errand *errand)
{
	if (refcount_dec_and_test(&errand->refs))
		kfree(errand);
}

static void work(struct work_struct *item)
{
	struct procdump_errand *errand =
		container_of(item, struct procdump_errand, work);
	const struct cred *old = override_creds(errand->cred);
	struct mem_cgroup *old_memcg = set_active_memcg(errand->memcg);

	errand->err = errand->run(errand->file, errand->pos, errand->len,
				  errand);
	spin_lock(&under_way_lock);
	list_del(&errand->node);
	spin_unlock(&under_way_lock);
	set_active_memcg(old_memcg);
	mem_cgroup_put(errand->memcg);
	revert_creds(old);
	put_cred(errand->cred);
	fput(errand->file);
	module_put(THIS_MODULE);
	complete_all(&errand->back);
	put(errand);
}

/**
 * procdump_errand_create() - get one ready
 * @run: what to do with a file, in process context of a kernel thread
 * @pos: for @run
 * @len: likewise
 *
 * Context: Process context. May sleep.
 * Return: the errand, for procdump_errand_put(), or NULL if there is no memory.
 */
struct procdump_errand *procdump_errand_create(procdump_errand_fn run,
					       loff_t pos, size_t len)
{
	struct procdump_errand *errand;

	errand = kzalloc(sizeof(*errand), PROCDUMP_GFP);
	if (!errand)
		return NULL;
	INIT_WORK(&errand->work, work);
	refcount_set(&errand->refs, 1);
	init_completion(&errand->back);
	errand->run = run;
	errand->pos = pos;
	errand->len = len;
	return errand;
}

/**
 * procdump_errand_start() - have it done, with the credentials of current
 * @errand: one that was not started
 * @file: an open file
 *
 * Context: Process context of the dumper, who has the device open and so the
 * module in use.
 */
void procdump_errand_start(struct procdump_errand *errand, struct file *file)
{
	errand->file = get_file(file);
	errand->cred = get_current_cred();
	/* Page cache is charged to whom the dump is. */
	errand->memcg = get_mem_cgroup_from_mm(current->mm);
	__module_get(THIS_MODULE);
	errand->started = true;
	refcount_inc(&errand->refs);
	spin_lock(&under_way_lock);
	list_add(&errand->node, &under_way);
	spin_unlock(&under_way_lock);
	queue_work(queue, &errand->work);
}

/**
 * procdump_errand_wants() - say what an errand will wait for
 * @errand: one that was not started, or that runs
 * @what: something with an address, which is valid for as long as @errand's file
 *
 * Context: The dumper before it starts @errand, then its work.
 */
void procdump_errand_wants(struct procdump_errand *errand, const void *what)
{
	WRITE_ONCE(errand->what, what);
}

/**
 * procdump_errand_give_up() - it was waited for long enough
 * @errand: one that was started
 *
 * Nobody else needs to wait for what it wants, see procdump_errand_hangs().
 *
 * Context: The dumper.
 */
void procdump_errand_give_up(struct procdump_errand *errand)
{
	WRITE_ONCE(errand->late, true);
}

/**
 * procdump_errand_hangs() - has somebody given up to wait for something?
 * @what: as in procdump_errand_wants()
 *
 * Context: Process context.
 * Return: whether there is an errand that wants it and is still not back.
 */
bool procdump_errand_hangs(const void *what)
{
	struct procdump_errand *errand;
	bool found = false;

	spin_lock(&under_way_lock);
	list_for_each_entry(errand, &under_way, node)
		found |= READ_ONCE(errand->what) == what &&
			 READ_ONCE(errand->late);
	spin_unlock(&under_way_lock);
	return found;
}

/**
 * procdump_errand_back() - is it done?
 * @errand: one that was started
 *
 * Context: Any context.
 * Return: whether it is.
 */
bool procdump_errand_back(struct procdump_errand *errand)
{
	return completion_done(&errand->back);
}

/**
 * procdump_errand_wait() - wait until it is done
 * @errand: one that was started
 *
 * If current is, or gets, killed: for stall_ms at most.
 *
 * Context: Process context of the dumper, the target released. May sleep.
 * Return: whether it is done.
 */
bool procdump_errand_wait(struct procdump_errand *errand)
{
	unsigned int ms = READ_ONCE(procdump_stall_ms);

	if (!wait_for_completion_killable(&errand->back))
		return true;
	return wait_for_completion_timeout(&errand->back, msecs_to_jiffies(ms));
}

/**
 * procdump_errand_wait_ms() - wait a moment until it is done
 * @errand: one that was started
 * @ms: for how many milliseconds at most
 *
 * Context: Process context of the dumper. May sleep, killably.
 * Return: whether it is done.
 */
bool procdump_errand_wait_ms(struct procdump_errand *errand, unsigned int ms)
{
	return wait_for_completion_killable_timeout(&errand->back,
						    msecs_to_jiffies(ms)) > 0;
}

/**
 * procdump_errand_left() - has the dumper left?
 * @errand: the errand that runs
 *
 * The dumper leaves an errand before it unlocks the file. So if this says no
 * under a lock that writers of the file take, none of them has written.
 *
 * Context: The errand's work.
 * Return: whether it has.
 */
bool procdump_errand_left(const struct procdump_errand *errand)
{
	return READ_ONCE(errand->left);
}

/**
 * procdump_errand_put() - let it go; if it is not back, leave it behind
 * @errand: one that was started or not, or NULL
 *
 * Context: Process context.
 * Return: what @run returned, 0 if it has not returned yet.
 */
int procdump_errand_put(struct procdump_errand *errand)
{
	int err = 0;

	if (!errand)
		return 0;
	if (errand->started && procdump_errand_back(errand))
		err = errand->err;
	else
		WRITE_ONCE(errand->left, true);
	put(errand);
	return err;
}

/**
 * procdump_errand_init() - make the queue
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int __init procdump_errand_init(void)
{
	queue = alloc_workqueue("procdump_errand", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

/**
 * procdump_errand_exit() - when the module is unloaded
 *
 * Context: Process context. May sleep. All errands have given back the module.
 */
void procdump_errand_exit(void)
{
	destroy_workqueue(queue);
}
