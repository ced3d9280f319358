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

/*
 * struct item - a range of those that are united
 * @rank: its place in the order in which they are wanted, from 1 on; 0: it is kept
 */
struct item {
	unsigned long start;
	unsigned long end;
	unsigned int rank;
};

/* struct items - all ranges, in the order of addresses */
struct items {
	struct item *item;
	unsigned int count;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *one = a, *two = b;

	return one->start < two->start ? -1 : one->start > two->start;
}

static int gather(struct items *items, const struct procdump_spans *kept,
		  const struct procdump_spans *wanted)
{
	unsigned int i;

	items->count = kept->count + wanted->count;
	items->item = kvmalloc_array(items->count + 1, sizeof(*items->item),
				     PROCDUMP_GFP);
	if (!items->item)
		return -ENOMEM;
	for (i = 0; i < items->count; i++) {
		unsigned int rank = i < kept->count ? 0 : i + 1 - kept->count;
		const struct procdump_span *span =
			rank ? &wanted->span[rank - 1] : &kept->span[i];

		items->item[i] = (struct item){ span->start, span->end, rank };
	}
	if (items->count)
		sort(items->item, items->count, sizeof(*items->item),
		     compare_items, NULL);
	return 0;
}

/*
 * What is kept, the first @nr of what is wanted, and @part bytes of the next.
 * Returns the bytes of it; @all, if not NULL, becomes it, and has room for it.
 */
static u64 unite(const struct items *items, unsigned int nr, unsigned long part,
		 u64 each, struct procdump_spans *all)
{
	unsigned long end = 0;
	u64 bytes = 0;
	unsigned int i;

	cond_resched();
	for (i = 0; i < items->count; i++) {
		const struct item *item = &items->item[i];
		unsigned long start = item->start, to = item->end;

		if (item->rank == nr + 1)
			to = start + part;
		if (item->rank > nr + 1 || to == start)
			continue;
		if (!bytes || start > end) {
			bytes += each + to - start;
			end = to;
			if (all)
				all->span[all->count++].start = start;
		} else if (to > end) {
			bytes += to - end;
			end = to;
		}
		if (all)
			all->span[all->count - 1].end = end;
	}
	return bytes;
}

/* The most of what is wanted, @total, from the first on, that fits. */
static unsigned int most(const struct items *items, unsigned int total,
			 u64 limit, u64 each)
{
	unsigned int low = 0, high = total;

	if (unite(items, total, 0, each, NULL) <= limit)
		return total;
	while (low + 1 < high) {
		unsigned int middle = low + (high - low) / 2;

		if (unite(items, middle, 0, each, NULL) <= limit)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Bytes of @next, which is wanted after the first @nr, that fit: whole pages. */
static unsigned long part_of(const struct items *items, unsigned int nr,
			     const struct procdump_span *next, u64 limit,
			     u64 each)
{
	unsigned long low = 0, high = (next->end - next->start) >> PAGE_SHIFT;

	while (low + 1 < high) {
		unsigned long middle = low + (high - low) / 2;

		if (unite(items, nr, middle << PAGE_SHIFT, each, NULL) <= limit)
			low = middle;
		else
			high = middle;
	}
	return low << PAGE_SHIFT;
}

/**
 * procdump_span_take() - take what is wanted, as far as it fits
 * @kept: a set in order and without overlaps, and so it is again
 * @wanted: in the order in which they are wanted; empty afterwards
 * @limit: for procdump_span_bytes() of @kept
 * @each: for procdump_span_bytes()
 *
 * Of the first range that does not fit the beginning is taken. Sorts once, and
 * then looks at all ranges for each step of two binary searches.
 *
 * Context: Process context. May sleep.
 * Return: 0 if all of it fits; -EFBIG if not; -ENOMEM, and then nothing is
 * taken.
 */
int procdump_span_take(struct procdump_spans *kept,
		       struct procdump_spans *wanted, u64 limit, u64 each)
{
	unsigned int nr, total = wanted->count;
	struct procdump_spans all = {};
	struct items items = {};
	unsigned long part = 0;
	int err;

	err = reserve(&all, kept->count + total + 1);
	if (!err)
		err = gather(&items, kept, wanted);
	if (err) {
		kvfree(all.span);
		return err;
	}
	nr = most(&items, total, limit, each);
	if (nr < total)
		part = part_of(&items, nr, &wanted->span[nr], limit, each);
	unite(&items, nr, part, each, &all);
	kvfree(items.item);
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
