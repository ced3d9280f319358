// SPDX-License-Identifier: GPL-2.0-only
/* Ranges: holes that become one, pages missing that become one. */
#include "../range.c"

#include <linux/slab.h>
#include <linux/string.h>

#include "suites.h"

#define PAGES 64

/*
 * Looks for a hole of @least pages in @map from @from on, run by run as the
 * page tables give them: runs end where @cuts says so, too.
 */
static bool search(const bool *map, const bool *cuts, unsigned int least,
		   unsigned long from, unsigned long *hole, unsigned long *end)
{
	unsigned long addr = from, next;

	*hole = from;
	while (addr < PAGES) {
		bool data = map[addr];

		next = addr + 1;
		while (next < PAGES && map[next] == data && !cuts[next])
			next++;
		if (procdump_range_hole(least, hole, &addr, next, data)) {
			*end = addr;
			return true;
		}
	}
	*end = addr;
	return addr - *hole >= least;
}

/* Page by page: the first run of at least @least pages without data. */
static bool model(const bool *map, unsigned int least, unsigned long from,
		  unsigned long *hole, unsigned long *end)
{
	unsigned long start, stop;

	for (start = from; start < PAGES; start = stop + 1) {
		for (stop = start; stop < PAGES && !map[stop];)
			stop++;
		if (stop - start >= least) {
			*hole = start;
			*end = stop;
			return true;
		}
	}
	return false;
}

static void range_holes(struct kunit *test)
{
	unsigned long hole, end, want_hole = 0, want_end = 0;
	bool map[PAGES], cuts[PAGES];
	u32 state = 1;
	int round, i;

	for (round = 0; round < 2000; round++) {
		unsigned int least = 1 + suite_random(&state) % 12;
		unsigned long from = suite_random(&state) % PAGES;
		unsigned int dense = 1 + suite_random(&state) % 9;
		bool want, got;

		for (i = 0; i < PAGES; i++) {
			map[i] = suite_random(&state) % dense == 0;
			cuts[i] = suite_random(&state) % 5 == 0;
		}
		want = model(map, least, from, &want_hole, &want_end);
		got = search(map, cuts, least, from, &hole, &end);
		KUNIT_ASSERT_EQ(test, got, want);
		if (!want)
			continue;
		KUNIT_ASSERT_EQ(test, hole, want_hole);
		KUNIT_ASSERT_EQ(test, end, want_end);
	}
}

static void range_missing_merge(struct kunit *test)
{
	struct procdump_note_end *end = kzalloc(sizeof(*end), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, end);
	procdump_range_missing(end, 0x10000, PAGE_SIZE);
	procdump_range_missing(end, 0x10000 + PAGE_SIZE, PAGE_SIZE);
	procdump_range_missing(end, 0x20000, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, end->pages_missing, 5ULL);
	KUNIT_EXPECT_EQ(test, end->ranges, 2U);
	KUNIT_EXPECT_EQ(test, end->range[0].start, 0x10000ULL);
	KUNIT_EXPECT_EQ(test, end->range[0].end, 0x10000 + 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, end->range[1].start, 0x20000ULL);
	KUNIT_EXPECT_EQ(test, end->range[1].end, 0x20000 + 3 * PAGE_SIZE);
	kfree(end);
}

/* The note has room for so many, and is on the heap: KASAN sees one more. */
static void range_missing_full(struct kunit *test)
{
	struct procdump_note_end *end = kzalloc(sizeof(*end), GFP_KERNEL);
	u64 i;

	KUNIT_ASSERT_NOT_NULL(test, end);
	for (i = 0; i < PROCDUMP_NOTE_RANGES + 3; i++)
		procdump_range_missing(end, 2 * i * PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, end->ranges, (u32)PROCDUMP_NOTE_RANGES);
	KUNIT_EXPECT_EQ(test, end->pages_missing, PROCDUMP_NOTE_RANGES + 3ULL);
	i = 2 * (PROCDUMP_NOTE_RANGES - 1) * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, end->range[PROCDUMP_NOTE_RANGES - 1].start, i);
	/* The last range can still grow. */
	procdump_range_missing(end, i + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, end->range[PROCDUMP_NOTE_RANGES - 1].end,
			i + 2 * PAGE_SIZE);
	kfree(end);
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE(range_holes),
	KUNIT_CASE(range_missing_merge),
	KUNIT_CASE(range_missing_full),
	{}
};

struct kunit_suite procdump_range_suite = {
	.name = "procdump_range",
	.test_cases = range_cases,
};
