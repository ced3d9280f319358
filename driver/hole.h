/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_HOLE_H
#define _PROCDUMP_HOLE_H

#include <linux/pgtable.h>
#include <linux/types.h>
#include <linux/userfaultfd_k.h>

struct mm_struct;
struct procdump_hold;
struct vm_area_struct;

/* Nothing is there. A mark of userfaultfd says nothing of that. */
static inline bool procdump_hole_is_none(pte_t pte)
{
	return pte_none(pte) || pte_marker_uffd_wp(pte);
}

bool procdump_hole_known(const struct vm_area_struct *vma);
unsigned long procdump_hole_end(struct mm_struct *mm,
				struct vm_area_struct *vma, unsigned long addr,
				unsigned long end);
int procdump_hole_find(struct mm_struct *mm, struct procdump_hold *hold,
		       unsigned long least, unsigned long *from,
		       unsigned long *to);

#endif /* _PROCDUMP_HOLE_H */
