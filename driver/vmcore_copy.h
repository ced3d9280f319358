/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_COPY_H
#define _PROCDUMP_VMCORE_COPY_H

#include <linux/atomic.h>
#include <linux/types.h>

struct procdump_ram;

/**
 * struct procdump_copies - copies of pages, made while all CPUs stood still
 * @ram: what there is to copy
 * @block: memory for the copies, PROCDUMP_COPY_BLOCK pages each
 * @blocks: how many
 * @room: pages in all blocks
 * @entry: of each copy, page frame in the upper and its place in the lower half
 * @used: copies that were made; may be larger than @room
 * @window: next piece of work
 * @hot: tasks and stacks are being copied; else all the rest
 * @complete: pieces that were done, of classification and of both copies
 */
struct procdump_copies {
	struct procdump_ram *ram;
	void **block;
	unsigned int blocks;
	unsigned long room;
	u64 *entry;
	atomic_long_t used;
	atomic_long_t window;
	bool hot;
	atomic_long_t complete[3];

	/* private: */
	unsigned long cursor;
};

int procdump_copies_init(struct procdump_copies *copies,
			 struct procdump_ram *ram, unsigned long pages);
void procdump_copies_uninit(struct procdump_copies *copies);
void procdump_copies_make(struct procdump_copies *copies, bool freeze);
void procdump_copies_sort(struct procdump_copies *copies);
int procdump_copies_read(struct procdump_copies *copies, unsigned long pfn,
			 void *to);
bool procdump_copies_done(const struct procdump_copies *copies, int stage);

#endif /* _PROCDUMP_VMCORE_COPY_H */
