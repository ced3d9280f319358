// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to an output in the page cache while it is written. Each WINDOW
 * the disk is told to begin with it, so that the dirty pages of a dump do not
 * pile up until the whole machine is made to wait for them. With
 * procdump_sink.drop, what the disk has got is taken out of the page cache, and
 * a window that is not on the disk is waited for, killably, for as long as
 * stall_ms.
 *
 * File systems without a disk, such as tmpfs, have nothing to be told. Telling
 * may wait for the disk's request queue, in the dumper's task and not killably:
 * in mode stop the target is held meanwhile, up to stall_ms.
 *
 * Locks: none.
 */
#include <linux/backing-dev.h>
#include <linux/fadvise.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "procdump.h"
#include "sink.h"
#include "sink_behind.h"

/* Bytes between two requests to the disk. */
#define WINDOW		SZ_8M
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

/* Wait until the disk has what the file has from @from to @to. */
static int wait_clean(struct procdump_sink *sink, loff_t from, loff_t to)
{
	ktime_t end = ktime_add_ms(ktime_get(), READ_ONCE(procdump_stall_ms));
	int err = 0;

	while (!err && ktime_before(ktime_get(), end) &&
	       filemap_range_has_writeback(sink->mapping, from, to - 1)) {
		schedule_timeout_killable(msecs_to_jiffies(5));
		if (fatal_signal_pending(current))
			return -EINTR;
		err = filemap_flush(sink->mapping);
		if (!err)
			err = procdump_sink_tell(sink, false);
	}
	return err;
}

/* As much of it as goes: the kernel also looks into each CPU's lists. */
static void forget(struct procdump_sink *sink, loff_t from, loff_t to)
{
	vfs_fadvise(sink->file, from, to - from, POSIX_FADV_DONTNEED);
}

static int drop_behind(struct procdump_sink *sink, loff_t to)
{
	int err;

	to = round_down(to, PAGE_SIZE);
	if (to <= sink->dropped)
		return 0;
	err = wait_clean(sink, sink->dropped, to);
	if (err)
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
	err = filemap_flush(sink->mapping);
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
		err = filemap_flush(sink->mapping);
		if (!err)
			err = drop_behind(sink, sink->pos);
		if (!err)
			err = drop_rest(sink);
	}
	return err ? err : filemap_check_wb_err(sink->mapping, sink->wb_err);
}
