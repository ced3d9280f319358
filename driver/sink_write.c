// SPDX-License-Identifier: GPL-2.0-only
/*
 * How bytes get into the output: from a buffer, or as pages that the file takes
 * as they are (bvec), without a copy between; and holes.
 *
 * A descriptor with O_DIRECT: all writes are whole pages at page boundaries,
 * which is enough for any disk. Pages go out as they are; other bytes are gathered
 * in the stage first. The last page is padded, and the file is cut to its size
 * in the end: at a limit a file whose size is no multiple of a page has no
 * room for that.
 *
 * Any other regular file is written to the page cache, see sink_behind.c.
 *
 * Promises and locks: see sink.c.
 */
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "procdump.h"
#include "sink.h"
#include "sink_behind.h"
#include "sink_lock.h"
#include "sink_write.h"

/* Bytes between two looks for a signal; what a pipe holds by default. */
#define PIECE_SIZE	SZ_64K
#define PIECE_PAGES	(PIECE_SIZE / PAGE_SIZE)

#define STAGE_PAGES	(PROCDUMP_SINK_STAGE / PAGE_SIZE)

/* Is there room for @len bytes at @pos below @limit? */
static bool fits(u64 pos, u64 len, u64 limit)
{
	return len <= limit && pos <= limit - len;
}

static int check_room(const struct procdump_sink *sink, u64 len)
{
	const struct super_block *sb = file_inode(sink->file)->i_sb;

	if (!fits(sink->pos, len, sink->limit))
		return -EFBIG;
	if (!sink->regular)
		return 0;
	if (!fits(sink->pos, len, rlimit(RLIMIT_FSIZE)) ||
	    !fits(sink->pos, len, sb->s_maxbytes))
		return -EFBIG;
	return 0;
}

/*
 * Wait for a stream that takes nothing now. Pipes wake only tasks that sleep
 * interruptibly, hence any signal ends it, as it does in write(2). Files that
 * say they are ready, and then are not, are asked again after a tick.
 */
static int wait_writable(struct procdump_sink *sink)
{
	const __poll_t want = EPOLLOUT | EPOLLERR | EPOLLHUP;
	struct poll_wqueues pwq;
	bool ready;

	poll_initwait(&pwq);
	pwq.pt._key = want;
	ready = vfs_poll(sink->file, &pwq.pt) & want;
	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pwq.triggered))
		schedule_timeout(ready ? 1 : HZ / 10);
	__set_current_state(TASK_RUNNING);
	poll_freewait(&pwq);
	return signal_pending(current) ? -EINTR : procdump_sink_tell(sink, false);
}

/*
 * A pipe or a socket, without waiting in it: there the deadline of a held
 * target would not be seen.
 */
static ssize_t send(struct procdump_sink *sink, struct iov_iter *iter)
{
	struct file *file = sink->file;
	struct kiocb kiocb;
	ssize_t ret;

	if (S_ISFIFO(file_inode(file)->i_mode)) {
		if (!(vfs_poll(file, NULL) & (EPOLLOUT | EPOLLERR)))
			return -EAGAIN;
		iov_iter_truncate(iter, compat_pipe_write_max(iov_iter_count(iter)));
	}
	ret = rw_verify_area(WRITE, file, NULL, iov_iter_count(iter));
	if (ret)
		return ret;
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_flags |= IOCB_NOWAIT;
	return file->f_op->write_iter(&kiocb, iter);
}

static ssize_t write_once(struct procdump_sink *sink, struct iov_iter *iter)
{
	umode_t mode = file_inode(sink->file)->i_mode;
	loff_t pos = sink->pos;

	if (S_ISFIFO(mode) || S_ISSOCK(mode))
		return send(sink, iter);
	return compat_vfs_iter_write(sink->file, iter,
				     sink->regular ? &pos : NULL);
}

/* Write all of @whole, at @sink->pos. */
static int put(struct procdump_sink *sink, const struct iov_iter *whole)
{
	size_t len = iov_iter_count(whole), done = 0;
	int err;

	while (done < len) {
		struct iov_iter iter = *whole;
		ssize_t n;

		iov_iter_advance(&iter, done);
		if (fatal_signal_pending(current))
			return -EINTR;
		err = check_room(sink, len - done);
		if (err)
			return err;
		n = write_once(sink, &iter);
		if (n == -EAGAIN && !sink->regular) {
			err = wait_writable(sink);
			if (err)
				return err;
			continue;
		}
		if (n <= 0)
			return n ? procdump_no_restart(n) : -EIO;
		sink->pos += n;
		sink->end = sink->pos;
		sink->written += n;
		done += n;
	}
	cond_resched();
	err = procdump_sink_behind(sink);
	return err ? err : procdump_sink_tell(sink, true);
}

/* Write @len bytes of @nr pages in @sink->vec. */
static int put_vec(struct procdump_sink *sink, unsigned int nr, size_t len)
{
	struct iov_iter iter;

	iov_iter_bvec(&iter, ITER_SOURCE, sink->vec, nr, len);
	return put(sink, &iter);
}

static void set_vec(struct procdump_sink *sink, unsigned int i,
		    struct page *page)
{
	sink->vec[i].bv_page = page;
	sink->vec[i].bv_len = PAGE_SIZE;
	sink->vec[i].bv_offset = 0;
}

static int put_buf(struct procdump_sink *sink, const void *buf, size_t len)
{
	struct iov_iter iter;
	struct kvec vec;
	int err = 0;

	while (len && !err) {
		vec.iov_base = (void *)buf;
		vec.iov_len = min_t(size_t, len, PIECE_SIZE);
		iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
		err = put(sink, &iter);
		buf += vec.iov_len;
		len -= vec.iov_len;
	}
	return err;
}

