// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames of both formats, byte by byte where a format fixes them, and the ends
 * of the table of frames.
 */
#include "../compress_gzip.c"
#include "../compress_zstd.c"

#include <linux/mm.h>
#include <linux/slab.h>

#include "suites.h"

static const u8 text[] = "123456789";

/**
 * struct frame - one frame
 * @ops: its format
 * @level: its level
 * @src: room for PROCDUMP_FRAME_SIZE raw bytes
 * @dst: room for bound() bytes
 * @workspace: as @ops wants it
 */
struct frame {
	const struct procdump_frame_ops *ops;
	int level;
	u8 *src;
	u8 *dst;
	void *workspace;
};

static void frame_free(struct frame *frame)
{
	kvfree(frame->src);
	kvfree(frame->dst);
	kvfree(frame->workspace);
}

static bool frame_alloc(struct frame *frame)
{
	frame->src = kvzalloc(PROCDUMP_FRAME_SIZE, GFP_KERNEL);
	frame->dst = kvzalloc(frame->ops->bound(), GFP_KERNEL);
	frame->workspace = kvzalloc(frame->ops->workspace(frame->level),
				    GFP_KERNEL);
	if (frame->src && frame->dst && frame->workspace)
		return true;
	frame_free(frame);
	return false;
}

static ssize_t make(struct frame *frame, size_t cap, size_t len)
{
	return frame->ops->compress(frame->workspace, frame->level, frame->dst,
				    cap, frame->src, len);
}

static u32 le32(const u8 *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24;
}

/* Worst case at the lowest and the default level, then the easiest. */
static void check_sizes(struct kunit *test, const struct procdump_frame_ops *ops,
			int level)
{
	struct frame frame = { .ops = ops, .level = level };
	u32 state = 3, i;
	ssize_t size;

	KUNIT_ASSERT_TRUE(test, frame_alloc(&frame));
	size = make(&frame, ops->bound(), 0);
	KUNIT_EXPECT_GT(test, size, (ssize_t)0);
	size = make(&frame, ops->bound(), PROCDUMP_FRAME_SIZE);
	KUNIT_EXPECT_GT(test, size, (ssize_t)0);
	KUNIT_EXPECT_LE(test, size, (ssize_t)8192);
	for (i = 0; i < PROCDUMP_FRAME_SIZE; i++)
		frame.src[i] = suite_random(&state);
	size = make(&frame, ops->bound(), PROCDUMP_FRAME_SIZE);
	KUNIT_EXPECT_GT(test, size, (ssize_t)PROCDUMP_FRAME_SIZE);
	KUNIT_EXPECT_LE(test, size, (ssize_t)ops->bound());
	/* Too little room is an error, and nothing is written behind it. */
	memset(frame.dst, 0xa5, ops->bound());
	KUNIT_EXPECT_EQ(test, make(&frame, 1000, PROCDUMP_FRAME_SIZE),
			(ssize_t)-EIO);
	KUNIT_EXPECT_EQ(test, frame.dst[1000], 0xa5);
	KUNIT_EXPECT_EQ(test, make(&frame, 4, 0), (ssize_t)-EIO);
	frame_free(&frame);
}

static void frame_sizes(struct kunit *test)
{
	check_sizes(test, &procdump_gzip_ops, 1);
	check_sizes(test, &procdump_gzip_ops, 9);
	check_sizes(test, &procdump_zstd_ops, 1);
	check_sizes(test, &procdump_zstd_ops, 3);
}

/* The same bytes give the same frame, whatever the workspace did before. */
static void check_repeats(struct kunit *test,
			  const struct procdump_frame_ops *ops)
{
	struct frame frame = { .ops = ops, .level = 1 };
	ssize_t size, again;
	u8 first[64] = {};

	KUNIT_ASSERT_TRUE(test, frame_alloc(&frame));
	memcpy(frame.src, text, 9);
	size = make(&frame, ops->bound(), 9);
	KUNIT_ASSERT_GT(test, size, (ssize_t)0);
	KUNIT_ASSERT_LE(test, size, (ssize_t)sizeof(first));
	memcpy(first, frame.dst, size);
	make(&frame, ops->bound(), PROCDUMP_FRAME_SIZE);
	again = make(&frame, ops->bound(), 9);
	KUNIT_EXPECT_EQ(test, size, again);
	KUNIT_EXPECT_EQ(test, memcmp(first, frame.dst, size), 0);
	frame_free(&frame);
}

