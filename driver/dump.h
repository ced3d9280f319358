/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_DUMP_H
#define _PROCDUMP_DUMP_H

#include <linux/types.h>

#include <linux/procdump.h>

/* Flags that procdump_dump_run() takes. */
#define PROCDUMP_FLAGS	(PROCDUMP_DUMP_FILTER | PROCDUMP_DUMP_ALL | \
			 PROCDUMP_DUMP_WAIT | PROCDUMP_DUMP_FALLBACK | \
			 PROCDUMP_DUMP_DROP | PROCDUMP_DUMP_TRIM | \
			 PROCDUMP_DUMP_MINI)

u32 procdump_dump_modes(void);
int procdump_dump_run(struct procdump_dump *req);

#endif /* _PROCDUMP_DUMP_H */
