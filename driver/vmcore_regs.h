/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_REGS_H
#define _PROCDUMP_VMCORE_REGS_H

#include <linux/ptrace.h>
#include <linux/types.h>

struct task_struct;

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
 * @regs: its registers when it was interrupted or came; zero if it did not answer
 * @task: what it was executing, or NULL
 * @how: whether it came
 * @left: it came, and did not stay until the end
 * @frame: where in the kernel it was, and its callers; none in user mode
 * @frames: how many
 */
struct procdump_freeze_regs {
	struct pt_regs regs;
	struct task_struct *task;
	enum procdump_freeze_how how;
	bool left;
	unsigned long frame[PROCDUMP_FREEZE_FRAMES];
	unsigned int frames;
};

void procdump_kregs_came(struct procdump_freeze_regs *saved);
void procdump_kregs_nmi(struct procdump_freeze_regs *saved,
			struct pt_regs *regs);
void procdump_kregs_self(struct procdump_freeze_regs *saved,
			 const struct pt_regs *regs);
unsigned int procdump_kregs_task(struct task_struct *task,
				 unsigned long *frame);

#endif /* _PROCDUMP_VMCORE_REGS_H */
