/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SLOT_H
#define _PROCDUMP_SLOT_H

#include <linux/list.h>
#include <linux/types.h>

struct signal_struct;

/**
 * struct procdump_slot - one dump in progress
 * @node: in the list of all
 * @kernel: it is one of the kernel, and counts by itself
 * @target: the process, compared only; NULL until it is known
 */
struct procdump_slot {
	struct list_head node;
	bool kernel;
	const struct signal_struct *target;
};

int procdump_slot_get(struct procdump_slot *slot, bool kernel, bool wait);
int procdump_slot_claim(struct procdump_slot *slot,
			const struct signal_struct *target, bool wait);
void procdump_slot_put(struct procdump_slot *slot);
void procdump_slot_wake(void);
unsigned int procdump_slot_active(void);

#endif /* _PROCDUMP_SLOT_H */
