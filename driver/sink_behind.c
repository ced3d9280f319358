// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to an output in the page cache while it is written. Each WINDOW
 * the disk is told to begin with it, so that the dirty pages of a dump do not
 * pile up until the whole machine is made to wait for them. With
 * procdump_sink.drop, what the disk has got is taken out of the page cache, and
 * a window that is not on the disk is waited for, killably, for as long as
 * stall_ms.
 *
 * To tell the disk may wait for its request queue, not killably. So that is an
 * errand (errand.c), one at a time: neither a held target nor a dumper that is
 * killed waits for it. If it is not back when the next window is full, it is
 * left to it to take that along, or to the window after: what is written faster
 * than the disk takes it piles up to where the kernel slows every writer down.
 *
 * File systems without a disk, such as tmpfs, have nothing to be told.
 *
 * Locks: none.
 */
#include <linux/backing-dev.h>
#include <linux/fadvise.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/writeback.h>

#include "errand.h"
#include "procdump.h"
#include "sink.h"
#include "sink_behind.h"

/* Bytes between two requests to the disk. */
#define WINDOW		SZ_8M
/*
 * Pages that may still be written to. While the disk is told of a page it is
 * locked; a dumper that wants to write to it would wait, not killably.
 */
#define TAIL		SZ_64K
/* Milliseconds for pages that do not go at once, in the end. */
#define DROP_MS		1000U

/**
 * procdump_sink_tell() - let the owner of a sink know how it goes
 * @sink: the sink
 * @moved: something was written
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or the error of @sink->progress.
 */
int procdump_sink_tell(struct procdump_sink *sink, bool moved)
{
	return sink->progress ? sink->progress(sink->progress_arg, moved) : 0;
}

static int tell_disk(struct file *file, loff_t to, size_t len,
		     struct procdump_errand *errand)
{
	struct writeback_control wbc = {
		.sync_mode = WB_SYNC_NONE,
		.nr_to_write = LONG_MAX,
		.range_end = to - 1,
	};

	return filemap_fdatawrite_wbc(d_real_inode(file->f_path.dentry)->i_mapping,
				      &wbc);
}

/*
 * Have the disk begin with what is before @to, unless it is still told to. Returns
 * what came of it the last time.
 */
static int begin(struct procdump_sink *sink, loff_t to)
{
	int err;

	if (sink->alone)
		return 0;
	if (sink->begin && !procdump_errand_back(sink->begin))
		return 0;
	err = procdump_errand_put(sink->begin);
	sink->begin = procdump_errand_create(tell_disk, to, 0);
	/* Without memory for it: the kernel does it by itself, some time. */
	if (sink->begin)
		procdump_errand_start(sink->begin, sink->file);
	return err;
}

static bool is_clean(struct procdump_sink *sink, loff_t from, loff_t to)
{
	return !filemap_range_has_writeback(sink->mapping, from, to - 1);
}

/* Wait until the disk has what the file has from @from to @to. */
static int wait_clean(struct procdump_sink *sink, loff_t from, loff_t to)
{
	ktime_t end = ktime_add_ms(ktime_get(), READ_ONCE(procdump_stall_ms));
	int err = 0;

	while (!err && ktime_before(ktime_get(), end) &&
	       !is_clean(sink, from, to)) {
		schedule_timeout_killable(msecs_to_jiffies(5));
		if (fatal_signal_pending(current))
			return -EINTR;
		err = begin(sink, to);
		if (!err)
			err = procdump_sink_tell(sink, false);
	}
	return err;
}

/*
 * As much of it as goes: the kernel also looks into each CPU's lists. Only what
 * is clean: it would tell the disk, in our task.
 */
static void forget(struct procdump_sink *sink, loff_t from, loff_t to)
{
	vfs_fadvise(sink->file, from, to - from, POSIX_FADV_DONTNEED);
}

/* What does not get clean is tried again with the next window. */
static int drop_behind(struct procdump_sink *sink, loff_t to)
{
	int err;

	to = round_down(to, PAGE_SIZE);
	if (to <= sink->dropped)
		return 0;
	err = wait_clean(sink, sink->dropped, to);
	if (err || !is_clean(sink, sink->dropped, to))
		return err;
	forget(sink, sink->dropped, to);
	sink->dropped = to;
	return 0;
}

/*
 * Once more for all of the file. Some file systems (btrfs) keep a page for a
 * moment after the disk has it; one that somebody has mapped stays.
 */
static int drop_rest(struct procdump_sink *sink)
{
	unsigned int ms = min(READ_ONCE(procdump_stall_ms) / 2, DROP_MS);
	ktime_t end = ktime_add_ms(ktime_get(), ms);
	loff_t to = sink->dropped;

	while (to && filemap_range_has_page(sink->mapping, 0, to - 1)) {
		forget(sink, 0, to);
		if (ktime_after(ktime_get(), end))
			break;
		schedule_timeout_killable(msecs_to_jiffies(5));
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static bool cached(const struct procdump_sink *sink)
{
	return sink->regular && !sink->direct &&
	       mapping_can_writeback(sink->mapping);
}

/**
 * procdump_sink_behind() - have the disk begin, from time to time
 * @sink: a sink to which something was written
 *
 * The window before the last may have reached the disk by now. Errors of the
 * disk are told here as soon as they are known.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -EINTR if current was killed; errors of @sink->progress; the
 * error of the file system or the disk, verbatim.
 */
int procdump_sink_behind(struct procdump_sink *sink)
{
	loff_t last = sink->flushed_pos;
	int err;

	if (sink->written - sink->flushed < WINDOW || !cached(sink))
		return 0;
	sink->flushed = sink->written;
	sink->flushed_pos = sink->pos;
	err = begin(sink, round_down(sink->pos, TAIL));
	if (!err)
		err = filemap_check_wb_err(sink->mapping, sink->wb_err);
	if (!err && sink->drop)
		err = drop_behind(sink, last);
	return err;
}

/**
 * procdump_sink_behind_end() - when all was written
 * @sink: the sink
 *
 * Context: Process context of the dumper. May sleep.
 * Return: as procdump_sink_behind().
 */
int procdump_sink_behind_end(struct procdump_sink *sink)
{
	int err = 0;

	if (!cached(sink))
		return 0;
	if (sink->drop) {
		err = drop_behind(sink, sink->pos);
		if (!err)
			err = drop_rest(sink);
	}
	return err ? err : filemap_check_wb_err(sink->mapping, sink->wb_err);
}

/**
 * procdump_sink_behind_close() - before the output is let go
 * @sink: the sink
 * @wait: for an errand that is on its way
 *
 * Context: Process context of the dumper, the target released. May sleep; once
 * current is killed, for stall_ms at most.
 */
void procdump_sink_behind_close(struct procdump_sink *sink, bool wait)
{
	if (sink->begin && wait)
		procdump_errand_wait(sink->begin);
	procdump_errand_put(sink->begin);
	sink->begin = NULL;
}
