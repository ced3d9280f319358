/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_LINKMAP_H
#define _PROCDUMP_LINKMAP_H

struct mm_struct;
struct procdump_hold;

int procdump_linkmap_walk(struct mm_struct *mm, struct procdump_hold *hold,
			  int (*want)(void *arg, unsigned long start,
				      unsigned long end), void *arg);

#endif /* _PROCDUMP_LINKMAP_H */
