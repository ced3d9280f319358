// SPDX-License-Identifier: GPL-2.0-only
/* What a request may ask for. */
#include "../request.c"

#include "suites.h"

static int check(struct procdump_dump req)
{
	return procdump_request_check(&req);
}

static void request_flags(struct kunit *test)
{
	const u64 valid[] = { 0x0, 0x1, 0x2, 0x4, 0x5, 0x6, 0x8, 0x9, 0xa,
			      0xc, 0xd, 0xe };
	u64 flags;
	size_t i = 0;
	int bit;

	for (flags = 0; flags < 16; flags++) {
		bool good = i < ARRAY_SIZE(valid) && valid[i] == flags;

		i += good;
		KUNIT_EXPECT_EQ(test, check((struct procdump_dump) {
			.flags = flags }), good ? 0 : -EINVAL);
	}
	for (bit = 7; bit < 64; bit++)
		KUNIT_EXPECT_EQ(test, check((struct procdump_dump) {
			.flags = 1ULL << bit }), -EINVAL);
}

static void request_filter(struct kunit *test)
{
	int bit;

	for (bit = 0; bit < 32; bit++) {
		struct procdump_dump req = { .filter = 1U << bit };

		KUNIT_EXPECT_EQ(test, check(req), -EINVAL);
		req.flags = PROCDUMP_DUMP_FILTER;
		KUNIT_EXPECT_EQ(test, check(req),
				bit < MMF_DUMP_FILTER_BITS ? 0 : -EINVAL);
	}
}

static void request_mode(struct kunit *test)
{
	u32 mode;

	for (mode = 0; mode < 64; mode++)
		KUNIT_EXPECT_EQ(test, check((struct procdump_dump) {
			.mode = mode }), mode <= 4 ? 0 : -EINVAL);
	for (mode = 1U << 31; mode > 4; mode >>= 1)
		KUNIT_EXPECT_EQ(test, check((struct procdump_dump) {
			.mode = mode }), -EINVAL);
}

static void request_reserved(struct kunit *test)
{
	int bit;

	for (bit = 0; bit < 32; bit++)
		KUNIT_EXPECT_EQ(test, check((struct procdump_dump) {
			.reserved = 1U << bit }), -EINVAL);
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(request_flags),
	KUNIT_CASE(request_filter),
	KUNIT_CASE(request_mode),
	KUNIT_CASE(request_reserved),
	{}
};

struct kunit_suite procdump_request_suite = {
	.name = "procdump_request",
	.test_cases = request_cases,
};
