/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_DUMP_H
#define _PROCDUMP_DUMP_H

#include <linux/types.h>

#include <linux/procdump.h>

u32 procdump_dump_modes(void);
int procdump_dump_run(struct procdump_dump *req);

#endif /* _PROCDUMP_DUMP_H */
