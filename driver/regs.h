/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_REGS_H
#define _PROCDUMP_REGS_H

#include <linux/types.h>

struct procdump_thread;

void procdump_regs_init(void);
size_t procdump_regs_room(void);
void procdump_regs_read(struct procdump_thread *thread, bool parked);
void procdump_regs_blank(struct procdump_thread *thread);

#endif /* _PROCDUMP_REGS_H */
