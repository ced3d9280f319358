// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames compressed on all CPUs, and given back in their order.
 *
 * A pool belongs to one stream. It is a ring of frames, each with a buffer for
 * raw bytes and one for the result, and a few workers, each with a workspace
 * of the compressor and a work on the module's own unbound workqueue. Three
 * counters say where in the ring everybody is; each only grows, and
 * retired <= taken <= filled <= retired + frames:
 *
 *	frame		state	owner of its buffers
 *	< retired	free	the dumper; it fills the one at filled
 *	.. filled	queued	nobody may touch them
 *	.. taken	running	the worker that took it
 *	completed	done	the dumper, who writes it and then retires it
 *
 * (Free are those from filled up to retired + frames; queued those from taken
 * to filled; running or done those from retired to taken.) A frame goes to a
 * worker, and its place in the ring is never changed: order is kept, whoever
 * is done first.
 *
 * Locks: pool->lock guards filled, taken, stop and worker.active. It is a leaf
 * and held for a few instructions. retired is the dumper's alone. Buffers need
 * no lock: they change hands with filled and taken under the lock, and with
 * the frame's completion.
 *
 * Who waits for whom: a worker waits for nobody; if there is no frame to take
 * it becomes inactive and returns. The dumper activates one for each frame
 * that it submits, unless all are active: those look for another frame before
 * they return, under the lock, so none is forgotten. The dumper waits for the
 * oldest frame only, which is running or will be the next to be taken. On a
 * machine of which a CPU is stuck it waits for nobody: a worker could be woken
 * there, as such a CPU may look idle. There the dumper compresses each frame
 * when it submits it, with the workspace of a worker that never runs.
 *
 * SIGKILL, error: procdump_pool_wait() is killable and can be limited in time.
 * procdump_pool_destroy() sets stop, so that no other frame is taken, cancels
 * works that did not start and waits for those that run, each for the rest of
 * one frame: milliseconds, up to a second at the highest levels. That wait is
 * not killable; the target has been released before. Only then the buffers
 * are freed.
 *
 * Unload: the dumper's descriptor keeps the module until its pool is
 * destroyed, so procdump_pool_exit() finds no work. No work outlives
 * cancel_work_sync(), hence none runs in code that is gone.
 *
 * Memory: buffers and workspaces are at most pool_mib, but for the one frame
 * and worker that it takes to get on. They are allocated by the dumper and so
 * charged to its cgroup; workers allocate nothing. When there is no memory for
 * more the pool works with what it has got.
 *
 * Fairness: workers are kernel threads that may run on any CPU that unbound
 * workqueues may use. They take on the dumper's nice value for the time of the
 * work. Its cgroup, CPU mask and scheduling policy they do not have.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "compress.h"
#include "pool.h"
#include "procdump.h"
#include "table.h"

/* More do not fit into a reasonable pool_mib, and bound the tables here. */
#define WORKERS_MAX	256

/*
 * struct worker - what it takes to compress one frame at a time
 * @active: its work is queued or runs, and will look for a frame again
 */
struct worker {
	struct work_struct work;
	struct procdump_pool *pool;
	void *workspace;
	bool active;
};

struct procdump_pool {
	const struct procdump_frame_ops *ops;
	int level;
	int nice;

	struct procdump_frame *frame;
	unsigned int frames;
	struct worker *worker;
	unsigned int workers;

	spinlock_t lock; /* filled, taken, stop, worker.active */
	u64 filled;
	u64 taken;
	u64 retired;
	bool stop;
	bool alone;
};

static struct workqueue_struct *queue;

static struct procdump_frame *frame_at(struct procdump_pool *pool, u64 n)
{
	return &pool->frame[do_div(n, pool->frames)];
}

/* The next frame to compress. If there is none @worker is inactive. */
static struct procdump_frame *take(struct worker *worker)
{
	struct procdump_pool *pool = worker->pool;
	struct procdump_frame *frame = NULL;

	spin_lock(&pool->lock);
	if (pool->taken < pool->filled && !pool->stop)
		frame = frame_at(pool, pool->taken++);
	else
		worker->active = false;
	spin_unlock(&pool->lock);
	return frame;
}

