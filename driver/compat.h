/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that asks for a kernel version. Each wrapper has the name
 * and the arguments of the newest kernel's way to do it, with the prefix
 * compat_.
 */
#ifndef _PROCDUMP_COMPAT_H
#define _PROCDUMP_COMPAT_H

#include <linux/mm.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/shmem_fs.h>
#include <linux/version.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "procdump needs Linux 6.1 or newer"
#endif

/*
 * Threads that the kernel made within a process; they never return to user
 * mode. 6.4 has more kinds of them.
 */
static inline bool compat_is_worker(const struct task_struct *task)
{
#ifdef PF_USER_WORKER
	return task->flags & (PF_IO_WORKER | PF_USER_WORKER);
#else
	return task->flags & PF_IO_WORKER;
#endif
}

/*
 * The FPU state that is loaded is that of a KVM guest, not the thread's. Not a
 * question of version, but of architecture.
 */
static inline bool compat_foreign_fpu(const struct task_struct *task)
{
#ifdef CONFIG_X86
	return READ_ONCE(task->thread.fpu.__task_fpstate);
#else
	return false;
#endif
}

/* Has it a bitmap of I/O permissions? The bitmap itself may go at any time. */
static inline bool compat_has_io_bitmap(const struct task_struct *task)
{
#ifdef CONFIG_X86
	return READ_ONCE(task->thread.io_bitmap);
#else
	return false;
#endif
}

/* 6.6 has shadow stacks. */
#ifdef CONFIG_X86_USER_SHADOW_STACK
#include <asm/fpu/api.h>
#endif

/*
 * Is its shadow stack off? Who switches it off, or executes a program, says so in
 * the task later, and 6.12 warns when it is asked for the pointer meanwhile.
 */
static inline bool compat_shadow_stack_gone(struct task_struct *task)
{
#ifdef CONFIG_X86_USER_SHADOW_STACK
	return task != current &&
	       !get_xsave_addr(&task->thread.fpu.fpstate->regs.xsave,
			       XFEATURE_CET_USER);
#else
	return false;
#endif
}

/* From 6.10 on a process can seal a mapping, which is then there until it exits. */
static inline void compat_unseal(struct vm_area_struct *vma)
{
#ifdef VM_SEALED
	vm_flags_clear(vma, VM_SEALED);
#endif
}

/* 6.12 has a note that says where in NT_X86_XSTATE each component is. */
#if defined(CONFIG_X86) && defined(NT_X86_XSAVE_LAYOUT)
#define COMPAT_XSAVE_LAYOUT 1
#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <uapi/asm/elf.h>
#endif

/* Is the task in a system call that makes a task? */
static inline bool compat_in_clone(struct task_struct *task)
{
	long nr = syscall_get_nr(task, task_pt_regs(task));

#ifdef CONFIG_IA32_EMULATION
	if (syscall_get_arch(task) == AUDIT_ARCH_I386)
		return nr == __NR_ia32_clone || nr == __NR_ia32_clone3 ||
		       nr == __NR_ia32_fork || nr == __NR_ia32_vfork;
#endif
	return nr == __NR_clone || nr == __NR_clone3 || nr == __NR_fork ||
	       nr == __NR_vfork;
}

/*
 * May the task have the memory of a new program, and the registers of the old one,
 * which execve() replaces last? To be asked with exec_update_lock held, of a task
 * with the memory @mm. It is in the first half of execve(), and has the old memory
 * until we give the lock back; or in the second half, and maps the new program into
 * @mm: until that is done, the end of the code is not known. From there on to the new
 * registers it does not sleep (but for a program with MMAP_PAGE_ZERO), so one that
 * sleeps is all old or all new. One that could run may be anywhere.
 */
static inline bool compat_has_old_regs(const struct task_struct *task,
				       const struct mm_struct *mm)
{
	/* The task may set its other bits of that word: a bit is whole anyway. */
	return data_race((bool)task->in_execve) &&
	       (!READ_ONCE(mm->end_code) ||
		READ_ONCE(task->__state) == TASK_RUNNING);
}

