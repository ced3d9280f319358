// SPDX-License-Identifier: GPL-2.0-only
/*
 * Could a copy-on-write copy of its memory harm the target? Each case is a
 * PROCDUMP_HAZARD_* bit of uapi/linux/procdump.h:
 *
 * DIRECT_IO	In 6.1, and on some file systems still in 6.12, a direct read
 *		does not pin its pages. After the copy the target's next write
 *		to such a page moves it away, and the device writes to the old
 *		one: the target loses data. So: no descriptor with O_DIRECT or
 *		of a device that reads so, no AIO context, no io_uring, and no
 *		thread in a system call that may read so without any of these.
 *		Nested virtual machines of KVM, whose pages are kept likewise,
 *		are not looked for.
 * HUGETLB	The target's next write to a private huge page needs another
 *		one, which the pool may not have: SIGBUS.
 * MEMORY	Every page that the target writes while the copy exists is
 *		doubled: see headroom.c.
 * USERFAULTFD	The copy may wait for a reader of a userfaultfd.
 * PINNED	Pinned pages are copied at once, within the pause.
 * FILE		Some file systems write a file back when a mapping of it ends,
 *		and wait for a server. The end of the copy would wait as well,
 *		and cannot be interrupted.
 *
 * The target is held, so that none of this begins between the look and the
 * copy, but for what others do to its descriptors and memory.
 *
 * Locks: mmap_lock for reading; a task's alloc_lock, and in it the files_struct
 * lock; procdump_thread.lock. None of the three is held when another is taken.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hugetlb_inline.h>
#include <linux/lockdep.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/userfaultfd_k.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <asm/syscall.h>

#include "compat.h"
#include "hazard.h"
#include "headroom.h"
#include "hold.h"
#include "page.h"
#include "procdump.h"

/* fs/vboxsf has its own. */
#define VBOXSF_SUPER_MAGIC	0x786f4256

/* As many pinned pages as can be copied in about a millisecond. */
#define PINNED_MAX	1024

/*
 * Character devices that go on to read into the caller's pages when the system
 * call has returned, or whose reads cannot be told from a wait for data. What is
 * built into the kernel has no name: distributions have modules.
 */
static bool is_direct_device(const struct file *file)
{
	static const char * const drivers[] = {
		"cuse", "vhost_scsi", "vmw_vmci",
	};
	struct module *owner = file->f_op->owner;

	if (imajor(file_inode(file)) == SCSI_GENERIC_MAJOR)
		return true;
	return owner && match_string(drivers, ARRAY_SIZE(drivers),
				     module_name(owner)) >= 0;
}

static int is_direct(const void *data, struct file *file, unsigned int fd)
{
	umode_t mode = file_inode(file)->i_mode;

	if (S_ISCHR(mode))
		return is_direct_device(file);
	return file->f_flags & O_DIRECT && (S_ISREG(mode) || S_ISBLK(mode));
}

static bool thread_has_direct(struct task_struct *task,
			      struct files_struct **last)
{
	bool direct = false;

	task_lock(task);
	if (task->files && task->files != *last) {
		*last = task->files;
		direct = iterate_fd(task->files, 0, is_direct, NULL);
	}
	task_unlock(task);
	return direct;
}

/*
 * The descriptor that the thread may be reading from. Its registers stay as
 * long as the work has not run: see hold.c.
 */
static bool reads_from(struct procdump_thread *thread, unsigned int *fd)
{
	struct pt_regs *regs = task_pt_regs(thread->task);
	unsigned long args[6];
	bool reads;

	spin_lock(&thread->lock);
	reads = thread->gate == PROCDUMP_GATE_QUEUED &&
		compat_in_read(thread->task);
	if (reads) {
		syscall_get_arguments(thread->task, regs, args);
		*fd = args[0];
	}
	spin_unlock(&thread->lock);
	return reads;
}

/* Who waits for a device does not sleep interruptibly, with pages in its hands. */
static bool may_wait_for_device(const struct task_struct *task)
{
	return !(READ_ONCE(task->__state) &
		 (TASK_INTERRUPTIBLE | __TASK_STOPPED | __TASK_TRACED));
}

/* Ciphers that a device does: AF_ALG, and TLS in the kernel. */
#ifdef CONFIG_NET
static bool deciphers(struct file *file)
{
	const struct socket *sock = sock_from_file(file);
	struct sock *sk = sock ? READ_ONCE(sock->sk) : NULL;

	return sk && (sk->sk_family == AF_ALG ||
		      (sk_is_tcp(sk) && inet_csk_has_ulp(sk)));
}
#else
static bool deciphers(struct file *file)
{
	return false;
}
#endif

/* These read into the caller's pages as they are mounted or as they like. */
static bool may_pass_cache(struct file *file)
{
	switch (d_real_inode(file->f_path.dentry)->i_sb->s_magic) {
	case FUSE_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case V9FS_MAGIC:
		return true;
	}
	return false;
}

