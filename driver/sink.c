// SPDX-License-Identifier: GPL-2.0-only
/*
 * The output of a dump: a regular file, a pipe, a socket or a character
 * device, from the descriptor that the caller gave.
 *
 * Promises:
 *
 * - Nothing is changed before procdump_sink_begin(). From then on a regular
 *   file is either finished and kept, or it is cut to nothing when the sink is
 *   closed. A file system that lost its server, or that does not do requests
 *   for a task with a fatal signal, may refuse to cut it; what stays then has
 *   no end mark.
 * - No byte is written beyond the limit of the request or RLIMIT_FSIZE, and no
 *   SIGXFSZ is sent, unless another thread lowers RLIMIT_FSIZE in the moment
 *   between our look and the file system's.
 * - As long as a regular file is open here, nobody else writes it: not through
 *   another descriptor, not by truncate(2), and not through a shared mapping,
 *   not even one of the caller's descriptor. What cannot be shut out is a
 *   write(2) or ftruncate(2) through that very descriptor, which fork() or
 *   SCM_RIGHTS may have spread. If one changes the size of the file, the dump
 *   ends with EBUSY; else it goes unseen.
 *
 * How others are shut out. A POSIX lock on the whole file, with the sink as
 * its owner so that no close() in the caller drops it, conflicts with any
 * other lock and, on a network, with other machines. The inode's i_writecount,
 * which is 1 if the caller's descriptor is the only one open for writing, is
 * turned to -1, what an executing program does from 0: others get ETXTBSY. A
 * memfd does not count as a writer, so there it is 0 that becomes -1. And
 * i_mmap_writable is lowered as if the file were sealed: mmap() gets EPERM. It
 * is all given back by adding, because a program that is executed from the
 * file counts the same way, and before the last fput(), which takes the
 * descriptor's own 1 away. On overlayfs both inodes are treated so: files
 * opened through the overlay count in both, shared mappings only in the upper.
 * Its setattr itself takes write access to the upper inode, so that one is
 * opened around it, see set_size().
 *
 * i_writecount below zero tells others that the file has no writer. Someone
 * who reads it can therefore get a lease or a delegation meanwhile; these are
 * broken when the file is given back. fs-verity can be turned on: this is
 * found at the end and answered with EBUSY.
 *
 * Credentials: those of current, and nothing is overridden. So quota, reserved
 * blocks, file size limit and the security modules judge exactly what they
 * would judge if the caller wrote the same bytes with write(2), and a
 * descriptor does not lend the rights of whoever opened it. Whether it may be
 * written at all was decided when it was opened; file systems that ask for
 * credentials at every request (NFS, 9p, overlayfs) take the file's. One
 * difference: ftruncate(2) calls a security hook of its own, which modules
 * cannot call.
 *
 * What SIGKILL does: in procdump_sink_open() it ends the wait for the server
 * of a remote lock; nothing else waits there. While writing it is looked for
 * before each piece of 64 KiB, and waiting for a pipe, a socket, a server or
 * the writeback of dirty pages is killable. Waiting for a frozen file system
 * or for the inode's lock is not, as in write(2). procdump_sink_close() does
 * not look for signals.
 *
 * Locks, outer to inner: the file system's freeze protection, inode_lock() (on
 * overlayfs the upper's too). Neither is held between calls. All functions may
 * sleep and are called by the dumper's task, one at a time for a sink.
 */
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "compat.h"
#include "procdump.h"
#include "sink.h"

/* Bytes between two looks for a signal; what a pipe holds by default. */
#define PIECE_SIZE	(64 * 1024)
#define PIECE_PAGES	DIV_ROUND_UP(PIECE_SIZE, PAGE_SIZE)

/* Not in linux/magic.h; from fs/configfs/mount.c. */
#define CONFIGFS_MAGIC	0x62656570

/* Minor of /dev/full, from drivers/char/mem.c. */
#define FULL_MINOR	7

/* Restarting an ioctl would restart the whole dump. */
static int no_restart(int err)
{
	switch (err) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return err;
	}
}

/*
 * File systems whose regular files are doors into the kernel, not storage.
 * Those that have no ->write_iter are refused for that.
 */
static bool pseudo_fs(unsigned long magic)
{
	switch (magic) {
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case CONFIGFS_MAGIC:
	case DEBUGFS_MAGIC:
	case PROC_SUPER_MAGIC:
	case RDTGROUP_SUPER_MAGIC:
	case SECURITYFS_MAGIC:
	case SYSFS_MAGIC:
	case TRACEFS_MAGIC:
		return true;
	default:
		return false;
	}
}

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

static int check_regular(struct file *file)
{
	struct inode *inode = file_inode(file);

	if (pseudo_fs(inode->i_sb->s_magic) || IS_VERITY(inode))
		return -EINVAL;
	/* Our buffers are kernel memory, which direct I/O cannot map. */
	if (file->f_flags & O_DIRECT)
		return -EINVAL;
	return 0;
}

