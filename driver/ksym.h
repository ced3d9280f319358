/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_KSYM_H
#define _PROCDUMP_KSYM_H

#include <linux/types.h>

struct callback_head;
struct kernel_clone_args;
struct kernel_siginfo;
struct mm_struct;
struct task_struct;
struct vm_area_struct;

void procdump_ksym_init(void);

bool procdump_ksym_can_cancel(void);
struct callback_head *
procdump_ksym_cancel(struct task_struct *task,
		     bool (*match)(struct callback_head *work, void *data),
		     void *data);

bool procdump_ksym_can_ptrace_check(void);
bool procdump_ksym_ptrace_may_access(struct task_struct *task,
				     unsigned int mode);

bool procdump_ksym_can_clone(void);
pid_t procdump_ksym_kernel_clone(struct kernel_clone_args *args);
int procdump_ksym_overcommit(void);

struct vm_area_struct *procdump_ksym_gate_vma(struct mm_struct *mm);

unsigned int procdump_ksym_save_stack(struct task_struct *task,
				      unsigned long *addr, unsigned int room);
bool procdump_ksym_is_scheduler(unsigned long addr);

void procdump_ksym_siginfo32(void *to, const struct kernel_siginfo *from);

#endif /* _PROCDUMP_KSYM_H */
