/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_RAM_H
#define _PROCDUMP_VMCORE_RAM_H

#include <linux/types.h>

/* A piece of work for one CPU; larger than any block of free pages. */
#define PROCDUMP_WINDOW		8192UL

/**
 * struct procdump_pfns - some page frames
 * @pfn: the first
 * @end: behind the last
 * @at: index of the first in procdump_ram.class
 */
struct procdump_pfns {
	unsigned long pfn;
	unsigned long end;
	unsigned long at;
};

/**
 * struct procdump_ram - System RAM, page by page
 * @range: its ranges, ascending
 * @ranges: how many
 * @memmap: where the struct pages themselves are
 * @memmaps: how many
 * @crash: what is reserved for a crash kernel
 * @crashes: how many
 * @pages: page frames in all ranges
 * @class: enum procdump_class and flags of each page
 * @image: first and last page frame of the kernel's image
 * @keep_memmap: struct pages are dumped too
 */
struct procdump_ram {
	struct procdump_pfns *range;
	unsigned int ranges;
	struct procdump_pfns *memmap;
	unsigned int memmaps;
	struct procdump_pfns *crash;
	unsigned int crashes;
	unsigned long pages;
	u8 *class;
	struct procdump_pfns image;
	bool keep_memmap;
};

int procdump_ram_init(struct procdump_ram *ram, bool keep_memmap);
void procdump_ram_uninit(struct procdump_ram *ram);
unsigned long procdump_ram_windows(const struct procdump_ram *ram);
u8 *procdump_ram_find(const struct procdump_ram *ram, unsigned long pfn);
void procdump_ram_set(const struct procdump_ram *ram, unsigned long pfn,
		      unsigned long count, u8 to);

#endif /* _PROCDUMP_VMCORE_RAM_H */
