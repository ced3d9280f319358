// SPDX-License-Identifier: GPL-2.0-only
/*
 * The raw bytes of a core on their way to the sink: as they are, or cut into
 * frames of PROCDUMP_FRAME_SIZE that are each compressed on their own.
 *
 * Promises:
 *
 * - All memory that a stream cannot do without is allocated by
 *   procdump_stream_init(), before a target is held, and does not grow with
 *   the size of the core. It is vmalloc()ed: kvmalloc() with PROCDUMP_GFP would
 *   first reclaim hard for contiguous memory.
 * - What the sink has got when procdump_stream_finish() succeeds is one valid
 *   file of the format, also if nothing was written. It depends on the raw
 *   bytes, the format and the level only, not on how they were cut into calls.
 *
 * The table of frames of the zstd format grows by 8 bytes a frame, a page for
 * 511 MiB. It is a help for readers: when there is no memory for it, the file
 * is written without it.
 *
 * A hole compresses to the same frame over and over, which is therefore made
 * only once.
 *
 * Locks: none. A stream is used by the dumper's task only.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compress.h"
#include "procdump.h"
#include "sink.h"

/* Room for a frame of zeros: gzip at level 1, the largest, needs 4608 bytes. */
#define ZERO_MAX	8192

/* ZSTD_SEEKABLE_MAXFRAMES of the zstd sources. */
#define SEEK_FRAMES_MAX	0x8000000

#define SEEK_ENTRIES	((PAGE_SIZE - sizeof(struct list_head) - \
			  sizeof(size_t)) / sizeof(struct procdump_seek_entry))

/* Part of the table of frames, in the order of the frames. */
struct seek_page {
	struct list_head list;
	size_t used;
	struct procdump_seek_entry entry[SEEK_ENTRIES];
};

static const struct procdump_frame_ops * const formats[] = {
	[PROCDUMP_COMPRESSION_GZIP] = &procdump_gzip_ops,
	[PROCDUMP_COMPRESSION_ZSTD] = &procdump_zstd_ops,
};

/**
 * procdump_compressions() - which compressions there are
 *
 * Context: Any.
 * Return: bit 1 << PROCDUMP_COMPRESSION_* for each.
 */
u32 procdump_compressions(void)
{
	u32 bits = BIT(PROCDUMP_COMPRESSION_NONE);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i])
			bits |= BIT(i);
	return bits;
}

/**
 * procdump_compress_check() - check compression and level of a request
 * @compression: enum procdump_compression
 * @level: compression level, 0 for the default
 *
 * Context: Any.
 * Return: 0, or -EINVAL if there is no such compression, if it has no such
 * level, or for a level without compression.
 */
int procdump_compress_check(u32 compression, int level)
{
	if (compression == PROCDUMP_COMPRESSION_NONE)
		return level ? -EINVAL : 0;
	if (compression >= ARRAY_SIZE(formats) || !formats[compression])
		return -EINVAL;
	if (level < 0 || level > formats[compression]->levels)
		return -EINVAL;
	return 0;
}

static void add_seek_page(struct procdump_stream *stream)
{
	struct seek_page *page = kmalloc(sizeof(*page), PROCDUMP_GFP);

	BUILD_BUG_ON(sizeof(*page) > PAGE_SIZE);
	if (!page) {
		stream->seekable = false;
		return;
	}
	page->used = 0;
	list_add_tail(&page->list, &stream->seek);
}

static void add_seek_entry(struct procdump_stream *stream, size_t compressed,
			   size_t raw)
{
	struct seek_page *page;

	if (stream->frames == SEEK_FRAMES_MAX)
		stream->seekable = false;
	if (!stream->seekable)
		return;
	page = list_last_entry(&stream->seek, struct seek_page, list);
	page->entry[page->used].compressed = cpu_to_le32(compressed);
	page->entry[page->used].raw = cpu_to_le32(raw);
	if (++page->used == SEEK_ENTRIES)
		add_seek_page(stream);
}

static int write_seek_table(struct procdump_stream *stream)
{
	struct procdump_seek_head head;
	struct procdump_seek_foot foot;
	struct seek_page *page;
	int err;

	stream->ops->seek_ends(&head, &foot, stream->frames);
	err = procdump_sink_write(stream->sink, &head, sizeof(head));
	if (err)
		return err;
	list_for_each_entry(page, &stream->seek, list) {
		err = procdump_sink_write(stream->sink, page->entry,
					  page->used * sizeof(page->entry[0]));
		if (err)
			return err;
	}
	return procdump_sink_write(stream->sink, &foot, sizeof(foot));
}

/**
 * procdump_stream_init() - allocate a stream
 * @stream: filled in, also if there is an error
 * @compression: enum procdump_compression
 * @level: compression level, 0 for the default. Both have passed
 *	procdump_compress_check()
 *
 * Context: Process context. May sleep; does not invoke the OOM killer.
 * Return: 0 or -ENOMEM. The caller owes a procdump_stream_uninit() either way.
 */
int procdump_stream_init(struct procdump_stream *stream, u32 compression,
			 int level)
{
	const struct procdump_frame_ops *ops;

	memset(stream, 0, sizeof(*stream));
	INIT_LIST_HEAD(&stream->seek);
	if (compression == PROCDUMP_COMPRESSION_NONE)
		return 0;

	ops = formats[compression];
	stream->ops = ops;
	stream->level = level ?: ops->default_level;
	stream->out_cap = ops->bound();
	stream->workspace = __vmalloc(ops->workspace(stream->level),
				      PROCDUMP_GFP | __GFP_ZERO);
	stream->in = __vmalloc(PROCDUMP_FRAME_SIZE, PROCDUMP_GFP);
	stream->out = __vmalloc(stream->out_cap, PROCDUMP_GFP);
	stream->zero = kmalloc(ZERO_MAX, PROCDUMP_GFP);
	if (!stream->workspace || !stream->in || !stream->out || !stream->zero)
		return -ENOMEM;
	stream->seekable = ops->seek_ends;
	if (stream->seekable)
		add_seek_page(stream);
	return 0;
}

