// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames in zstd format, RFC 8878, by the kernel's zstd: each with its content
 * size and a checksum, and a table at the end to find them by.
 *
 * The default level is 1: a dump is waited for, or holds its target.
 */
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/zstd.h>

#include "compress.h"

/* From zstd_seekable_compression_format.md, see compress.h. */
#define SKIPPABLE_MAGIC	0x184D2A5E
#define SEEKABLE_MAGIC	0x8F92EAB1

/*
 * For the size of a whole frame whatever the length, so that the workspace of
 * a level is enough for all frames; the library adjusts it to a shorter one.
 */
static zstd_parameters parameters(int level)
{
	zstd_parameters params = zstd_get_params(level, PROCDUMP_FRAME_SIZE);

	params.fParams.contentSizeFlag = 1;
	params.fParams.checksumFlag = 1;
	return params;
}

static size_t zstd_workspace(int level)
{
	zstd_parameters params = parameters(level);

	return zstd_cctx_workspace_bound(&params.cParams);
}

static size_t zstd_bound(void)
{
	return zstd_compress_bound(PROCDUMP_FRAME_SIZE);
}

static ssize_t zstd_compress(void *workspace, int level, void *dst, size_t cap,
			     const void *src, size_t len)
{
	zstd_parameters params = parameters(level);
	zstd_cctx *cctx;
	size_t size;

	cctx = zstd_init_cctx(workspace,
			      zstd_cctx_workspace_bound(&params.cParams));
	if (!cctx)
		return -EIO;
	size = zstd_compress_cctx(cctx, dst, cap, src, len, &params);
	return zstd_is_error(size) ? -EIO : size;
}

static void zstd_seek_ends(struct procdump_seek_head *head,
			   struct procdump_seek_foot *foot, u32 frames)
{
	head->magic = cpu_to_le32(SKIPPABLE_MAGIC);
	head->size = cpu_to_le32(frames * sizeof(struct procdump_seek_entry) +
				 sizeof(*foot));
	foot->frames = cpu_to_le32(frames);
	foot->descriptor = 0;
	foot->magic = cpu_to_le32(SEEKABLE_MAGIC);
}

const struct procdump_frame_ops procdump_zstd_ops = {
	.levels = 19,
	.default_level = 1,
	.workspace = zstd_workspace,
	.bound = zstd_bound,
	.compress = zstd_compress,
	.seek_ends = zstd_seek_ends,
};
