// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first half of a dump, by mode: the threads are caught, the memory is kept
 * as it was or is left alone, and the target goes on or stays held. And what
 * may be said of the result: whether it is all of one moment.
 *
 * Locks: see dump.c.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>

#include "capture.h"
#include "hazard.h"
#include "hold.h"
#include "job.h"
#include "ksym.h"
#include "procdump.h"
#include "snapshot.h"

/**
 * procdump_capture_pause_ns() - how long the target was held
 * @job: a dump with a hold
 *
 * Context: Any context.
 * Return: nanoseconds; of two holds, the longer one.
 */
u64 procdump_capture_pause_ns(const struct procdump_job *job)
{
	return max(job->pause_ns, procdump_hold_pause_ns(job->hold));
}

static void count_threads(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;
	struct procdump_thread *thread;

	req->out_threads = 0;
	req->out_threads_parked = 0;
	req->out_threads_off_cpu = 0;
	req->out_threads_running = 0;
	req->out_threads_lost = 0;
	req->out_sharers = 0;
	list_for_each_entry(thread, &job->hold->threads, node) {
		bool not = thread->caught == PROCDUMP_CAUGHT_NOT;

		if (thread->outside) {
			req->out_sharers += not && !thread->lost;
			continue;
		}
		req->out_threads += !thread->lost;
		req->out_threads_lost += thread->lost;
		if (thread->lost)
			continue;
		req->out_threads_running += not;
		req->out_threads_parked +=
			thread->caught == PROCDUMP_CAUGHT_PARKED;
		req->out_threads_off_cpu +=
			thread->caught == PROCDUMP_CAUGHT_OFF_CPU;
	}
	req->out_sharers += job->hold->workers;
}

/**
 * procdump_capture_fall_back() - what an error means while the target is held
 * @job: the dump
 * @err: 0, or the error of a step
 *
 * If it is that the hold has ended before its time, and the request has
 * PROCDUMP_DUMP_FALLBACK, the rest is read while the target runs.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: @err, or 0 to go on.
 */
int procdump_capture_fall_back(struct procdump_job *job, int err)
{
	struct procdump_dump *req = job->req;

	if (err != -ETIMEDOUT || !(req->flags & PROCDUMP_DUMP_FALLBACK) ||
	    req->out_mode != PROCDUMP_MODE_STOP)
		return err;
	procdump_hold_release(job->hold);
	count_threads(job);
	req->out_mode = PROCDUMP_MODE_LIVE;
	return 0;
}

/* There is no copy: mode auto takes stop. Returns @err if that is no way out. */
static int do_without(struct procdump_job *job, int err)
{
	struct procdump_dump *req = job->req;

	if (req->mode != PROCDUMP_MODE_AUTO ||
	    (err != -EOPNOTSUPP && err != -ENOMEM))
		return err;
	req->out_mode = PROCDUMP_MODE_STOP;
	req->out_hazards |= err == -ENOMEM ? PROCDUMP_HAZARD_MEMORY :
					     PROCDUMP_HAZARD_KERNEL;
	return 0;
}

/**
 * procdump_capture_prepare() - get ready what a snapshot needs
 * @job: the dump; @job->snap is set if its mode may be snapshot
 *
 * A request for the impossible is answered before anything is held.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; without a way to make a snapshot the error of
 * procdump_snapshot_create(), in mode snapshot.
 */
int procdump_capture_prepare(struct procdump_job *job)
{
	struct procdump_snapshot *snap;

	if (job->req->mode != PROCDUMP_MODE_AUTO &&
	    job->req->mode != PROCDUMP_MODE_SNAPSHOT)
		return 0;
	snap = procdump_snapshot_create(job->target.mm);
	if (IS_ERR(snap))
		return do_without(job, PTR_ERR(snap));
	job->snap = snap;
	return 0;
}

static unsigned long filter_of(const struct procdump_job *job)
{
	if (job->req->flags & PROCDUMP_DUMP_FILTER)
		return job->req->filter;
	return (job->target.mm->flags & MMF_DUMP_FILTER_MASK) >>
	       MMF_DUMP_FILTER_SHIFT;
}

/* Snapshot or stop, now that the target cannot change the answer any more. */
static int choose_mode(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;
	int err;

	req->out_mode = PROCDUMP_MODE_STOP;
	if (!job->snap)
		return 0;
	err = procdump_hazard_find(job->hold, &req->out_hazards);
	if (err)
		return err;
	if (!req->out_hazards)
		req->out_mode = PROCDUMP_MODE_SNAPSHOT;
	else if (req->mode == PROCDUMP_MODE_SNAPSHOT)
		return -EOPNOTSUPP;
	return 0;
}

/* Registers: what every mode reads first. */
static int catch_threads(struct procdump_job *job)
{
	int err;

	err = procdump_hold_catch(job->hold);
	job->req->out_hold_ns = job->hold->held_ns;
	procdump_job_trace(job, PROCDUMP_STAGE_CATCH, err);
	if (err)
		return err;
	if (!job->hold->view)
		return -ETIMEDOUT;
	procdump_hold_lead(job->hold, job->target.task);
	return 0;
}

static int collect_segments(struct procdump_job *job)
{
	int err;

	err = procdump_segments_collect(&job->segs, job->target.mm,
					job->hold, filter_of(job),
					job->req->flags & PROCDUMP_DUMP_ALL);
	procdump_job_trace(job, PROCDUMP_STAGE_SEGMENTS, err);
	return err;
}

