// SPDX-License-Identifier: GPL-2.0-only
/*
 * The output of a dump: a regular file, a pipe, a socket or a character
 * device, from the descriptor that the caller gave.
 *
 * Promises:
 *
 * - Nothing is changed before procdump_sink_begin(). From then on a regular
 *   file is either finished and kept, or it is cut to nothing when the sink is
 *   closed. A file system that lost its server, or btrfs without any room, may
 *   refuse to cut it; what stays then has no end mark. If the disk hangs and the
 *   dumper is killed, it is cut when the disk goes on, and until then nobody can
 *   dump to it; or not, if the file system is frozen or somebody has the
 *   inode's lock.
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
 * How others are shut out is in sink_lock.c, how bytes get out in sink_write.c
 * and sink_behind.c.
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
 * before each piece of 64 KiB (256 with O_DIRECT), and waiting for a pipe, a
 * socket or, with drop, for the disk to have got what was written, is killable.
 * Waiting in the file system is not, as in write(2): for a file system that is
 * frozen, the inode's lock, the journal, or a disk that hangs and is written to
 * with O_DIRECT. procdump_sink_close() leaves what waits for the disk to a kernel
 * thread, and once the dumper is killed it waits stall_ms for it (errand.c).
 *
 * Locks, outer to inner: the file system's freeze protection, inode_lock() (on
 * overlayfs the upper's too). Neither is held between calls. All functions may
 * sleep and are called by the dumper's task, one at a time for a sink.
 */
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include "errand.h"
#include "procdump.h"
#include "sink.h"
#include "sink_behind.h"
#include "sink_lock.h"
#include "sink_write.h"
#include "table.h"

/* Not in linux/magic.h; from fs/configfs/mount.c. */
#define CONFIGFS_MAGIC	0x62656570

/* Minor of /dev/full, from drivers/char/mem.c. */
#define FULL_MINOR	7

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

/*
 * As ftruncate(2) does, for notify_change() does not look. The descriptor lacks
 * O_APPEND if it was open before the file was made append-only.
 */
static int check_append(struct file *file)
{
	return IS_APPEND(file_inode(file)) ? -EPERM : 0;
}

static int check_regular(struct file *file)
{
	struct inode *inode = file_inode(file);

	if (pseudo_fs(inode->i_sb->s_magic) || IS_VERITY(inode))
		return -EINVAL;
	return check_append(file);
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

/*
 * Is it certain that a write copies first? A pipe does, and the page cache of a
 * file system on a disk of this machine, or without one. A socket may send or
 * queue the page itself (TLS in the kernel, sockmap), and so may a network file
 * system that is mounted without a cache, or FUSE.
 */
static bool copies(const struct procdump_sink *sink)
{
	const struct super_block *sb;

	if (!sink->regular)
		return S_ISFIFO(file_inode(sink->file)->i_mode);
	if (sink->direct)
		return false;
	sb = sink->mapping->host->i_sb;
	switch (sb->s_magic) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		return true;
	case FUSE_SUPER_MAGIC:
		return false;
	default:
		return sb->s_type->fs_flags & FS_REQUIRES_DEV;
	}
}

static int open_regular(struct procdump_sink *sink)
{
	int err;

	sink->mapping = d_real_inode(sink->file->f_path.dentry)->i_mapping;
	sink->direct = sink->file->f_flags & O_DIRECT;
	if (sink->direct) {
		sink->stage = procdump_table_alloc(1, PROCDUMP_SINK_STAGE);
		if (!sink->stage)
			return -ENOMEM;
	}
	err = procdump_sink_cut_create(sink);
	return err ? err : procdump_sink_lock(sink);
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
 * files fs-verity; -EPERM for a file that is append-only; -ENOMEM; -ENOSPC for
 * /dev/full; -EBUSY if somebody else has the file open for writing, mapped for
 * writing or locked, or is executing it; -EINTR if current was killed while it
 * waited for a remote lock; other errors of the file system's lock, verbatim.
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
	if (!err && sink->regular)
		err = open_regular(sink);
	if (err)
		procdump_sink_close(sink, false);
	else
		sink->copies = copies(sink);
	return err;
}

/*
 * The old contents are gone, and so is what the disk had to say of them. errseq
 * gives an error that nobody was told of to everyone who samples it, so each new
 * dump to this file would fail with it; write(2) with O_DIRECT looks at the flags
 * of the mapping. Descriptors that were open before keep a sample of their own:
 * their fsync(2) still tells.
 */
static void forget_errors(struct procdump_sink *sink)
{
	filemap_check_errors(sink->mapping);
	sink->wb_err = 0;
	errseq_check_and_advance(&sink->mapping->wb_err, &sink->wb_err);
}

/**
 * procdump_sink_begin() - get the output ready for the first byte
 * @sink: an open sink
 *
 * Cuts a regular file to nothing. Until here an error leaves it as it was.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0, -EINTR if current was killed, -EPERM for a sealed memfd or a file
 * that is append-only by now, or the file system's error, verbatim.
 */
int procdump_sink_begin(struct procdump_sink *sink)
{
	int err;

	if (!sink->regular)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	err = check_append(sink->file);
	if (!err)
		err = procdump_sink_set_size(sink, 0);
	if (err)
		return err;
	sink->dirty = true;
	forget_errors(sink);
	return 0;
}

/**
 * procdump_sink_finish() - complete the output
 * @sink: a sink to which everything was written
 *
 * Gives a regular file that ends with a hole its size. Does not wait for the
 * disk: fsync(2) is the caller's to do. What the disk has refused until now is
 * an error, though.
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
	err = procdump_sink_flush(sink);
	if (err)
		return err;
	if (!procdump_sink_untouched(sink))
		return -EBUSY;
	if (sink->pos == sink->end)
		return 0;
	err = procdump_sink_set_size(sink, sink->pos);
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
	bool wait = true;

	if (!sink->file)
		return;
	if (sink->dirty && !keep)
		wait = procdump_sink_cut(sink);
	sink->dirty = false;
	procdump_sink_behind_close(sink, wait);
	procdump_errand_put(sink->cut);
	sink->cut = NULL;
	procdump_sink_unlock(sink);
	procdump_table_free(sink->stage);
	sink->stage = NULL;
	fput(sink->file);
	sink->file = NULL;
}
