// SPDX-License-Identifier: GPL-2.0-only
/*
 * Could a copy-on-write copy of its memory harm the target? Each case is a
 * PROCDUMP_HAZARD_* bit of uapi/linux/procdump.h:
 *
 * DIRECT_IO	In 6.1, and on some file systems still in 6.12, a direct read
 *		does not pin its pages. After the copy the target's next write
 *		to such a page moves it away, and the device writes to the old
 *		one: the target loses data. So: no descriptor with O_DIRECT, no
 *		AIO context, no io_uring.
 * HUGETLB	The target's next write to a private huge page needs another
 *		one, which the pool may not have: SIGBUS.
 * MEMORY	Every page that the target writes while the copy exists is
 *		doubled: see headroom.c.
 * USERFAULTFD	The copy may wait for a reader of a userfaultfd.
 * PINNED	Pinned pages are copied at once, within the pause.
 *
 * The target is held, so that none of this begins between the look and the
 * copy, but for what others do to its descriptors and memory.
 *
 * Locks: mmap_lock for reading; a task's alloc_lock, and in it the files_struct
 * lock. Neither is held when the other is taken.
 */
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/hugetlb_inline.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/userfaultfd_k.h>

#include "hazard.h"
#include "headroom.h"
#include "hold.h"
#include "page.h"
#include "procdump.h"

/* As many pinned pages as can be copied in about a millisecond. */
#define PINNED_MAX	1024

static int is_direct(const void *data, struct file *file, unsigned int fd)
{
	umode_t mode = file_inode(file)->i_mode;

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
			 thread_has_direct(thread->task, &last);
	}
	return direct ? PROCDUMP_HAZARD_DIRECT_IO : 0;
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
