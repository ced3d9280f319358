/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_FREEZE_H
#define _PROCDUMP_VMCORE_FREEZE_H

#include <linux/types.h>

struct cpumask;
struct procdump_freeze_regs;
struct pt_regs;
struct task_struct;

int procdump_freeze_init(void);
void procdump_freeze_exit(void);
void procdump_freeze_ping(void);
bool procdump_freeze_owed(void);
int procdump_freeze_begin(unsigned int ms, const struct pt_regs *regs);
bool procdump_freeze_over(void);
void procdump_freeze_parallel(void (*job)(void *arg), void *arg);
u64 procdump_freeze_end(void);
unsigned int procdump_freeze_stack(struct task_struct *task,
				   unsigned long *frame);
void procdump_freeze_put(void);
const struct cpumask *procdump_freeze_cpus(void);
const struct procdump_freeze_regs *procdump_freeze_regs(int cpu);

#endif /* _PROCDUMP_VMCORE_FREEZE_H */
