/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_RANGE_H
#define _PROCDUMP_RANGE_H

#include <linux/types.h>

struct procdump_note_end;

bool procdump_range_hole(unsigned long least, unsigned long *hole,
			 unsigned long *addr, unsigned long next, bool data);
void procdump_range_missing(struct procdump_note_end *end, u64 addr, u64 size);

#endif /* _PROCDUMP_RANGE_H */