static void compress(struct procdump_pool *pool, struct procdump_frame *frame,
		     void *workspace)
{
	frame->size = pool->ops->compress(workspace, pool->level, frame->out,
					  pool->ops->bound(), frame->in,
					  frame->len);
	complete(&frame->done);
}

static void work(struct work_struct *item)
{
	struct worker *worker = container_of(item, struct worker, work);
	struct procdump_pool *pool = worker->pool;
	int nice = READ_ONCE(pool->nice), own = task_nice(current);
	struct procdump_frame *frame;

	if (nice)
		set_user_nice(current, nice);
	while ((frame = take(worker))) {
		compress(pool, frame, worker->workspace);
		cond_resched();
	}
	if (nice)
		set_user_nice(current, own);
}

/**
 * procdump_pool_get() - a frame to fill
 * @pool: the pool
 *
 * Context: The dumper.
 * Return: the frame, which stays the same until procdump_pool_submit(); or
 * NULL if the oldest has to be retired before.
 */
struct procdump_frame *procdump_pool_get(struct procdump_pool *pool)
{
	if (pool->filled - pool->retired == pool->frames)
		return NULL;
	return frame_at(pool, pool->filled);
}

/**
 * procdump_pool_alone() - no workers from now on
 * @pool: the pool, of which no frame was submitted
 *
 * Context: The dumper.
 */
void procdump_pool_alone(struct procdump_pool *pool)
{
	WARN_ON_ONCE(pool->filled);
	pool->alone = true;
}

static void submit_alone(struct procdump_pool *pool)
{
	struct procdump_frame *frame = frame_at(pool, pool->filled);

	spin_lock(&pool->lock);
	pool->filled++;
	pool->taken++;
	spin_unlock(&pool->lock);
	compress(pool, frame, pool->worker[0].workspace);
}

/**
 * procdump_pool_submit() - have a frame compressed
 * @pool: the pool; the frame is that of procdump_pool_get(), filled
 *
 * Context: The dumper. Does not sleep.
 */
void procdump_pool_submit(struct procdump_pool *pool)
{
	struct worker *idle = NULL;
	unsigned int i;

	reinit_completion(&frame_at(pool, pool->filled)->done);
	if (pool->alone) {
		submit_alone(pool);
		return;
	}
	WRITE_ONCE(pool->nice, task_nice(current));
	spin_lock(&pool->lock);
	pool->filled++;
	for (i = 0; i < pool->workers && !idle; i++) {
		if (!pool->worker[i].active)
			idle = &pool->worker[i];
	}
	if (idle)
		idle->active = true;
	spin_unlock(&pool->lock);
	if (idle)
		queue_work(queue, &idle->work);
}

/**
 * procdump_pool_oldest() - the frame to write next
 * @pool: the pool
 *
 * Context: The dumper.
 * Return: the frame that was submitted first, done or not; NULL if there is
 * none that was not retired.
 */
struct procdump_frame *procdump_pool_oldest(struct procdump_pool *pool)
{
	if (pool->retired == pool->filled)
		return NULL;
	return frame_at(pool, pool->retired);
}

/**
 * procdump_pool_wait() - wait until a frame is done
 * @frame: from procdump_pool_oldest()
 * @timeout: for how many jiffies, 0 not to wait
 *
 * Context: The dumper. May sleep if @timeout is not 0.
 * Return: 0 if it is done; -EAGAIN if not in time; -EINTR if current was
 * killed.
 */
int procdump_pool_wait(struct procdump_frame *frame, unsigned long timeout)
{
	long left;

	/* Does not use up the completion: may be asked again. */
	if (completion_done(&frame->done))
		return 0;
	if (!timeout)
		return -EAGAIN;
	left = wait_for_completion_killable_timeout(&frame->done, timeout);
	if (left < 0)
		return -EINTR;
	if (!left)
		return -EAGAIN;
	/* This did use it up. */
	complete(&frame->done);
	return 0;
}

/**
 * procdump_pool_retire() - the oldest frame was written
 * @pool: the pool; the oldest frame is done
 *
 * Context: The dumper.
 */
void procdump_pool_retire(struct procdump_pool *pool)
{
	pool->retired++;
}

