/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_TRIM_H
#define _PROCDUMP_TRIM_H

#include <linux/types.h>

struct mm_struct;
struct procdump_hold;
struct procdump_segments;

int procdump_trim(struct procdump_segments *segs, struct mm_struct *mm,
		  struct procdump_hold *hold, u64 limit, bool mini);

#endif /* _PROCDUMP_TRIM_H */
