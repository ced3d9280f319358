// SPDX-License-Identifier: GPL-2.0-only
/*
 * The raw bytes of a core on their way to the sink: as they are, or cut into
 * frames of PROCDUMP_FRAME_SIZE that are each compressed on their own, on all
 * CPUs (pool.c), and written in their order by the dumper's task, whose limits
 * and credentials the output judges by.
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
 * A hole compresses to the same frame over and over. When the first one comes
 * back from the pool it is kept, and the next ones are only counted.
 *
 * Frames that are done are written when one is submitted, when the ring of
 * the pool is full, and at the end. While the dumper waits for a worker it
 * looks after the hold of the target, as it does while it waits for a pipe.
 *
 * Locks: none. A stream is used by the dumper's task only; what is shared with
 * workers is in pool.c.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compress.h"
#include "pool.h"
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
	stream->pool = procdump_pool_create(ops, level ?: ops->default_level);
	stream->zero = kmalloc(ZERO_MAX, PROCDUMP_GFP);
	if (!stream->pool || !stream->zero)
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

/**
 * procdump_stream_alone() - have the dumper compress by itself
 * @stream: a stream to which nothing was written
 *
 * Context: The dumper.
 */
void procdump_stream_alone(struct procdump_stream *stream)
{
	if (stream->pool)
		procdump_pool_alone(stream->pool);
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

static int put_zeros(struct procdump_stream *stream, u64 count)
{
	int err = 0;

	while (count-- && !err)
		err = put_frame(stream, stream->zero, stream->zero_len,
				PROCDUMP_FRAME_SIZE);
	return err;
}

/* The target may be held while a worker takes its time. */
static int wait_frame(struct procdump_stream *stream,
		      struct procdump_frame *frame)
{
	const struct procdump_sink *sink = stream->sink;
	int err;

	for (;;) {
		err = procdump_pool_wait(frame, HZ / 10);
		if (err != -EAGAIN)
			return err;
		err = sink->progress ?
		      sink->progress(sink->progress_arg, false) : 0;
		if (err)
			return err;
	}
}

/* Send the oldest frame, which is done, and what goes before it. */
static int put_oldest(struct procdump_stream *stream,
		      struct procdump_frame *frame)
{
	int err = frame->size < 0 ? frame->size : 0;

	if (!err)
		err = put_zeros(stream, frame->zeros);
	if (!err)
		err = put_frame(stream, frame->out, frame->size, frame->len);
	if (err)
		return err;
	if (frame->zero && !stream->zero_len && frame->size <= ZERO_MAX) {
		memcpy(stream->zero, frame->out, frame->size);
		stream->zero_len = frame->size;
	}
	procdump_pool_retire(stream->pool);
	return 0;
}

/* Send all frames that are done. */
static int put_done(struct procdump_stream *stream)
{
	struct procdump_frame *frame;
	int err = 0;

	while (!err) {
		frame = procdump_pool_oldest(stream->pool);
		if (!frame || procdump_pool_wait(frame, 0))
			break;
		err = put_oldest(stream, frame);
	}
	return err;
}

/* Send all frames that were submitted. */
static int put_all(struct procdump_stream *stream)
{
	struct procdump_frame *frame;
	int err = 0;

	while (!err && (frame = procdump_pool_oldest(stream->pool))) {
		err = wait_frame(stream, frame);
		if (!err)
			err = put_oldest(stream, frame);
	}
	return err;
}

/* The frame to fill, for which others may have to be sent. */
static int get_frame(struct procdump_stream *stream)
{
	struct procdump_frame *oldest;
	int err;

	if (stream->frame)
		return 0;
	stream->frame = procdump_pool_get(stream->pool);
	if (!stream->frame) {
		oldest = procdump_pool_oldest(stream->pool);
		err = wait_frame(stream, oldest);
		if (!err)
			err = put_oldest(stream, oldest);
		if (err)
			return err;
		stream->frame = procdump_pool_get(stream->pool);
	}
	stream->frame->len = 0;
	stream->frame->zeros = 0;
	stream->frame->zero = true;
	return 0;
}

static int submit_frame(struct procdump_stream *stream)
{
	stream->frame = NULL;
	procdump_pool_submit(stream->pool);
	cond_resched();
	return put_done(stream);
}

/*
 * Take up to a frame of @len bytes at @buf, or zeros if it is NULL. A whole
 * frame of zeros that was made before waits for its turn as a number only, in
 * the frame that follows it.
 */
static ssize_t fill_frame(struct procdump_stream *stream, const void *buf,
			  u64 len)
{
	struct procdump_frame *frame;
	size_t n;
	int err;

	err = get_frame(stream);
	if (err)
		return err;
	frame = stream->frame;
	n = min_t(u64, len, PROCDUMP_FRAME_SIZE - frame->len);
	if (!buf && n == PROCDUMP_FRAME_SIZE && stream->zero_len) {
		if (procdump_pool_oldest(stream->pool))
			frame->zeros++;
		else
			err = put_zeros(stream, 1);
		return err ?: n;
	}
	if (buf)
		memcpy(frame->in + frame->len, buf, n);
	else
		memset(frame->in + frame->len, 0, n);
	frame->zero &= !buf;
	frame->len += n;
	if (frame->len == PROCDUMP_FRAME_SIZE)
		err = submit_frame(stream);
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
 * procdump_stream_write_pages() - write whole pages as they are
 * @stream: an attached stream that procdump_stream_takes_pages(); the sink was
 *	begun
 * @pages: the pages
 * @nr: how many
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_sink_write_pages().
 */
int procdump_stream_write_pages(struct procdump_stream *stream,
				struct page **pages, unsigned int nr)
{
	stream->raw += (u64)nr * PAGE_SIZE;
	return procdump_sink_write_pages(stream->sink, pages, nr);
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

static int finish_frames(struct procdump_stream *stream)
{
	struct procdump_frame *last;
	int err;

	err = get_frame(stream);
	if (err)
		return err;
	last = stream->frame;
	if (last->len || !stream->raw)
		err = submit_frame(stream);
	if (!err)
		err = put_all(stream);
	if (!err && stream->frame)
		err = put_zeros(stream, last->zeros);
	if (err)
		return err;
	return stream->seekable ? write_seek_table(stream) : 0;
}

/**
 * procdump_stream_finish() - write what is left, and complete the output
 * @stream: an attached stream to which all was written
 *
 * Completes the format, then the sink: procdump_sink_finish().
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_stream_write() and procdump_sink_finish().
 */
int procdump_stream_finish(struct procdump_stream *stream)
{
	int err = stream->ops ? finish_frames(stream) : 0;

	return err ? err : procdump_sink_finish(stream->sink);
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
	procdump_pool_destroy(stream->pool);
	kfree(stream->zero);
	memset(stream, 0, sizeof(*stream));
}