/**
 * procdump_capture_judge() - is all of it of one moment?
 * @job: a dump whose memory is read, or copied, and whose target is still held
 *
 * A thread that was born meanwhile, from a clone() that was under way, ran
 * until now; threads that left were killed. Sets @job->req->out_consistency
 * and the counts of threads.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error of procdump_hold_born().
 */
int procdump_capture_judge(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;
	int born;

	count_threads(job);
	born = procdump_hold_born(job->hold);
	if (born < 0)
		return born;
	if (born || READ_ONCE(job->hold->left) || req->out_threads_running ||
	    req->out_threads_lost || req->out_sharers)
		req->out_consistency = PROCDUMP_CONSISTENCY_PARTIAL;
	else
		req->out_consistency = PROCDUMP_CONSISTENCY_ATOMIC;
	return 0;
}

static int judge_and_let_go(struct procdump_job *job)
{
	int err = procdump_capture_judge(job);

	procdump_hold_let_go(job->hold);
	procdump_job_trace(job, PROCDUMP_STAGE_RELEASE, err);
	if (!err)
		procdump_hold_read_stacks(job->hold, job->stacks);
	procdump_hold_release(job->hold);
	return err;
}

static int take_snapshot(struct procdump_job *job)
{
	ktime_t began = ktime_get();
	int err;

	err = procdump_snapshot_take(job->snap, job->hold);
	job->req->out_snapshot_ns = ktime_to_ns(ktime_sub(ktime_get(), began));
	procdump_job_trace(job, PROCDUMP_STAGE_SNAPSHOT, err);
	if (err)
		return do_without(job, err);
	err = judge_and_let_go(job);
	job->memory = procdump_snapshot_mm(job->snap);
	return err;
}

/*
 * Whoever has the target's mmap_lock may be what is wrong with it: then the
 * mappings are not in the core.
 */
static int list_segments(struct procdump_job *job)
{
	int err = collect_segments(job);

	procdump_segments_empty(&job->segs);
	return err == -ETIMEDOUT ? 0 : err;
}

/* Where nothing is held while the rest is read. */
static int sample_live(struct procdump_job *job)
{
	bool threads = job->req->mode == PROCDUMP_MODE_THREADS;
	int err;

	job->req->out_mode = threads ? PROCDUMP_MODE_THREADS :
				       PROCDUMP_MODE_LIVE;
	job->req->out_consistency = PROCDUMP_CONSISTENCY_LIVE;
	err = catch_threads(job);
	if (err)
		return err;
	count_threads(job);
	procdump_hold_let_go(job->hold);
	procdump_hold_read_stacks(job->hold, job->stacks);
	procdump_hold_release(job->hold);
	procdump_job_trace(job, PROCDUMP_STAGE_RELEASE, 0);
	return threads ? list_segments(job) : collect_segments(job);
}

static int read_threads(struct procdump_job *job)
{
	int err;

	job->req->out_mode = PROCDUMP_MODE_THREADS;
	err = catch_threads(job);
	if (!err)
		err = judge_and_let_go(job);
	return err ? err : list_segments(job);
}

static int read_held(struct procdump_job *job)
{
	int err;

	err = catch_threads(job);
	if (!err)
		err = collect_segments(job);
	if (!err)
		err = choose_mode(job);
	if (err)
		return err;
	if (job->req->out_mode == PROCDUMP_MODE_SNAPSHOT)
		err = take_snapshot(job);
	if (!err && job->req->out_mode == PROCDUMP_MODE_STOP)
		procdump_hold_read_stacks(job->hold, job->stacks);
	return err;
}

/* The target could not be held for long enough, and nothing is written yet. */
static int start_again(struct procdump_job *job)
{
	struct procdump_hold *hold;

	procdump_hold_release(job->hold);
	procdump_snapshot_put(job->snap);
	job->snap = NULL;
	job->memory = job->target.mm;
	hold = procdump_hold_create(job->target.task, job->target.mm, 1, 0,
				    true);
	if (IS_ERR(hold))
		return PTR_ERR(hold);
	job->pause_ns = procdump_hold_pause_ns(job->hold);
	procdump_hold_destroy(job->hold);
	job->hold = hold;
	return sample_live(job);
}

/**
 * procdump_capture_run() - catch the threads, list and keep the memory
 * @job: a dump with a hold; the output is open, the target authorized, and its
 *	exec_update_lock held
 *
 * After it, in mode stop, the target is held; in the other modes it runs.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -ETIMEDOUT if the target could not be held or read in time;
 * -EOPNOTSUPP if the target does not allow the snapshot that was asked for;
 * -ENOMEM; -EINTR if current was killed; -ESRCH if the target is gone.
 */
int procdump_capture_run(struct procdump_job *job)
{
	int err;

	switch (job->req->mode) {
	case PROCDUMP_MODE_LIVE:
		return sample_live(job);
	case PROCDUMP_MODE_THREADS:
		err = read_threads(job);
		break;
	default:
		err = read_held(job);
		break;
	}
	if (err == -ETIMEDOUT && job->req->flags & PROCDUMP_DUMP_FALLBACK)
		err = start_again(job);
	return err;
}
