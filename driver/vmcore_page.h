/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_PAGE_H
#define _PROCDUMP_VMCORE_PAGE_H

#include <linux/types.h>

/*
 * What a page of System RAM is used for. Those from PROCDUMP_CLASS_RESERVED on
 * are the kernel's own.
 */
enum procdump_class {
	PROCDUMP_CLASS_ABSENT,
	PROCDUMP_CLASS_FREE,
	PROCDUMP_CLASS_OFFLINE,
	PROCDUMP_CLASS_POISON,
	PROCDUMP_CLASS_USER,
	PROCDUMP_CLASS_CACHE,
	PROCDUMP_CLASS_VMEMMAP,
	PROCDUMP_CLASS_OWN,
	PROCDUMP_CLASS_RESERVED,
	PROCDUMP_CLASS_SLAB,
	PROCDUMP_CLASS_TABLE,
	PROCDUMP_CLASS_KERNEL,
	PROCDUMP_CLASSES,
};

/* Above the class: part of a task or a stack, which are copied first. */
#define PROCDUMP_CLASS_MASK	0x0f
#define PROCDUMP_CLASS_HOT	0x80

struct procdump_ram;

void procdump_ram_classify(struct procdump_ram *ram, unsigned long window);
bool procdump_ram_mark(struct procdump_ram *ram, bool (*over)(void));
void procdump_ram_estimate(struct procdump_ram *ram);
bool procdump_ram_kept(u8 class);
bool procdump_ram_still_kept(unsigned long pfn);
void procdump_ram_count(const struct procdump_ram *ram, u64 *count);

#endif /* _PROCDUMP_VMCORE_PAGE_H */
