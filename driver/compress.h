/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_COMPRESS_H
#define _PROCDUMP_COMPRESS_H

#include <linux/list.h>
#include <linux/types.h>

struct page;
struct procdump_frame;
struct procdump_pool;
struct procdump_sink;

/* Bytes of the raw stream in one frame; the last frame may be shorter. */
#define PROCDUMP_FRAME_SIZE	(1024 * 1024)

/*
 * The table at the end of a zstd file that lets a reader find a frame, as in
 * contrib/seekable_format/zstd_seekable_compression_format.md of the zstd
 * sources, version 0.1.0: a skippable frame (RFC 8878, section 3.1.2) of head,
 * one entry a frame in their order, and foot.
 */
struct procdump_seek_head {
	__le32 magic;
	__le32 size;
} __packed;

struct procdump_seek_entry {
	__le32 compressed;
	__le32 raw;
} __packed;

struct procdump_seek_foot {
	__le32 frames;
	u8 descriptor;
	__le32 magic;
} __packed;

/**
 * struct procdump_frame_ops - one format of frames
 * @levels: greatest level that a caller may ask for
 * @default_level: for a request of level 0
 * @workspace: bytes of workspace that compress() needs at a level
 * @bound: greatest size of a frame of PROCDUMP_FRAME_SIZE raw bytes
 * @compress: compress @len bytes (at most PROCDUMP_FRAME_SIZE, 0 is valid)
 *	into one self-contained frame. @workspace is zeroed or was left by
 *	another call at the same level, and aligned to 8 bytes. Neither sleeps
 *	nor allocates, and looks at nothing but its arguments, so that frames
 *	can be made in parallel in any context; it may take a second at the
 *	highest levels. Returns the size of the frame, or -EIO if the library
 *	fails, which it does only if @cap is below bound()
 * @seek_ends: fill in head and foot of the table of that many frames. NULL if
 *	the format has no table
 */
struct procdump_frame_ops {
	int levels;
	int default_level;
	size_t (*workspace)(int level);
	size_t (*bound)(void);
	ssize_t (*compress)(void *workspace, int level, void *dst, size_t cap,
			    const void *src, size_t len);
	void (*seek_ends)(struct procdump_seek_head *head,
			  struct procdump_seek_foot *foot, u32 frames);
};

extern const struct procdump_frame_ops procdump_gzip_ops;
extern const struct procdump_frame_ops procdump_zstd_ops;

/**
 * struct procdump_stream - the raw bytes of a core on their way to a sink
 * @sink: where the frames go
 * @raw: raw bytes taken so far, skipped ones included
 *
 * The rest is compress.c's own. Without compression the bytes pass straight
 * to the sink.
 */
struct procdump_stream {
	struct procdump_sink *sink;
	u64 raw;

	/* private: */
	const struct procdump_frame_ops *ops;
	struct procdump_pool *pool;
	struct procdump_frame *frame;
	void *zero;
	size_t zero_len;
	struct list_head seek;
	u32 frames;
	bool seekable;
};

/* Can the stream hand on pages as they are? */
static inline bool
procdump_stream_takes_pages(const struct procdump_stream *stream)
{
	return !stream->ops;
}

u32 procdump_compressions(void);
int procdump_compress_check(u32 compression, int level);
int procdump_stream_init(struct procdump_stream *stream, u32 compression,
			 int level);
void procdump_stream_alone(struct procdump_stream *stream);
void procdump_stream_attach(struct procdump_stream *stream,
			    struct procdump_sink *sink);
int procdump_stream_write(struct procdump_stream *stream, const void *buf,
			  size_t len);
int procdump_stream_write_pages(struct procdump_stream *stream,
				struct page **pages, unsigned int nr);
int procdump_stream_skip(struct procdump_stream *stream, u64 len);
int procdump_stream_finish(struct procdump_stream *stream);
void procdump_stream_uninit(struct procdump_stream *stream);

#endif /* _PROCDUMP_COMPRESS_H */
