/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_REGS_H
#define _PROCDUMP_REGS_H

#include <linux/types.h>

struct mm_struct;
struct procdump_notes;
struct procdump_thread;
struct user_regset_view;

/* What NT_PRSTATUS has besides the registers, whatever the class. */
struct procdump_status {
	unsigned long sigpend;
	unsigned long sighold;
	pid_t pid;
	pid_t ppid;
	pid_t pgrp;
	pid_t sid;
	u64 utime;
	u64 stime;
	u64 cutime;
	u64 cstime;
};

void procdump_regs_init(void);
size_t procdump_regs_room(void);
const struct user_regset_view *procdump_regs_view(const struct mm_struct *mm);
void procdump_regs_prepare(struct procdump_thread *thread);
bool procdump_regs_read(struct procdump_thread *thread, bool parked);
size_t procdump_regs_layout_size(void);
void procdump_regs_layout(struct procdump_notes *notes);
void procdump_regs_blank(struct procdump_thread *thread);

#endif /* _PROCDUMP_REGS_H */