static int check_file(struct file *file)
{
	struct inode *inode = file_inode(file);
	umode_t mode = inode->i_mode;

	if (S_ISDIR(mode))
		return -EISDIR;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!S_ISREG(mode) && !S_ISFIFO(mode) && !S_ISSOCK(mode) &&
	    !S_ISCHR(mode))
		return -EINVAL;
	if (file->f_flags & O_APPEND || file->f_op == &procdump_fops)
		return -EINVAL;
	if (S_ISCHR(mode) && inode->i_rdev == MKDEV(MEM_MAJOR, FULL_MINOR))
		return -ENOSPC;
	if (!file->f_op->write_iter)
		return -EINVAL;
	return S_ISREG(mode) ? check_regular(file) : 0;
}

static int set_lock(struct procdump_sink *sink, unsigned char type,
		    unsigned int flags)
{
	struct file_lock lock;
	int err;

	compat_whole_lock_init(&lock, sink->file, sink, type, flags);
	err = vfs_lock_file(sink->file, F_SETLK, &lock, NULL);
	locks_release_private(&lock);
	return err;
}

static int lock_file_range(struct procdump_sink *sink)
{
	int err = set_lock(sink, F_WRLCK, FL_POSIX);

	switch (err) {
	case 0:
		sink->locked = true;
		return 0;
	case -EAGAIN:
	case -EACCES:
		return -EBUSY;
	case -ENOLCK:
	case -EOPNOTSUPP:
	case -ENOSYS:
		return 0;
	default:
		return no_restart(err);
	}
}

/*
 * FL_CLOSE makes NFS go on in spite of a signal, but makes FUSE do nothing:
 * only the second try has it.
 */
static void unlock_file_range(struct procdump_sink *sink)
{
	if (sink->locked && set_lock(sink, F_UNLCK, FL_POSIX))
		set_lock(sink, F_UNLCK, FL_POSIX | FL_CLOSE);
	sink->locked = false;
}

static bool deny_open(struct inode *inode, int own)
{
	return atomic_try_cmpxchg(&inode->i_writecount, &own, -1);
}

static void allow_open(struct inode *inode, int own)
{
	atomic_add(own + 1, &inode->i_writecount);
}

/* @own is what the caller's descriptor counts as a writer: 1, or 0. */
static int deny_writers(struct inode *inode, int own)
{
	if (!deny_open(inode, own))
		return -EBUSY;
	if (mapping_deny_writable(inode->i_mapping)) {
		allow_open(inode, own);
		return -EBUSY;
	}
	return 0;
}

static void allow_writers(struct inode *inode, int own)
{
	mapping_allow_writable(inode->i_mapping);
	allow_open(inode, own);
	break_lease(inode, O_WRONLY | O_NONBLOCK);
}

/*
 * The overlay's inode comes first: mmap() looks whether it is denied there,
 * and then counts the mapping in the upper inode without a look.
 */
static int deny_all_writers(struct procdump_sink *sink)
{
	struct inode *inode[2] = {
		file_inode(sink->file),
		d_real_inode(sink->file->f_path.dentry)
	};
	int err;
	int i;

	sink->own = sink->file->f_mode & FMODE_WRITER ? 1 : 0;
	for (i = 0; i < 2; i++) {
		if (i && inode[i] == inode[0])
			break;
		err = deny_writers(inode[i], sink->own);
		if (err)
			return err;
		sink->denied[i] = inode[i];
	}
	return 0;
}

static void allow_all_writers(struct procdump_sink *sink)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (sink->denied[i])
			allow_writers(sink->denied[i], sink->own);
		sink->denied[i] = NULL;
	}
}

/* As notify_change(), past a delegation. Changes @sink->file's size only. */
static int change_size(struct procdump_sink *sink, loff_t size)
{
	struct file *file = sink->file;
	struct inode *delegated = NULL;
	int err;

	do {
		struct iattr attr = {
			.ia_valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME |
				    ATTR_FILE,
			.ia_size = size,
			.ia_file = file,
		};

		file_start_write(file);
		inode_lock(file_inode(file));
		err = compat_notify_change(file, &attr, &delegated);
		inode_unlock(file_inode(file));
		file_end_write(file);
		if (!delegated)
			break;
		err = break_deleg_wait(&delegated);
	} while (!err);
	return no_restart(err);
}

/*
 * vfs_truncate() would ask for write access, which we took from everybody.
 * So does overlayfs in the upper inode: let it have it there for the moment.
 * The overlay's own inode stays denied, so only someone who goes around the
 * overlay can slip in; he is noticed.
 */
