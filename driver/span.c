// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of ranges of addresses, and how many of those that are wanted fit into a
 * limit. Pure: plain numbers, and memory that is allocated.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "procdump.h"
#include "span.h"

static int reserve(struct procdump_spans *spans, unsigned int room)
{
	struct procdump_span *more;

	if (room <= spans->room)
		return 0;
	more = kvmalloc_array(room, sizeof(*more), PROCDUMP_GFP);
	if (!more)
		return -ENOMEM;
	if (spans->count)
		memcpy(more, spans->span, spans->count * sizeof(*more));
	kvfree(spans->span);
	spans->span = more;
	spans->room = room;
	return 0;
}

/**
 * procdump_span_add() - append a range
 * @spans: a set; may be all zero
 * @start: first address
 * @end: address behind the last
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int procdump_span_add(struct procdump_spans *spans, unsigned long start,
		      unsigned long end)
{
	int err = 0;

	if (spans->count == spans->room)
		err = reserve(spans, 2 * spans->room + 64);
	if (err)
		return err;
	spans->span[spans->count++] = (struct procdump_span){ start, end };
	return 0;
}

/**
 * procdump_span_bytes() - what a set takes
 * @spans: a set without overlaps
 * @each: bytes that a range takes besides
 *
 * Context: Any context.
 * Return: bytes.
 */
u64 procdump_span_bytes(const struct procdump_spans *spans, u64 each)
{
	u64 bytes = spans->count * each;
	unsigned int i;

	for (i = 0; i < spans->count; i++)
		bytes += spans->span[i].end - spans->span[i].start;
	return bytes;
}

static int compare(const void *a, const void *b)
{
	const struct procdump_span *one = a, *two = b;

	return one->start < two->start ? -1 : one->start > two->start;
}

/**
 * procdump_span_sort() - put a set in the order of addresses
 * @spans: a set
 *
 * Context: Process context.
 */
void procdump_span_sort(struct procdump_spans *spans)
{
	if (spans->count)
		sort(spans->span, spans->count, sizeof(*spans->span), compare,
		     NULL);
}

static void normalize(struct procdump_spans *spans)
{
	struct procdump_span *to = spans->span;
	unsigned int i;

	if (!spans->count)
		return;
	procdump_span_sort(spans);
	for (i = 1; i < spans->count; i++) {
		const struct procdump_span *next = &spans->span[i];

		if (next->start <= to->end)
			to->end = max(to->end, next->end);
		else
			*++to = *next;
	}
	spans->count = to + 1 - spans->span;
}

/* @all becomes @kept and the first @nr of @wanted. It has room for all. */
static u64 unite(struct procdump_spans *all,
		 const struct procdump_spans *kept,
		 const struct procdump_spans *wanted, unsigned int nr,
		 u64 each)
{
	cond_resched();
	all->count = kept->count + nr;
	if (kept->count)
		memcpy(all->span, kept->span,
		       kept->count * sizeof(*all->span));
	if (nr)
		memcpy(all->span + kept->count, wanted->span,
		       nr * sizeof(*all->span));
	normalize(all);
	return procdump_span_bytes(all, each);
}

/* The most of @wanted, from the first on, with which @all fits. */
static unsigned int most(struct procdump_spans *all,
			 const struct procdump_spans *kept,
			 const struct procdump_spans *wanted, u64 limit,
			 u64 each)
{
	unsigned int low = 0, high = wanted->count;

	if (unite(all, kept, wanted, high, each) <= limit)
		return high;
	while (low + 1 < high) {
		unsigned int middle = low + (high - low) / 2;

		if (unite(all, kept, wanted, middle, each) <= limit)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * @all becomes @kept, the first @nr of @wanted, and as many pages of the next as
 * fit. It has room for all.
 */
static void shorten(struct procdump_spans *all,
		    const struct procdump_spans *kept,
		    const struct procdump_spans *wanted, unsigned int nr,
		    u64 limit, u64 each)
{
	struct procdump_span *span = &wanted->span[nr];
	unsigned long low = 0, high;

	high = (span->end - span->start) >> PAGE_SHIFT;
	while (low + 1 < high) {
		unsigned long middle = low + (high - low) / 2;

		span->end = span->start + (middle << PAGE_SHIFT);
		if (unite(all, kept, wanted, nr + 1, each) <= limit)
			low = middle;
		else
			high = middle;
	}
	span->end = span->start + (low << PAGE_SHIFT);
	unite(all, kept, wanted, low ? nr + 1 : nr, each);
}

/**
 * procdump_span_take() - take what is wanted, as far as it fits
 * @kept: a set in order and without overlaps, and so it is again
 * @wanted: in the order in which they are wanted; empty afterwards
 * @limit: for procdump_span_bytes() of @kept
 * @each: for procdump_span_bytes()
 *
 * Of the first range that does not fit the beginning is taken.
 *
 * Context: Process context. May sleep.
 * Return: 0 if all of it fits; -EFBIG if not; -ENOMEM, and then nothing is
 * taken.
 */
int procdump_span_take(struct procdump_spans *kept,
		       struct procdump_spans *wanted, u64 limit, u64 each)
{
	struct procdump_spans all = {};
	unsigned int nr, total = wanted->count;
	int err;

	err = reserve(&all, kept->count + total + 1);
	if (err)
		return err;
	nr = most(&all, kept, wanted, limit, each);
	if (nr < total)
		shorten(&all, kept, wanted, nr, limit, each);
	else
		unite(&all, kept, wanted, nr, each);
	wanted->count = 0;
	kvfree(kept->span);
	*kept = all;
	return nr < total ? -EFBIG : 0;
}

/**
 * procdump_span_free() - free a set
 * @spans: a set; it may be used again
 *
 * Context: Process context.
 */
void procdump_span_free(struct procdump_spans *spans)
{
	kvfree(spans->span);
	*spans = (struct procdump_spans){};
}