static int put_zeros(struct procdump_sink *sink, u64 len)
{
	unsigned int i;
	int err = 0;

	while (len && !err) {
		size_t piece = min_t(u64, len, PIECE_SIZE);

		for (i = 0; i < PIECE_PAGES; i++)
			set_vec(sink, i, ZERO_PAGE(0));
		err = put_vec(sink, PIECE_PAGES, piece);
		len -= piece;
	}
	return err;
}

static int put_pages(struct procdump_sink *sink, struct page **pages,
		     unsigned int nr)
{
	unsigned int most = sink->direct ? STAGE_PAGES : PIECE_PAGES;
	int err = 0;

	while (nr && !err) {
		unsigned int i, piece = min(nr, most);

		for (i = 0; i < piece; i++)
			set_vec(sink, i, pages[i]);
		err = put_vec(sink, piece, (size_t)piece * PAGE_SIZE);
		pages += piece;
		nr -= piece;
	}
	return err;
}

/* Write the stage, which begins and ends at a page boundary or is padded. */
static int put_stage(struct procdump_sink *sink)
{
	size_t len = PAGE_ALIGN(sink->staged);
	unsigned int i, nr = len / PAGE_SIZE;
	loff_t pos = sink->pos;
	int err;

	if (!nr)
		return 0;
	memset(sink->stage + sink->staged, 0, len - sink->staged);
	for (i = 0; i < nr; i++)
		set_vec(sink, i, vmalloc_to_page(sink->stage + i * PAGE_SIZE));
	sink->pos -= sink->staged;
	err = put_vec(sink, nr, len);
	if (err)
		return err;
	sink->pos = pos;
	sink->staged = 0;
	return 0;
}

/* Take @len bytes at @buf, or zeros, into the stage. */
static int stage(struct procdump_sink *sink, const void *buf, size_t len)
{
	int err = 0;

	while (len && !err) {
		size_t n = min(len, PROCDUMP_SINK_STAGE - sink->staged);

		if (buf)
			memcpy(sink->stage + sink->staged, buf, n);
		else
			memset(sink->stage + sink->staged, 0, n);
		sink->staged += n;
		sink->pos += n;
		len -= n;
		if (buf)
			buf += n;
		if (sink->staged == PROCDUMP_SINK_STAGE)
			err = put_stage(sink);
	}
	return err;
}

/* Zeros up to the page boundary, a hole, and zeros from the last one on. */
static int stage_hole(struct procdump_sink *sink, u64 len)
{
	size_t head = min_t(u64, len, -sink->pos & ~PAGE_MASK);
	int err;

	err = stage(sink, NULL, head);
	len -= head;
	if (!err && len >= PAGE_SIZE)
		err = put_stage(sink);
	if (err)
		return err;
	if (len >= PAGE_SIZE)
		sink->pos += len & PAGE_MASK;
	return stage(sink, NULL, len & ~PAGE_MASK);
}

/**
 * procdump_sink_write() - write the next bytes
 * @sink: a sink that was begun
 * @buf: kernel memory
 * @len: how many bytes of it
 *
 * All of it is written, or there is an error. @sink->pos and @sink->written
 * count what was taken in any case.
 *
 * A pipe without readers sends SIGPIPE to current, as in write(2).
 *
 * Context: Process context of the dumper. May sleep, for as long as the output
 * wants.
 * Return: 0; -EINTR if current was killed, or got any signal while a pipe,
 * socket or device made it wait; -EFBIG at the limit, at RLIMIT_FSIZE or at
 * the largest file that the file system can have; -EIO if the file takes
 * nothing any more; errors of @sink->progress; -ENOSPC, -EDQUOT, -EPIPE,
 * -EPERM (a sealed memfd) and any other error of the file, verbatim.
 */
int procdump_sink_write(struct procdump_sink *sink, const void *buf, size_t len)
{
	return sink->direct ? stage(sink, buf, len) : put_buf(sink, buf, len);
}

/**
 * procdump_sink_write_pages() - write the next bytes, whole pages
 * @sink: a sink that was begun
 * @pages: the pages, which may belong to somebody else
 * @nr: how many
 *
 * The file gets the pages as they are, if it can. What still has a use for them
 * when this returns, because current was killed, has its own references. Unless
 * @sink->copies, their contents must not change meanwhile: some file systems have
 * checksums. With O_DIRECT @sink->pos must be on a page boundary.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_sink_write().
 */
int procdump_sink_write_pages(struct procdump_sink *sink, struct page **pages,
			      unsigned int nr)
{
	int err;

	if (!sink->direct)
		return put_pages(sink, pages, nr);
	if (WARN_ON_ONCE(sink->pos & ~PAGE_MASK))
		return -EINVAL;
	err = put_stage(sink);
	return err ? err : put_pages(sink, pages, nr);
}

/**
 * procdump_sink_skip() - leave a hole
 * @sink: a sink that was begun
 * @len: how many bytes shall read as zero
 *
 * A regular file gets a hole, a stream gets zeros.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_sink_write().
 */
int procdump_sink_skip(struct procdump_sink *sink, u64 len)
{
	int err;

	if (!sink->regular)
		return put_zeros(sink, len);
	err = check_room(sink, len);
	if (err)
		return err;
	if (sink->direct)
		return stage_hole(sink, len);
	sink->pos += len;
	return 0;
}

/**
 * procdump_sink_flush() - hand over what is left, for procdump_sink_finish()
 * @sink: a sink of a regular file to which everything was written
 *
 * With O_DIRECT the file may become longer than @sink->pos.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_sink_write().
 */
int procdump_sink_flush(struct procdump_sink *sink)
{
	int err;

	err = put_stage(sink);
	if (err)
		return err;
	err = check_room(sink, 0);
	return err ? err : procdump_sink_behind_end(sink);
}
