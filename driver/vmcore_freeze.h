/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_FREEZE_H
#define _PROCDUMP_VMCORE_FREEZE_H

#include <linux/cpumask.h>
#include <linux/ptrace.h>
#include <linux/types.h>

/* How the registers of a CPU were got. */
enum procdump_freeze_how {
	PROCDUMP_FREEZE_NOT,
	PROCDUMP_FREEZE_SELF,
	PROCDUMP_FREEZE_CAME,
	PROCDUMP_FREEZE_NMI,
};

/* Addresses on the stack of a CPU that are kept, from the innermost. */
#define PROCDUMP_FREEZE_FRAMES	32

/**
 * struct procdump_freeze_regs - one CPU
 * @regs: its registers when it was interrupted; zero if it did not answer
 * @task: what it was executing, or NULL
 * @how: whether it came
 * @frame: where in the kernel it was, and its callers; none in user mode
 * @frames: how many
 */
struct procdump_freeze_regs {
	struct pt_regs regs;
	struct task_struct *task;
	enum procdump_freeze_how how;
	unsigned long frame[PROCDUMP_FREEZE_FRAMES];
	unsigned int frames;
};

int procdump_freeze_init(void);
void procdump_freeze_exit(void);
int procdump_freeze_begin(unsigned int ms);
bool procdump_freeze_over(void);
void procdump_freeze_parallel(void (*job)(void *arg), void *arg);
u64 procdump_freeze_end(void);
unsigned int procdump_freeze_stack(struct task_struct *task,
				   unsigned long *frame);
void procdump_freeze_put(void);
const struct procdump_freeze_regs *procdump_freeze_regs(int cpu);

#endif /* _PROCDUMP_VMCORE_FREEZE_H */
