// SPDX-License-Identifier: GPL-2.0-only
/*
 * The locks of a regular file that a core goes to: nobody else writes to it
 * from procdump_sink_lock() to procdump_sink_unlock(), and we alone change its
 * size.
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
 * Locks: as in sink.c.
 */
#include <linux/fs.h>

#include "compat.h"
#include "errand.h"
#include "sink.h"
#include "sink_lock.h"

/**
 * procdump_no_restart() - the error to give to the caller
 * @err: 0 or an error of the output
 *
 * Restarting an ioctl would restart the whole dump.
 *
 * Context: Any context.
 * Return: @err, or -EINTR in place of what restarts a system call.
 */
int procdump_no_restart(int err)
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

static int lock_range(struct procdump_sink *sink)
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
		return procdump_no_restart(err);
	}
}

/*
 * FL_CLOSE makes NFS go on in spite of a signal, but makes FUSE do nothing:
 * only the second try has it.
 */
static void unlock_range(struct procdump_sink *sink)
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

/*
 * As notify_change(), past a delegation. Changes @file's size only; nothing when
 * @errand, if not NULL, was left.
 */
static int change_size(struct file *file, loff_t size,
		       const struct procdump_errand *errand)
{
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
		if (errand && procdump_errand_left(errand))
			err = -EINTR;
		else
			err = compat_notify_change(file, &attr, &delegated);
		inode_unlock(file_inode(file));
		file_end_write(file);
		if (!delegated)
			break;
		err = break_deleg_wait(&delegated);
	} while (!err);
	return procdump_no_restart(err);
}

/*
 * vfs_truncate() would ask for write access, which we took from everybody. So
 * does overlayfs in the upper inode: let it have it there for the moment. The
 * overlay's own inode stays denied, so only someone who goes around the overlay
 * can slip in; he is noticed.
 */
static void let_upper(struct procdump_sink *sink)
{
	if (sink->denied[1])
		allow_open(sink->denied[1], sink->own);
}

/* @may: our own access has ended. Returns -EBUSY if it is denied no more. */
static int deny_upper(struct procdump_sink *sink, bool may)
{
	struct inode *upper = sink->denied[1];

	if (!upper || (may && deny_open(upper, sink->own)))
		return 0;
	mapping_allow_writable(upper->i_mapping);
	sink->denied[1] = NULL;
	return -EBUSY;
}

/**
 * procdump_sink_set_size() - give the file a size
 * @sink: a regular file that is locked
 * @size: the size
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -EBUSY if somebody slipped in; the file system's error.
 */
int procdump_sink_set_size(struct procdump_sink *sink, loff_t size)
{
	int err, busy;

	let_upper(sink);
	err = change_size(sink->file, size, NULL);
	busy = deny_upper(sink, true);
	return err ? err : busy;
}

static int cut(struct file *file, loff_t size, size_t len,
	       struct procdump_errand *errand)
{
	return change_size(file, size, errand);
}

/**
 * procdump_sink_cut_create() - get the end of a dump that fails ready
 * @sink: a regular file
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or -ENOMEM.
 */
int procdump_sink_cut_create(struct procdump_sink *sink)
{
	sink->cut = procdump_errand_create(cut, 0, 0);
	return sink->cut ? 0 : -ENOMEM;
}

/**
 * procdump_sink_cut() - cut the file to nothing, as far as the file system lets us
 * @sink: a regular file that is locked; procdump_sink_cut_create() was called
 *
 * To cut a file waits for what the disk is at, not killably. So it is an errand,
 * once; but not where no worker may be needed.
 *
 * Context: Process context of the dumper, the target released. May sleep; once
 * current is killed, for stall_ms at most.
 * Return: false if the disk hangs, and the file stays as it is, for now at least.
 */
bool procdump_sink_cut(struct procdump_sink *sink)
{
	bool back;

	let_upper(sink);
	if (sink->alone) {
		change_size(sink->file, 0, NULL);
		back = true;
	} else {
		procdump_errand_start(sink->cut, sink->file);
		back = procdump_errand_wait(sink->cut);
	}
	deny_upper(sink, back);
	procdump_errand_put(sink->cut);
	sink->cut = NULL;
	return back;
}

/**
 * procdump_sink_untouched() - is the file as we left it?
 * @sink: a regular file that is locked
 *
 * Context: Process context of the dumper.
 * Return: whether it is, as far as can be told.
 */
bool procdump_sink_untouched(const struct procdump_sink *sink)
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
 * procdump_sink_lock() - shut all others out
 * @sink: an open sink of a regular file
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0, and also with an error the caller owes a procdump_sink_unlock();
 * -EBUSY if somebody else is at the file; -EINTR; the file system's error.
 */
int procdump_sink_lock(struct procdump_sink *sink)
{
	int err = lock_range(sink);

	return err ? err : deny_all_writers(sink);
}

/**
 * procdump_sink_unlock() - let others in again
 * @sink: an open sink, locked or not
 *
 * Context: Process context of the dumper. May sleep.
 */
void procdump_sink_unlock(struct procdump_sink *sink)
{
	allow_all_writers(sink);
	unlock_range(sink);
}
