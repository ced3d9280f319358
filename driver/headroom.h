/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_HEADROOM_H
#define _PROCDUMP_HEADROOM_H

#include <linux/types.h>

struct mm_struct;

bool procdump_headroom_for_copy(struct mm_struct *mm);
bool procdump_headroom_gone(struct mm_struct *mm);

#endif /* _PROCDUMP_HEADROOM_H */
