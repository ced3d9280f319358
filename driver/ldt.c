// SPDX-License-Identifier: GPL-2.0-only
/*
 * The general registers of a thread that has a segment of the LDT in FS or GS,
 * where a processor has no FSGSBASE, or the kernel was told not to use it.
 *
 * The kernel then does not keep the base of such a segment, but looks it up, with
 * the mutex of the LDT locked. Registers are read under a spinlock: see hold.c. So
 * what is before the bases comes from the kernel, the rest is put together here,
 * and the mutex is only tried. Who has it makes a change to the LDT, which takes a
 * moment, or copies it for a fork().
 *
 * Locks: mm->context.lock, tried within procdump_thread.lock, a leaf there.
 */
#include "ldt.h"

#if defined(CONFIG_X86_64) && defined(CONFIG_MODIFY_LDT_SYSCALL)
#include <linux/mm_types.h>
#include <linux/mmu_context.h>
#include <linux/mutex.h>
#include <linux/regset.h>
#include <linux/sched.h>

#include <asm/cpufeature.h>
#include <asm/desc.h>
#include <asm/segment.h>
#include <asm/user.h>

/**
 * procdump_ldt_needed() - does it take the LDT to read the general registers?
 * @task: a task that does not run, or current
 *
 * Context: Any context.
 * Return: true if regset_get() would wait for a mutex, in a set of 64-bit
 * registers.
 */
bool procdump_ldt_needed(const struct task_struct *task)
{
	return !boot_cpu_has(X86_FEATURE_FSGSBASE) && task != current &&
	       (task->thread.fsindex | task->thread.gsindex) & SEGMENT_TI_MASK;
}

/*
 * As in x86_fsgsbase_read_task(): a segment without a selector has a base of its
 * own, @base; of those that all processes share, only those for TLS have one.
 */
static unsigned long base_of(struct task_struct *task,
			     const struct ldt_struct *ldt,
			     unsigned short selector, unsigned long base)
{
	unsigned int index = selector >> 3;

	if (!selector)
		return base;
	if (selector & SEGMENT_TI_MASK)
		return ldt && index < ldt->nr_entries ?
			       get_desc_base(&ldt->entries[index]) : 0;
	if (index < GDT_ENTRY_TLS_MIN || index > GDT_ENTRY_TLS_MAX)
		return 0;
	return get_desc_base(&task->thread.tls_array[index - GDT_ENTRY_TLS_MIN]);
}

/**
 * procdump_ldt_regs() - read the general registers of a thread
 * @task: a task that does not run, and of which procdump_ldt_needed() is true
 * @mm: its memory
 * @general: the set of general registers of 64-bit processes
 * @to: filled in, a struct user_regs_struct
 *
 * Context: Process context, may hold a spinlock.
 * Return: true; false if somebody has the LDT locked, and it has to be tried
 * again.
 */
bool procdump_ldt_regs(struct task_struct *task, struct mm_struct *mm,
		       const struct user_regset *general, void *to)
{
	struct thread_struct *thread = &task->thread;
	struct user_regs_struct *regs = to;
	const struct ldt_struct *ldt;

	if (!mutex_trylock(&mm->context.lock))
		return false;
	ldt = mm->context.ldt;
	regs->fs_base = base_of(task, ldt, thread->fsindex, thread->fsbase);
	regs->gs_base = base_of(task, ldt, thread->gsindex, thread->gsbase);
	mutex_unlock(&mm->context.lock);
	regs->ds = thread->ds;
	regs->es = thread->es;
	regs->fs = thread->fsindex;
	regs->gs = thread->gsindex;
	regset_get(task, general, offsetof(struct user_regs_struct, fs_base), regs);
	return true;
}
#endif
