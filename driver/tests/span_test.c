// SPDX-License-Identifier: GPL-2.0-only
/* Sets of ranges, against a map with a byte for each page. */
#include "../span.c"

#include "suites.h"

#define PAGES	96U
#define EACH	100U

static struct procdump_span pages(unsigned int start, unsigned int end)
{
	return (struct procdump_span){ start * PAGE_SIZE, end * PAGE_SIZE };
}

static void mark(bool *map, const struct procdump_span *span)
{
	unsigned long i;

	for (i = span->start / PAGE_SIZE; i < span->end / PAGE_SIZE; i++)
		map[i] = true;
}

/* What the pages in @map take: a range for each run. */
static u64 cost(const bool *map)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		if (map[i])
			bytes += PAGE_SIZE + (!i || !map[i - 1] ? EACH : 0);
	return bytes;
}

/* In order, apart, and nothing but the pages in @map. */
static void expect_map(struct kunit *test, const struct procdump_spans *spans,
		       const bool *map)
{
	bool got[PAGES] = {};
	unsigned int i;

	for (i = 0; i < spans->count; i++) {
		const struct procdump_span *span = &spans->span[i];

		KUNIT_EXPECT_TRUE(test, span->start < span->end);
		if (i)
			KUNIT_EXPECT_TRUE(test, span[-1].end < span->start);
		mark(got, span);
	}
	KUNIT_EXPECT_TRUE(test, !memcmp(got, map, sizeof(got)));
}

/*
 * What has to be kept, page by page: the ranges that fit, one after the other,
 * and of the first that does not as many pages as fit.
 */
static bool model(bool *map, const struct procdump_spans *wanted, u64 limit)
{
	bool more[PAGES];
	unsigned int i;

	for (i = 0; i < wanted->count; i++) {
		struct procdump_span first = wanted->span[i];

		memcpy(more, map, sizeof(more));
		mark(more, &first);
		if (cost(more) <= limit) {
			memcpy(map, more, sizeof(more));
			continue;
		}
		memcpy(more, map, sizeof(more));
		first.end = first.start + PAGE_SIZE;
		mark(more, &first);
		while (cost(more) <= limit) {
			memcpy(map, more, sizeof(more));
			first.end += PAGE_SIZE;
			mark(more, &first);
		}
		return false;
	}
	return true;
}

static int want(struct procdump_spans *spans, unsigned int start,
		unsigned int end)
{
	struct procdump_span span = pages(start, end);

	return procdump_span_add(spans, span.start, span.end);
}

static void span_random(struct kunit *test)
{
	u32 state = 1;
	int round;

	for (round = 0; round < 2000; round++) {
		struct procdump_spans kept = {}, wanted = {};
		bool map[PAGES] = {};
		int step, err = 0;

		for (step = 0; step < 3 && !err; step++) {
			u64 limit = suite_random(&state) % (PAGES * PAGE_SIZE);
			unsigned int nr = suite_random(&state) % 8;
			bool all;

			while (nr--) {
				unsigned int at = suite_random(&state) % PAGES;
				unsigned int end = at + 1 +
					suite_random(&state) % (PAGES - at);

				KUNIT_ASSERT_EQ(test, want(&wanted, at, end), 0);
			}
			all = model(map, &wanted, limit);
			err = procdump_span_take(&kept, &wanted, limit, EACH);
			KUNIT_EXPECT_EQ(test, err, all ? 0 : -EFBIG);
			KUNIT_EXPECT_EQ(test, wanted.count, 0U);
			KUNIT_EXPECT_EQ(test, procdump_span_bytes(&kept, EACH),
					cost(map));
			expect_map(test, &kept, map);
		}
		procdump_span_free(&kept);
		procdump_span_free(&wanted);
	}
}

static void span_sorted(struct kunit *test)
{
	struct procdump_spans spans = {};
	unsigned int i;

	procdump_span_sort(&spans);
	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_EQ(test, want(&spans, i * 7 % 200,
					   i * 7 % 200 + 1), 0);
	procdump_span_sort(&spans);
	KUNIT_ASSERT_EQ(test, spans.count, 200U);
	for (i = 0; i < 200; i++)
		KUNIT_EXPECT_EQ(test, spans.span[i].start, i * PAGE_SIZE);
	procdump_span_free(&spans);
}

static struct kunit_case span_cases[] = {
	KUNIT_CASE(span_random),
	KUNIT_CASE(span_sorted),
	{}
};

struct kunit_suite procdump_span_suite = {
	.name = "procdump_span",
	.test_cases = span_cases,
};
