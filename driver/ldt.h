/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_LDT_H
#define _PROCDUMP_LDT_H

#include <linux/types.h>

struct mm_struct;
struct task_struct;
struct user_regset;

#if defined(CONFIG_X86_64) && defined(CONFIG_MODIFY_LDT_SYSCALL)
bool procdump_ldt_needed(const struct task_struct *task);
bool procdump_ldt_regs(struct task_struct *task, struct mm_struct *mm,
		       const struct user_regset *general, void *to);
#else
static inline bool procdump_ldt_needed(const struct task_struct *task)
{
	return false;
}

static inline bool procdump_ldt_regs(struct task_struct *task,
				     struct mm_struct *mm,
				     const struct user_regset *general,
				     void *to)
{
	return false;
}
#endif

#endif /* _PROCDUMP_LDT_H */