static int set_size(struct procdump_sink *sink, loff_t size)
{
	struct inode *upper = sink->denied[1];
	int err;

	if (upper)
		allow_open(upper, sink->own);
	err = change_size(sink, size);
	if (upper && !deny_open(upper, sink->own)) {
		mapping_allow_writable(upper->i_mapping);
		sink->denied[1] = NULL;
		if (!err)
			err = -EBUSY;
	}
	return err;
}

/* Is the file as we left it, as far as can be told? */
static bool untouched(const struct procdump_sink *sink)
{
	int i;

	for (i = 0; i < 2; i++) {
		const struct inode *inode = sink->denied[i];

		if (!inode)
			continue;
		if (atomic_read(&inode->i_writecount) >= 0 || IS_VERITY(inode))
			return false;
	}
	return i_size_read(file_inode(sink->file)) == sink->end;
}

/**
 * procdump_sink_open() - take and lock the output of a dump
 * @sink: filled in; closed again if there is an error
 * @fd: descriptor in the table of current
 * @limit: most bytes that may be written, holes count; U64_MAX for no limit
 *
 * Takes a reference of its own, so the caller may close @fd at once. Changes
 * nothing in the file: see procdump_sink_begin().
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0, and the caller owes a procdump_sink_close(); -EBADF if @fd is not
 * open, or not for writing; -EISDIR for a directory; -EINVAL for a block
 * device, a file of a pseudo file system, the procdump device, anything else
 * that cannot be written by offset or as a stream, O_APPEND, and on regular
 * files O_DIRECT and fs-verity; -ENOSPC for /dev/full; -EBUSY if somebody
 * else has the file open for writing, mapped for writing or locked, or is
 * executing it; -EINTR if current was killed while it waited for a remote lock;
 * other errors of the file system's lock, verbatim.
 */
int procdump_sink_open(struct procdump_sink *sink, int fd, u64 limit)
{
	int err;

	memset(sink, 0, sizeof(*sink));
	sink->limit = limit;
	sink->file = fget(fd);
	if (!sink->file)
		return -EBADF;

	err = check_file(sink->file);
	sink->regular = S_ISREG(file_inode(sink->file)->i_mode);
	if (!err && sink->regular) {
		err = lock_file_range(sink);
		if (!err)
			err = deny_all_writers(sink);
	}
	if (err)
		procdump_sink_close(sink, false);
	return err;
}

/**
 * procdump_sink_begin() - get the output ready for the first byte
 * @sink: an open sink
 *
 * Cuts a regular file to nothing. Until here an error leaves it as it was.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0, -EINTR if current was killed, -EPERM for a sealed memfd, or the
 * file system's error, verbatim.
 */
int procdump_sink_begin(struct procdump_sink *sink)
{
	int err;

	if (!sink->regular)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	err = set_size(sink, 0);
	if (!err)
		sink->dirty = true;
	return err;
}

static int tell(struct procdump_sink *sink, bool moved)
{
	return sink->progress ? sink->progress(sink->progress_arg, moved) : 0;
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
	return signal_pending(current) ? -EINTR : tell(sink, false);
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
	while (len) {
		ssize_t n;
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;
		err = check_room(sink, len);
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
			return n ? no_restart(n) : -EIO;
		sink->pos += n;
		sink->end = sink->pos;
		sink->written += n;
		len -= n;
		if (buf)
			buf += n;
	}
	cond_resched();
	return tell(sink, true);
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
	err = check_room(sink, len);
	if (!err)
		sink->pos += len;
	return err;
}

/**
 * procdump_sink_finish() - complete the output
 * @sink: a sink to which everything was written
 *
 * Gives a regular file that ends with a hole its size. Does not wait for the
 * disk: fsync(2) is the caller's to do.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -EINTR if current was killed; -EBUSY if somebody who shares the
 * descriptor changed the size of the file, or fs-verity was turned on for it,
 * while it was written; -EFBIG as procdump_sink_write(); the file system's
 * error, verbatim.
 */
int procdump_sink_finish(struct procdump_sink *sink)
{
	int err;

	if (!sink->regular)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	err = check_room(sink, 0);
	if (err)
		return err;
	if (!untouched(sink))
		return -EBUSY;
	if (sink->pos == sink->end)
		return 0;
	err = set_size(sink, sink->pos);
	if (!err)
		sink->end = sink->pos;
	return err;
}

/**
 * procdump_sink_close() - unlock the output and let it go
 * @sink: a sink, open or not; one that is all zero will do
 * @keep: the dump is complete. Else a regular file that was begun is cut to
 *	nothing, as far as the file system lets us
 *
 * May be called again. The caller's own descriptor stays open.
 *
 * Context: Process context of the dumper. May sleep.
 */
void procdump_sink_close(struct procdump_sink *sink, bool keep)
{
	if (!sink->file)
		return;
	if (sink->dirty && !keep)
		set_size(sink, 0);
	sink->dirty = false;
	allow_all_writers(sink);
	unlock_file_range(sink);
	fput(sink->file);
	sink->file = NULL;
}
