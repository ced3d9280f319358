/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SNAPSHOT_H
#define _PROCDUMP_SNAPSHOT_H

struct mm_struct;
struct procdump_hold;
struct procdump_snapshot;

struct procdump_snapshot *procdump_snapshot_create(struct mm_struct *mm);
int procdump_snapshot_take(struct procdump_snapshot *snap,
			   struct procdump_hold *hold);
struct mm_struct *procdump_snapshot_mm(struct procdump_snapshot *snap);
int procdump_snapshot_check(const struct procdump_snapshot *snap);
void procdump_snapshot_give_back(struct procdump_snapshot *snap,
				 unsigned long addr);
void procdump_snapshot_put(struct procdump_snapshot *snap);
int procdump_snapshot_init(void);
void procdump_snapshot_exit(void);

#endif /* _PROCDUMP_SNAPSHOT_H */
