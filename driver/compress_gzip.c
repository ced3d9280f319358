// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames in gzip format: one member each, as in RFC 1952, by the kernel's zlib.
 * zlib makes the deflate data; header and trailer are ours.
 *
 * The default level is 1. A dump is waited for, or holds its target, and on
 * core dumps level 6 takes more than twice as long for a file that is some
 * 10 % smaller; whoever wants that can ask for it.
 */
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/zlib.h>

#include "compress.h"

/* RFC 1952, section 2.3: ID1 ID2 CM FLG MTIME[4] XFL OS, no optional parts. */
#define HEADER_SIZE	10
#define TRAILER_SIZE	8
#define XFL_BEST	2
#define XFL_FASTEST	4
#define OS_UNIX		3

static size_t gzip_workspace(int level)
{
	return zlib_deflate_workspacesize(MAX_WBITS, DEF_MEM_LEVEL);
}

/* For the data, as deflateBound() of zlib 1.2 for any parameters. */
static size_t gzip_bound(void)
{
	size_t len = PROCDUMP_FRAME_SIZE;

	return HEADER_SIZE + len + ((len + 7) >> 3) + ((len + 63) >> 6) + 5 +
	       TRAILER_SIZE;
}

static void put_header(u8 *dst, int level)
{
	const u8 header[HEADER_SIZE] = {
		0x1f, 0x8b, Z_DEFLATED, 0, 0, 0, 0, 0, 0, OS_UNIX
	};

	memcpy(dst, header, HEADER_SIZE);
	if (level == 1)
		dst[8] = XFL_FASTEST;
	else if (level == 9)
		dst[8] = XFL_BEST;
}

static void put_trailer(u8 *dst, const void *src, size_t len)
{
	const __le32 trailer[] = {
		cpu_to_le32(~crc32_le(~0, src, len)),
		cpu_to_le32(len)
	};

	memcpy(dst, trailer, TRAILER_SIZE);
}

static ssize_t gzip_compress(void *workspace, int level, void *dst, size_t cap,
			     const void *src, size_t len)
{
	z_stream strm = {
		.workspace = workspace,
		.next_in = src,
		.avail_in = len,
	};
	u8 *member = dst;
	size_t size;

	if (cap < HEADER_SIZE + TRAILER_SIZE)
		return -EIO;
	strm.next_out = member + HEADER_SIZE;
	strm.avail_out = cap - HEADER_SIZE - TRAILER_SIZE;
	if (zlib_deflateInit2(&strm, level, Z_DEFLATED, -MAX_WBITS,
			      DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return -EIO;
	if (zlib_deflate(&strm, Z_FINISH) != Z_STREAM_END)
		return -EIO;

	size = HEADER_SIZE + strm.total_out;
	put_header(member, level);
	put_trailer(member + size, src, len);
	return size + TRAILER_SIZE;
}

const struct procdump_frame_ops procdump_gzip_ops = {
	.levels = 9,
	.default_level = 1,
	.workspace = gzip_workspace,
	.bound = gzip_bound,
	.compress = gzip_compress,
};
