// SPDX-License-Identifier: GPL-2.0-only
/*
 * How bytes get into the output: from a buffer, and holes. What that does to the
 * page cache is in sink_behind.c.
 *
 * Promises and locks: see sink.c.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uio.h>

#include "compat.h"
#include "sink.h"
#include "sink_behind.h"
#include "sink_lock.h"
#include "sink_write.h"

/* Bytes between two looks for a signal; what a pipe holds by default. */
#define PIECE_SIZE	SZ_64K
#define PIECE_PAGES	(PIECE_SIZE / PAGE_SIZE)

/* Is there room for @len bytes at @pos below @limit? */
static bool fits(u64 pos, u64 len, u64 limit)
{
	return len <= limit && pos <= limit - len;
}

/**
 * procdump_sink_room() - is there room for more?
 * @sink: a sink
 * @len: bytes from @sink->pos on
 *
 * Context: Any context.
 * Return: 0, or -EFBIG at the limit of the request, at RLIMIT_FSIZE or at the
 * largest file that the file system can have.
 */
int procdump_sink_room(const struct procdump_sink *sink, u64 len)
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

/* Hand over @len bytes at @buf, or @len zeros if it is NULL. */
static ssize_t write_once(struct procdump_sink *sink, const void *buf,
			  size_t len)
{
	umode_t mode = file_inode(sink->file)->i_mode;
	struct kvec vec[PIECE_PAGES];
	struct iov_iter iter;
	loff_t pos = sink->pos;
	int nr = 0;

	if (buf) {
		vec[nr].iov_base = (void *)buf;
		vec[nr++].iov_len = len;
	} else {
		while (nr < DIV_ROUND_UP(len, PAGE_SIZE)) {
			vec[nr].iov_base = page_address(ZERO_PAGE(0));
			vec[nr++].iov_len = PAGE_SIZE;
		}
	}
	iov_iter_kvec(&iter, ITER_SOURCE, vec, nr, len);
	if (S_ISFIFO(mode) || S_ISSOCK(mode))
		return send(sink, &iter);
	return compat_vfs_iter_write(sink->file, &iter,
				     sink->regular ? &pos : NULL);
}

static int write_piece(struct procdump_sink *sink, const void *buf, size_t len)
{
	int err;

	while (len) {
		ssize_t n;

		if (fatal_signal_pending(current))
			return -EINTR;
		err = procdump_sink_room(sink, len);
		if (err)
			return err;
		n = write_once(sink, buf, len);
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
		len -= n;
		if (buf)
			buf += n;
	}
	cond_resched();
	err = procdump_sink_behind(sink);
	return err ? err : procdump_sink_tell(sink, true);
}

/* Write @len bytes at @buf, or @len zeros if it is NULL, in pieces. */
static int write_pieces(struct procdump_sink *sink, const void *buf, u64 len)
{
	while (len) {
		size_t piece = min_t(u64, len, PIECE_SIZE);
		int err = write_piece(sink, buf, piece);

		if (err)
			return err;
		len -= piece;
		if (buf)
			buf += piece;
	}
	return 0;
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
	return write_pieces(sink, buf, len);
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
		return write_pieces(sink, NULL, len);
	err = procdump_sink_room(sink, len);
	if (!err)
		sink->pos += len;
	return err;
}
