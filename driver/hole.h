/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_HOLE_H
#define _PROCDUMP_HOLE_H

#include <linux/types.h>

struct mm_struct;
struct procdump_hold;
struct vm_area_struct;

bool procdump_hole_known(const struct vm_area_struct *vma);
unsigned long procdump_hole_end(struct mm_struct *mm,
				struct vm_area_struct *vma, unsigned long addr,
				unsigned long end);
int procdump_hole_find(struct mm_struct *mm, struct procdump_hold *hold,
		       unsigned long least, unsigned long *from,
		       unsigned long *to);

#endif /* _PROCDUMP_HOLE_H */
