/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_FREEZE_H
#define _PROCDUMP_VMCORE_FREEZE_H

#include <linux/types.h>

struct cpumask;
struct procdump_freeze_regs;
struct pt_regs;
struct task_struct;

#ifdef CONFIG_X86_64
int procdump_freeze_init(void);
void procdump_freeze_exit(void);
bool procdump_freeze_owed(void);
#else
static inline int procdump_freeze_init(void)
{
	return 0;
}

static inline void procdump_freeze_exit(void)
{
}

static inline bool procdump_freeze_owed(void)
{
	return false;
}
#endif

void procdump_freeze_ping(void);
void procdump_freeze_begin(unsigned int ms, const struct pt_regs *regs);
bool procdump_freeze_over(void);
void procdump_freeze_parallel(void (*job)(void *arg), void *arg);
u64 procdump_freeze_end(void);
unsigned int procdump_freeze_stack(struct task_struct *task,
				   unsigned long *frame);
const struct cpumask *procdump_freeze_cpus(void);
const struct procdump_freeze_regs *procdump_freeze_regs(int cpu);

#endif /* _PROCDUMP_VMCORE_FREEZE_H */