static bool add_frame(struct procdump_pool *pool)
{
	struct procdump_frame *frame = &pool->frame[pool->frames];

	frame->in = procdump_table_alloc(1, PROCDUMP_FRAME_SIZE);
	frame->out = procdump_table_alloc(1, pool->ops->bound());
	if (!frame->in || !frame->out) {
		procdump_table_free(frame->out);
		procdump_table_free(frame->in);
		return false;
	}
	init_completion(&frame->done);
	pool->frames++;
	return true;
}

static bool add_worker(struct procdump_pool *pool)
{
	struct worker *worker = &pool->worker[pool->workers];

	worker->workspace =
		procdump_table_alloc(1, pool->ops->workspace(pool->level));
	if (!worker->workspace)
		return false;
	worker->pool = pool;
	INIT_WORK(&worker->work, work);
	pool->workers++;
	return true;
}

/*
 * Two frames more than workers: one is filled and one written meanwhile. When
 * there is a worker for each CPU, more frames make up for frames that take
 * longer than others. With less memory than that, a worker less is better than
 * workers that wait for frames.
 */
static bool grow(struct procdump_pool *pool, unsigned int workers)
{
	s64 left = (s64)READ_ONCE(procdump_pool_mib) << 20;
	s64 frame = PROCDUMP_FRAME_SIZE + PAGE_ALIGN(pool->ops->bound());
	s64 worker = PAGE_ALIGN(pool->ops->workspace(pool->level));

	if (!add_frame(pool) || !add_worker(pool))
		return false;
	left -= frame + worker;
	while (pool->frames < 2 * workers + 2) {
		bool wanted = pool->workers < workers &&
			      pool->frames >= pool->workers + 2;

		if (fatal_signal_pending(current))
			break;
		left -= wanted ? worker : frame;
		if (left < 0)
			break;
		if (wanted ? !add_worker(pool) : !add_frame(pool))
			break;
	}
	return true;
}

/**
 * procdump_pool_create() - allocate a pool
 * @ops: format of the frames
 * @level: for @ops
 *
 * Context: Process context, the dumper. May sleep; does not invoke the OOM
 * killer.
 * Return: the pool, or NULL if there is not enough memory for one frame and
 * one worker.
 */
struct procdump_pool *
procdump_pool_create(const struct procdump_frame_ops *ops, int level)
{
	unsigned int workers = min(num_online_cpus(), WORKERS_MAX);
	struct procdump_pool *pool = kzalloc(sizeof(*pool), PROCDUMP_GFP);

	if (!pool)
		return NULL;
	pool->ops = ops;
	pool->level = level;
	spin_lock_init(&pool->lock);
	pool->frame = procdump_table_alloc(2 * workers + 2,
					   sizeof(*pool->frame));
	pool->worker = procdump_table_alloc(workers, sizeof(*pool->worker));
	if (pool->frame && pool->worker && grow(pool, workers))
		return pool;
	procdump_pool_destroy(pool);
	return NULL;
}

/**
 * procdump_pool_destroy() - end all work and free a pool
 * @pool: the pool, or NULL
 *
 * Context: The dumper. May sleep, for no longer than one frame takes.
 */
void procdump_pool_destroy(struct procdump_pool *pool)
{
	unsigned int i;

	if (!pool)
		return;
	spin_lock(&pool->lock);
	pool->stop = true;
	spin_unlock(&pool->lock);
	for (i = 0; i < pool->workers; i++) {
		cancel_work_sync(&pool->worker[i].work);
		procdump_table_free(pool->worker[i].workspace);
	}
	for (i = 0; i < pool->frames; i++) {
		procdump_table_free(pool->frame[i].out);
		procdump_table_free(pool->frame[i].in);
	}
	procdump_table_free(pool->worker);
	procdump_table_free(pool->frame);
	kfree(pool);
}

/**
 * procdump_pool_init() - once, when the module is loaded
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int __init procdump_pool_init(void)
{
	queue = alloc_workqueue("procdump", WQ_UNBOUND | WQ_SYSFS, 0);
	return queue ? 0 : -ENOMEM;
}

/**
 * procdump_pool_exit() - when the module is unloaded
 *
 * Context: Process context. May sleep. There are no pools any more.
 */
void procdump_pool_exit(void)
{
	destroy_workqueue(queue);
}