static void frame_repeats(struct kunit *test)
{
	check_repeats(test, &procdump_gzip_ops);
	check_repeats(test, &procdump_zstd_ops);
}

/* RFC 1952. The CRC of the text is the check value of CRC-32. */
static void frame_gzip(struct kunit *test)
{
	static const u8 header[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3 };
	struct frame frame = { .ops = &procdump_gzip_ops, .level = 1 };
	ssize_t size;

	KUNIT_ASSERT_TRUE(test, frame_alloc(&frame));
	memcpy(frame.src, text, 9);
	size = make(&frame, procdump_gzip_ops.bound(), 9);
	KUNIT_ASSERT_GT(test, size, (ssize_t)18);
	KUNIT_EXPECT_EQ(test, memcmp(frame.dst, header, sizeof(header)), 0);
	KUNIT_EXPECT_EQ(test, le32(frame.dst + size - 8), 0xcbf43926U);
	KUNIT_EXPECT_EQ(test, le32(frame.dst + size - 4), 9U);
	frame_free(&frame);
}

/*
 * RFC 8878, section 3.1.1.1: magic, then a descriptor with a checksum and, for
 * a single segment, the content size in one byte.
 */
static void frame_zstd(struct kunit *test)
{
	struct frame frame = { .ops = &procdump_zstd_ops, .level = 1 };
	ssize_t size;

	KUNIT_ASSERT_TRUE(test, frame_alloc(&frame));
	memcpy(frame.src, text, 9);
	size = make(&frame, procdump_zstd_ops.bound(), 9);
	KUNIT_ASSERT_GT(test, size, (ssize_t)9);
	KUNIT_EXPECT_EQ(test, le32(frame.dst), 0xfd2fb528U);
	KUNIT_EXPECT_EQ(test, frame.dst[4], 0x24);
	KUNIT_EXPECT_EQ(test, frame.dst[5], 9);
	frame_free(&frame);
}

/* zstd_seekable_compression_format.md, of the zstd sources. */
static void frame_seek_table(struct kunit *test)
{
	struct procdump_seek_head head;
	struct procdump_seek_foot foot;
	const u8 *at = (const u8 *)&head;

	KUNIT_EXPECT_EQ(test, sizeof(head), (size_t)8);
	KUNIT_EXPECT_EQ(test, sizeof(foot), (size_t)9);
	KUNIT_EXPECT_EQ(test, sizeof(struct procdump_seek_entry), (size_t)8);
	procdump_zstd_ops.seek_ends(&head, &foot, 3);
	KUNIT_EXPECT_EQ(test, le32(at), 0x184d2a5eU);
	KUNIT_EXPECT_EQ(test, le32(at + 4), 3 * 8 + 9U);
	at = (const u8 *)&foot;
	KUNIT_EXPECT_EQ(test, le32(at), 3U);
	KUNIT_EXPECT_EQ(test, at[4], 0);
	KUNIT_EXPECT_EQ(test, le32(at + 5), 0x8f92eab1U);
	KUNIT_EXPECT_NULL(test, procdump_gzip_ops.seek_ends);
}

static struct kunit_case frame_cases[] = {
	KUNIT_CASE(frame_sizes),
	KUNIT_CASE(frame_repeats),
	KUNIT_CASE(frame_gzip),
	KUNIT_CASE(frame_zstd),
	KUNIT_CASE(frame_seek_table),
	{}
};

struct kunit_suite procdump_frame_suite = {
	.name = "procdump_frame",
	.test_cases = frame_cases,
};