/**
 * procdump_stream_attach() - say where a stream goes
 * @stream: a stream to which nothing was written
 * @sink: an open sink; it stays the caller's to begin, finish and close
 *
 * Context: Any.
 */
void procdump_stream_attach(struct procdump_stream *stream,
			    struct procdump_sink *sink)
{
	stream->sink = sink;
}

static int put_frame(struct procdump_stream *stream, const void *frame,
		     size_t size, size_t raw)
{
	int err = procdump_sink_write(stream->sink, frame, size);

	if (err)
		return err;
	add_seek_entry(stream, size, raw);
	stream->frames++;
	return 0;
}

/* Compress @len bytes at @buf into a frame and send it. */
static int emit(struct procdump_stream *stream, const void *buf, size_t len)
{
	ssize_t size;

	cond_resched();
	size = stream->ops->compress(stream->workspace, stream->level,
				     stream->out, stream->out_cap, buf, len);
	if (size < 0)
		return size;
	return put_frame(stream, stream->out, size, len);
}

/* Send a whole frame of zeros. stream->in is empty. */
static int emit_zeros(struct procdump_stream *stream)
{
	ssize_t size;

	if (!stream->zero_len) {
		memset(stream->in, 0, PROCDUMP_FRAME_SIZE);
		size = stream->ops->compress(stream->workspace, stream->level,
					     stream->out, stream->out_cap,
					     stream->in, PROCDUMP_FRAME_SIZE);
		if (size < 0)
			return size;
		if (size > ZERO_MAX)
			return put_frame(stream, stream->out, size,
					 PROCDUMP_FRAME_SIZE);
		memcpy(stream->zero, stream->out, size);
		stream->zero_len = size;
	}
	return put_frame(stream, stream->zero, stream->zero_len,
			 PROCDUMP_FRAME_SIZE);
}

/* Take up to a frame of @len bytes at @buf, or zeros if it is NULL. */
static ssize_t fill_frame(struct procdump_stream *stream, const void *buf,
			  u64 len)
{
	size_t n = min_t(u64, len, PROCDUMP_FRAME_SIZE - stream->fill);
	int err = 0;

	if (n == PROCDUMP_FRAME_SIZE) {
		err = buf ? emit(stream, buf, n) : emit_zeros(stream);
		return err ?: n;
	}
	if (buf)
		memcpy(stream->in + stream->fill, buf, n);
	else
		memset(stream->in + stream->fill, 0, n);
	stream->fill += n;
	if (stream->fill == PROCDUMP_FRAME_SIZE) {
		stream->fill = 0;
		err = emit(stream, stream->in, PROCDUMP_FRAME_SIZE);
	}
	return err ?: n;
}

static int fill_frames(struct procdump_stream *stream, const void *buf, u64 len)
{
	while (len) {
		ssize_t n = fill_frame(stream, buf, len);

		if (n < 0)
			return n;
		stream->raw += n;
		len -= n;
		if (buf)
			buf += n;
	}
	return 0;
}

/**
 * procdump_stream_write() - write the next bytes of the core
 * @stream: an attached stream; the sink was begun
 * @buf: kernel memory
 * @len: how many bytes of it
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -EIO if the compressor fails; errors of procdump_sink_write().
 * After an error the stream can only be uninitialised.
 */
int procdump_stream_write(struct procdump_stream *stream, const void *buf,
			  size_t len)
{
	if (stream->ops)
		return fill_frames(stream, buf, len);
	stream->raw += len;
	return procdump_sink_write(stream->sink, buf, len);
}

/**
 * procdump_stream_skip() - write zeros
 * @stream: an attached stream; the sink was begun
 * @len: how many
 *
 * Without compression they become a hole where the sink can have one.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_stream_write().
 */
int procdump_stream_skip(struct procdump_stream *stream, u64 len)
{
	if (stream->ops)
		return fill_frames(stream, NULL, len);
	stream->raw += len;
	return procdump_sink_skip(stream->sink, len);
}

/**
 * procdump_stream_finish() - write what is left
 * @stream: an attached stream to which all was written
 *
 * Completes the format. The sink is the caller's to finish.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_stream_write().
 */
int procdump_stream_finish(struct procdump_stream *stream)
{
	int err;

	if (!stream->ops)
		return 0;
	if (stream->fill || !stream->frames) {
		err = emit(stream, stream->in, stream->fill);
		if (err)
			return err;
		stream->fill = 0;
	}
	return stream->seekable ? write_seek_table(stream) : 0;
}

/**
 * procdump_stream_uninit() - free a stream
 * @stream: a stream after procdump_stream_init(), or one that is all zero
 *
 * Context: Process context. May sleep.
 */
void procdump_stream_uninit(struct procdump_stream *stream)
{
	struct seek_page *page, *next;

	if (!stream->seek.next)
		return;
	list_for_each_entry_safe(page, next, &stream->seek, list)
		kfree(page);
	INIT_LIST_HEAD(&stream->seek);
	kfree(stream->zero);
	vfree(stream->out);
	vfree(stream->in);
	vfree(stream->workspace);
	memset(stream, 0, sizeof(*stream));
}
