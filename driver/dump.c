// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pipeline of a dump, in order. Data flows one way: request, target, sink,
 * hold, registers, segments, snapshot, notes, layout, pages, end note, report.
 * With a snapshot the target is released as soon as it is made, without memory
 * as soon as the registers are read; in mode stop when the pages are written. In
 * mode live each thread is released as soon as it is read.
 *
 * Order of what is held, outermost first: the target's task, a slot (slot.c),
 * the locks of the output (sink.c), the target's exec_update_lock (target.c),
 * the hold (hold.c). Below the hold only short-lived locks are taken. What is
 * held longest by the target's threads is given back first, on every path:
 * procdump_hold_release() before anything else.
 *
 * Which thread is caught how, and what is copied, is capture.c's to know; what is
 * in the core beside the memory, core.c's; how the memory gets there, that of
 * contents.c.
 *
 * All in the dumper's own task. SIGKILL to it ends the step it is in, with
 * -EINTR, and leads through the same way out.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "capture.h"
#include "contents.h"
#include "core.h"
#include "dump.h"
#include "hold.h"
#include "job.h"
#include "ksym.h"
#include "page.h"
#include "procdump.h"
#include "slot.h"
#include "snapshot.h"
#include "trim.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* A byte that was written is progress: the target may be held longer. */
static int progress(void *arg, bool moved)
{
	struct procdump_job *job = arg;
	int err;

	err = moved ? procdump_hold_extend(job->hold) :
		      procdump_hold_check(job->hold);
	return procdump_capture_fall_back(job, err);
}

static int prepare(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;
	int err;

	job->stacks = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	job->batch = kzalloc(sizeof(*job->batch), PROCDUMP_GFP);
	job->bounce = kvmalloc(PROCDUMP_BATCH * PAGE_SIZE, PROCDUMP_GFP);
	if (!job->batch || !job->bounce)
		return -ENOMEM;
	err = procdump_stream_init(&job->stream, req->compression, req->level);
	if (err)
		return err;
	procdump_stream_attach(&job->stream, &job->sink);
	return procdump_segments_init(&job->segs, job->target.mm);
}

/*
 * One audit record a request for a process, whether it was allowed or not. Where
 * the audit system is behind this sleeps, for a minute and unkillably at worst, so
 * it is the last thing: nothing is held.
 */
static void audit(pid_t opid, int err)
{
	might_sleep();
	audit_log(audit_context(), GFP_KERNEL, AUDIT_KERNEL_OTHER,
		  "op=procdump pid=%d uid=%u opid=%d res=%d",
		  task_tgid_nr(current),
		  from_kuid(&init_user_ns, current_uid()), opid, !err);
}

static void report(struct procdump_job *job, ktime_t began, int err)
{
	struct procdump_dump *req = job->req;

	if (err)
		req->out_consistency = PROCDUMP_CONSISTENCY_NONE;
	req->out_segments = job->elf.loads;
	req->out_compression = req->compression;
	req->out_bytes_written = job->sink.written;
	req->out_bytes_file = job->sink.pos;
	req->out_pages = job->end.pages;
	req->out_pages_zero = job->end.pages_zero;
	req->out_pages_missing = job->end.pages_missing;
	req->out_bytes_left = job->segs.left_bytes;
	if (job->hold)
		req->out_pause_ns = procdump_capture_pause_ns(job);
	req->out_total_ns = ktime_to_ns(ktime_sub(ktime_get(), began));
}

/* What was read while the target ran. */
static void judge_memory(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;

	if (req->out_mode == PROCDUMP_MODE_LIVE) {
		req->out_bytes_live = job->segs.bytes;
		req->out_consistency = PROCDUMP_CONSISTENCY_LIVE;
	} else if (req->out_mode == PROCDUMP_MODE_SNAPSHOT &&
		   job->segs.live_bytes) {
		req->out_bytes_live = job->segs.live_bytes;
		req->out_consistency = PROCDUMP_CONSISTENCY_PARTIAL;
	}
}

/* The OOM killer takes a victim's pages away while we hold its memory. */
static bool memory_went(const struct procdump_job *job)
{
	return job->req->out_mode != PROCDUMP_MODE_THREADS &&
	       test_bit(MMF_UNSTABLE, &job->memory->flags);
}

static int write_core(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;
	int err;

	err = procdump_core_write_front(job);
	if (!err)
		err = procdump_contents_write(job);
	procdump_job_trace(job, PROCDUMP_STAGE_PAGES, err);
	if (!err && memory_went(job))
		err = -ESRCH;
	if (!err && req->out_mode == PROCDUMP_MODE_STOP) {
		err = procdump_capture_fall_back(job, procdump_capture_judge(job));
		procdump_job_trace(job, PROCDUMP_STAGE_RELEASE, err);
	}
	procdump_hold_release(job->hold);
	judge_memory(job);
	if (err)
		return err;
	job->end.consistency = req->out_consistency;
	job->end.pause_ns = procdump_capture_pause_ns(job);
	job->end.bytes_left = job->segs.left_bytes;
	return procdump_core_write_end(&job->stream, &job->end);
}