/*
 * struct reader - a thread that may be reading
 * @fd: from what
 * @direct: it is no file, and the read may be direct; or it is not known what
 *	it is, since another thread has closed it meanwhile
 * @file: the file if it is one; a reference
 */
struct reader {
	unsigned int fd;
	bool direct;
	struct file *file;
};

static int look_at_file(const void *data, struct file *file, unsigned int fd)
{
	struct reader *reader = *(struct reader * const *)data;
	umode_t mode = file_inode(file)->i_mode;

	if (fd != reader->fd)
		return 1;
	if (S_ISSOCK(mode))
		reader->direct = deciphers(file);
	else if (!S_ISBLK(mode) && !S_ISCHR(mode))
		reader->direct = false;
	if (S_ISREG(mode) && file->f_mode & FMODE_READ)
		reader->file = get_file(file);
	return 1;
}

/*
 * May the thread be in a read that is direct without O_DIRECT? Commands to a
 * device (SG_IO, NVMe) are, too.
 */
static bool in_direct_read(struct procdump_thread *thread)
{
	struct reader reader = { }, *data = &reader;

	if (!reads_from(thread, &reader.fd))
		return false;
	reader.direct = may_wait_for_device(thread->task);
	task_lock(thread->task);
	if (thread->task->files)
		iterate_fd(thread->task->files, reader.fd, look_at_file, &data);
	task_unlock(thread->task);
	if (!reader.file)
		return reader.direct;
	/* May sleep, on an overlay. */
	reader.direct = may_pass_cache(reader.file);
	fput(reader.file);
	return reader.direct;
}

static bool uses_io_uring(const struct task_struct *task)
{
#ifdef CONFIG_IO_URING
	return READ_ONCE(task->io_uring);
#else
	return false;
#endif
}

static bool uses_aio(const struct mm_struct *mm)
{
#ifdef CONFIG_AIO
	return rcu_access_pointer(mm->ioctx_table);
#else
	return false;
#endif
}

/* Whoever shares the memory may read into it, not only the thread group. */
static u32 direct_io(struct procdump_hold *hold)
{
	struct files_struct *last = NULL;
	struct procdump_thread *thread;
	bool direct = uses_aio(hold->mm);

	list_for_each_entry(thread, &hold->threads, node) {
		if (direct)
			break;
		direct = uses_io_uring(thread->task) ||
			 thread_has_direct(thread->task, &last) ||
			 in_direct_read(thread);
	}
	return direct ? PROCDUMP_HAZARD_DIRECT_IO : 0;
}

/* Has the file, or will it have, something to be written back? */
static bool is_written(struct address_space *file)
{
	return mapping_writably_mapped(file) ||
	       mapping_tagged(file, PAGECACHE_TAG_DIRTY) ||
	       mapping_tagged(file, PAGECACHE_TAG_WRITEBACK);
}

static bool waits_for_server(const struct vm_area_struct *vma)
{
	if (!vma->vm_file || !vma->vm_ops || !vma->vm_ops->close)
		return false;
	switch (file_inode(vma->vm_file)->i_sb->s_magic) {
	case FUSE_SUPER_MAGIC:
	case V9FS_MAGIC:
	case VBOXSF_SUPER_MAGIC:
		return is_written(vma->vm_file->f_mapping);
	}
	return false;
}

static u32 mappings(struct mm_struct *mm)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;
	u32 hazards = 0;

	lockdep_assert_held(&mm->mmap_lock);
	for_each_vma(vmi, vma) {
		if (userfaultfd_armed(vma))
			hazards |= PROCDUMP_HAZARD_USERFAULTFD;
		if (is_vm_hugetlb_page(vma) && !(vma->vm_flags & VM_SHARED))
			hazards |= PROCDUMP_HAZARD_HUGETLB;
		if (waits_for_server(vma))
			hazards |= PROCDUMP_HAZARD_FILE;
	}
	return hazards;
}

/* VFIO counts what it pins as locked, together with what mlock() locks. */
static u32 pinned(struct mm_struct *mm)
{
	u64 pages = atomic64_read(&mm->pinned_vm);

	if (test_bit(MMF_HAS_PINNED, &mm->flags))
		pages += READ_ONCE(mm->locked_vm);
	return pages > PINNED_MAX ? PROCDUMP_HAZARD_PINNED : 0;
}

/**
 * procdump_hazard_find() - could a snapshot harm the target?
 * @hold: hold of the target, after a successful catch
 * @hazards: PROCDUMP_HAZARD_* are added here
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -EINTR if current was killed; -ETIMEDOUT if the hold ended.
 */
int procdump_hazard_find(struct procdump_hold *hold, u32 *hazards)
{
	struct mm_struct *mm = hold->mm;
	int err;

	err = procdump_page_lock(mm, hold);
	if (err)
		return err;
	*hazards |= mappings(mm);
	mmap_read_unlock(mm);
	*hazards |= direct_io(hold) | pinned(mm);
	if (!procdump_headroom_for_copy(mm))
		*hazards |= PROCDUMP_HAZARD_MEMORY;
	return 0;
}
