// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contents of the segments: pages are read in batches and go to the output
 * as holes, as they are, or copied once.
 *
 * Locks: see dump.c.
 */
#include <linux/highmem.h>
#include <linux/mm.h>

#include "capture.h"
#include "contents.h"
#include "hold.h"
#include "job.h"
#include "page.h"
#include "procdump.h"
#include "range.h"
#include "snapshot.h"

/* How a page gets into the core. */
enum way {
	WAY_HOLE,	/* as zeros */
	WAY_MISSING,	/* likewise, because it cannot be read */
	WAY_PAGE,	/* as it is */
	WAY_COPY,	/* from the bounce buffer */
};

/*
 * Can a page go to the output as it is? Where the output does not copy it first, a
 * device or a checksum may look at it twice: only pages that cannot change,
 * anonymous ones of a snapshot. A stream may keep it when the write is over, so
 * there not even these. Others are copied once.
 */
static bool goes_as_is(const struct procdump_job *job, struct page *page,
		       bool steady)
{
	if (!procdump_stream_takes_pages(&job->stream) ||
	    !READ_ONCE(procdump_zero_copy))
		return false;
	return job->sink.copies ||
	       (job->sink.regular && steady && PageAnon(page));
}

static bool is_zero(struct page *page)
{
	void *from = kmap_local_page(page);
	bool zero = !memchr_inv(from, 0, PAGE_SIZE);

	kunmap_local(from);
	return zero;
}

static enum way choose_way(struct procdump_job *job, unsigned long i,
			   bool steady)
{
	struct page *page = job->batch->page[i];
	void *to = job->bounce + i * PAGE_SIZE;

	switch (job->batch->state[i]) {
	case PROCDUMP_PAGE_DATA:
		break;
	case PROCDUMP_PAGE_HOLE:
		return WAY_HOLE;
	default:
		return WAY_MISSING;
	}
	if (goes_as_is(job, page, steady))
		return is_zero(page) ? WAY_HOLE : WAY_PAGE;
	if (procdump_page_fetch(to, page))
		return WAY_MISSING;
	return memchr_inv(to, 0, PAGE_SIZE) ? WAY_COPY : WAY_HOLE;
}

static void count_page(struct procdump_job *job, enum way way, unsigned long addr)
{
	if (way == WAY_MISSING)
		procdump_range_missing(&job->end, addr, PAGE_SIZE);
	else if (way == WAY_HOLE)
		job->end.pages_zero++;
	else
		job->end.pages++;
}

static int write_run(struct procdump_job *job, enum way way, unsigned long start,
		     unsigned long nr)
{
	switch (way) {
	case WAY_PAGE:
		return procdump_stream_write_pages(&job->stream,
						   job->batch->page + start,
						   nr);
	case WAY_COPY:
		return procdump_stream_write(&job->stream, job->bounce +
					     start * PAGE_SIZE, nr * PAGE_SIZE);
	default:
		return procdump_stream_skip(&job->stream,
					    (u64)nr * PAGE_SIZE);
	}
}

/*
 * Writes the batch as runs of pages that go the same way. @steady: it is from
 * a copy of the address space.
 */
static int write_batch(struct procdump_job *job, unsigned long addr, bool steady)
{
	unsigned long i, start = 0, pages = job->batch->pages;
	enum way way, last = WAY_HOLE;
	int err = 0;

	for (i = 0; i < pages && !err; i++) {
		way = choose_way(job, i, steady);
		count_page(job, way, addr + i * PAGE_SIZE);
		if (i > start && way != last) {
			err = write_run(job, last, start, i - start);
			start = i;
		}
		last = way;
	}
	return err ? err : write_run(job, last, start, pages - start);
}

/*
 * What was read from a copy that is being dropped is not to be trusted, and that it
 * is dropped is why it could not be read in time. @err: of the reading.
 */
static int snapshot_check(const struct procdump_job *job, int err)
{
	if (job->memory == job->target.mm || (err && err != -ETIMEDOUT))
		return err;
	return procdump_snapshot_check(job->snap) ?: err;
}

static int write_segment(struct procdump_job *job, const struct procdump_segment *seg)
{
	struct procdump_batch *batch = job->batch;
	struct mm_struct *mm = seg->alone ? job->target.mm : job->memory;
	unsigned long addr = seg->start, end = seg->start + seg->size;
	int err = 0;

	while (addr < end && !err) {
		err = procdump_page_read(batch, mm, job->hold, addr, end);
		err = snapshot_check(job, err);
		if (err) {
			procdump_page_put(batch);
			err = procdump_capture_fall_back(job, err);
			continue;
		}
		if (batch->hole) {
			job->end.pages_zero += batch->pages;
			err = procdump_stream_skip(&job->stream, (u64)
						   batch->pages * PAGE_SIZE);
		} else {
			err = write_batch(job, addr, mm != job->target.mm);
		}
		addr += batch->pages * PAGE_SIZE;
		procdump_page_put(batch);
		if (!err)
			err = procdump_capture_fall_back(job, procdump_hold_extend(job->hold));
		if (job->memory != job->target.mm)
			procdump_snapshot_give_back(job->snap, addr);
	}
	return err;
}

/**
 * procdump_contents_write() - write the contents of all segments
 * @job: a dump whose front is written
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -ETIMEDOUT if the hold has ended; -ENOMEM if the snapshot was
 * given up for want of memory; -EINTR if current was killed; an error of
 * procdump_stream_write().
 */
int procdump_contents_write(struct procdump_job *job)
{
	unsigned int i;
	int err = 0;

	job->end.pages_zero += job->segs.hole_bytes >> PAGE_SHIFT;
	for (i = 0; i < job->segs.count && !err; i++)
		err = write_segment(job, &job->segs.seg[i]);
	return err ? err : snapshot_check(job, 0);
}