/* Leave memory out, if the request says so. */
static int trim(struct procdump_job *job)
{
	u64 flags = job->req->flags, room;
	int err;

	if (!(flags & (PROCDUMP_DUMP_TRIM | PROCDUMP_DUMP_MINI)) ||
	    job->req->out_mode == PROCDUMP_MODE_THREADS)
		return 0;
	err = procdump_core_room(job, &room);
	if (err)
		return err;
	return procdump_trim(&job->segs, job->memory, job->hold, room,
			     flags & PROCDUMP_DUMP_MINI);
}

static int settle_segments(struct procdump_job *job)
{
	return procdump_segments_settle(&job->segs, job->memory,
					job->target.mm, job->hold);
}

/* If the hold ends meanwhile, once more without it, where that is allowed. */
static int or_fall_back(struct procdump_job *job, int (*step)(struct procdump_job *job))
{
	int err = step(job);

	if (!err)
		return 0;
	err = procdump_capture_fall_back(job, err);
	return err ? err : step(job);
}

static int dump_held(struct procdump_job *job)
{
	int err;

	job->memory = job->target.mm;
	err = procdump_capture_run(job);
	if (!err)
		err = procdump_core_collect(job);
	procdump_job_trace(job, PROCDUMP_STAGE_NOTES, err);
	procdump_target_exec_unlock(&job->target);
	if (!err)
		err = or_fall_back(job, settle_segments);
	if (!err)
		err = procdump_note_files(&job->files, &job->segs,
					  procdump_hold_compat(job->hold));
	if (!err)
		err = or_fall_back(job, trim);
	if (!err)
		err = write_core(job);
	procdump_hold_release(job->hold);
	return err;
}

static int dump_target(struct procdump_job *job)
{
	struct procdump_dump *req = job->req;
	bool live = req->mode == PROCDUMP_MODE_LIVE;
	int err;

	err = procdump_sink_open(&job->sink, req->fd, req->limit ?: U64_MAX);
	if (err)
		return err;
	err = procdump_target_authorize(&job->target);
	procdump_target_exec_unlock(&job->target);
	if (err)
		goto close;
	err = prepare(job);
	if (err)
		goto free;
	err = procdump_capture_prepare(job);
	if (err)
		goto free;
	job->hold = procdump_hold_create(job->target.task, job->target.mm,
					 job->snap ? 2 : 1,
					 live ? 0 : req->max_pause_ns, live);
	if (IS_ERR(job->hold)) {
		err = PTR_ERR(job->hold);
		job->hold = NULL;
		goto free;
	}
	job->sink.drop = req->flags & PROCDUMP_DUMP_DROP;
	job->sink.progress = progress;
	job->sink.progress_arg = job;
	err = procdump_sink_begin(&job->sink);
	if (!err)
		err = procdump_target_authorize(&job->target);
	if (!err)
		err = dump_held(job);
free:
	req->out_bytes_raw = job->stream.raw;
	procdump_target_exec_unlock(&job->target);
	procdump_snapshot_put(job->snap);
	procdump_segments_uninit(&job->segs);
	procdump_stream_uninit(&job->stream);
	kvfree(job->notes.buf);
	kvfree(job->files.buf);
	kvfree(job->bounce);
	kfree(job->batch);
close:
	procdump_sink_close(&job->sink, !err);
	procdump_job_trace(job, PROCDUMP_STAGE_END, err);
	return err;
}

/**
 * procdump_dump_modes() - the modes that work on this kernel
 *
 * Context: Any context.
 * Return: bit 1 << PROCDUMP_MODE_* for each.
 */
u32 procdump_dump_modes(void)
{
	u32 modes = 1U << PROCDUMP_MODE_AUTO | 1U << PROCDUMP_MODE_STOP |
		    1U << PROCDUMP_MODE_LIVE | 1U << PROCDUMP_MODE_THREADS;

	if (procdump_ksym_can_clone())
		modes |= 1U << PROCDUMP_MODE_SNAPSHOT;
	return modes;
}

/**
 * procdump_dump_run() - carry out a request
 * @req: checked by ioctl.c; the out members are filled in, also on error
 *
 * Context: Process context, the dumper's task. May sleep for as long as the
 * output takes.
 * Return: 0 or the negative of an error in uapi/linux/procdump.h.
 */
int procdump_dump_run(struct procdump_dump *req)
{
	bool wait = req->flags & PROCDUMP_DUMP_WAIT;
	ktime_t began = ktime_get();
	struct procdump_slot slot;
	struct procdump_job *job;
	pid_t opid;
	int err;

	might_sleep();
	err = procdump_slot_get(&slot, false, wait);
	if (err)
		return err;
	job = kzalloc(sizeof(*job), PROCDUMP_GFP);
	if (!job) {
		procdump_slot_put(&slot);
		return -ENOMEM;
	}
	job->req = req;
	err = procdump_target_find(&job->target, req->pid, req->start_time);
	if (!err)
		err = procdump_slot_claim(&slot, job->target.task->signal,
					  wait);
	if (!err)
		err = dump_target(job);
	report(job, began, err);
	if (job->hold)
		procdump_hold_destroy(job->hold);
	procdump_slot_put(&slot);
	opid = job->target.task ? task_tgid_nr(job->target.task) : 0;
	procdump_target_put(&job->target);
	kfree(job);
	if (opid || err == -EPERM)
		audit(opid, err);
	return err;
}