/* Is the task in a system call that may read into its memory from a descriptor? */
static inline bool compat_in_read(struct task_struct *task)
{
	static const short native[] = {
		__NR_read, __NR_readv, __NR_pread64, __NR_preadv, __NR_preadv2,
		__NR_recvfrom, __NR_recvmsg, __NR_recvmmsg, __NR_ioctl,
	};
	const short *calls = native;
	unsigned int i, count = ARRAY_SIZE(native);
	long nr = syscall_get_nr(task, task_pt_regs(task));
#ifdef CONFIG_IA32_EMULATION
	static const short ia32[] = {
		__NR_ia32_read, __NR_ia32_readv, __NR_ia32_pread64,
		__NR_ia32_preadv, __NR_ia32_preadv2, __NR_ia32_recvfrom,
		__NR_ia32_recvmsg, __NR_ia32_recvmmsg,
		__NR_ia32_recvmmsg_time64, __NR_ia32_ioctl,
	};

	if (syscall_get_arch(task) == AUDIT_ARCH_I386) {
		calls = ia32;
		count = ARRAY_SIZE(ia32);
	}
#endif
	for (i = 0; i < count; i++)
		if (nr == calls[i])
			return true;
	return false;
}

/* 6.2 counts on each CPU, and what is cheap to read is off by their number squared. */
static inline unsigned long compat_get_mm_counter_sum(struct mm_struct *mm,
						      int member)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return percpu_counter_sum_positive(&mm->rss_stat[member]);
#else
	return get_mm_counter(mm, member);
#endif
}

/* 6.9 moved VMCOREINFO out of crash_core.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <linux/vmcore_info.h>
#else
#include <linux/crash_core.h>
#endif

/* The largest block of free pages. 6.4 made the limit inclusive, 6.8 renamed it. */
#ifdef MAX_PAGE_ORDER
#define COMPAT_MAX_PAGE_ORDER	MAX_PAGE_ORDER
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define COMPAT_MAX_PAGE_ORDER	MAX_ORDER
#else
#define COMPAT_MAX_PAGE_ORDER	(MAX_ORDER - 1)
#endif

/* The mapping of a task's stack; NULL if it has none. Not of version. */
static inline struct vm_struct *compat_stack_area(struct task_struct *task)
{
#ifdef CONFIG_VMAP_STACK
	return READ_ONCE(task->stack_vm_area);
#else
	return NULL;
#endif
}

/* 6.3 exports shmem_mapping(); before, it is inline and needs shmem_aops. */
static inline bool compat_shmem_mapping(struct address_space *mapping)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return shmem_mapping(mapping);
#else
	return mapping->a_ops == &shmem_aops;
#endif
}

/* 6.5 took the vmas argument away. */
static inline long
compat_get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			     unsigned long nr, unsigned int flags,
			     struct page **pages)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	return get_user_pages_remote(mm, start, nr, flags, pages, NULL);
#else
	return get_user_pages_remote(mm, start, nr, flags, pages, NULL, NULL);
#endif
}

/*
 * Output files, for sink.c.
 */
#include <linux/fcntl.h>
#include <linux/fs.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <linux/filelock.h>
#endif

/* 6.3 replaced the user namespace by struct mnt_idmap. */
static inline int compat_notify_change(struct file *file, struct iattr *attr,
				       struct inode **delegated)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return notify_change(file_mnt_idmap(file), file->f_path.dentry, attr,
			     delegated);
#else
	return notify_change(file_mnt_user_ns(file), file->f_path.dentry, attr,
			     delegated);
#endif
}

/*
 * The most bytes to write to a pipe that is ready for some. 6.4 pipes know
 * IOCB_NOWAIT and take what they can; before, more than the one buffer that is
 * free would wait in the pipe.
 */
static inline size_t compat_pipe_write_max(size_t len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return len;
#else
	return min_t(size_t, len, PAGE_SIZE);
#endif
}

/* 6.8 moved file_start_write() into vfs_iter_write(). */
static inline ssize_t compat_vfs_iter_write(struct file *file,
					    struct iov_iter *iter, loff_t *pos)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	return vfs_iter_write(file, iter, pos, 0);
#else
	ssize_t ret;

	file_start_write(file);
	ret = vfs_iter_write(file, iter, pos, 0);
	file_end_write(file);
	return ret;
#endif
}

/* A request for the whole of a file. 6.9 moved the members. */
static inline void compat_whole_lock_init(struct file_lock *lock,
					  struct file *file, void *owner,
					  unsigned char type,
					  unsigned int flags)
{
	locks_init_lock(lock);
	lock->fl_start = 0;
	lock->fl_end = OFFSET_MAX;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	lock->c.flc_file = file;
	lock->c.flc_owner = owner;
	lock->c.flc_pid = current->tgid;
	lock->c.flc_type = type;
	lock->c.flc_flags = flags;
#else
	lock->fl_file = file;
	lock->fl_owner = owner;
	lock->fl_pid = current->tgid;
	lock->fl_type = type;
	lock->fl_flags = flags;
#endif
}

#endif /* _PROCDUMP_COMPAT_H */
