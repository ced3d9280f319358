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

/* Above the class: tasks and stacks; a copy was made while all stood still. */
#define PROCDUMP_CLASS_MASK	0x0f
#define PROCDUMP_CLASS_HOT	0x40
#define PROCDUMP_CLASS_COPIED	0x80

/* A piece of work for one CPU; larger than any block of free pages. */
#define PROCDUMP_WINDOW		8192UL

/**
 * struct procdump_span - some page frames
 * @pfn: the first
 * @end: behind the last
 * @at: index of the first in procdump_ram.class
 */
struct procdump_span {
	unsigned long pfn;
	unsigned long end;
	unsigned long at;
};

/**
 * struct procdump_ram - System RAM, page by page
 * @range: its ranges, ascending
 * @ranges: how many
 * @memmap: where the struct pages themselves are, ascending
 * @memmaps: how many
 * @pages: page frames in all ranges
 * @class: enum procdump_class and flags of each page
 * @image: first and last page frame of the kernel's image
 * @keep_memmap: struct pages are dumped too
 */
struct procdump_ram {
	struct procdump_span *range;
	unsigned int ranges;
	struct procdump_span *memmap;
	unsigned int memmaps;
	unsigned long pages;
	u8 *class;
	struct procdump_span image;
	bool keep_memmap;
};

int procdump_ram_init(struct procdump_ram *ram, bool keep_memmap);
void procdump_ram_uninit(struct procdump_ram *ram);
unsigned long procdump_ram_windows(const struct procdump_ram *ram);
void procdump_ram_classify(struct procdump_ram *ram, unsigned long window);
void procdump_ram_mark(struct procdump_ram *ram);
void procdump_ram_mark_tasks(struct procdump_ram *ram);
u8 *procdump_ram_find(const struct procdump_ram *ram, unsigned long pfn);
bool procdump_ram_kept(u8 class);
bool procdump_ram_still_kept(unsigned long pfn);
void procdump_ram_count(const struct procdump_ram *ram, u64 *count);

#endif /* _PROCDUMP_VMCORE_PAGE_H */
