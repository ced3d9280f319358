/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_COPY_H
#define _PROCDUMP_VMCORE_COPY_H

#include <linux/atomic.h>
#include <linux/types.h>

struct procdump_ram;

/**
 * struct procdump_copies - copies of pages, made while all CPUs stood still
 * @ram: what there is to copy
 * @block: memory for the copies, some pages each
 * @blocks: how many
 * @room: pages in all blocks
 * @entry: of each copy, page frame in the upper and its place in the lower
 *	half; of one that is to be made first, the page frame only
 * @used: places that were taken; may be larger than @room
 * @hot: of these, for pages of tasks
 * @next: next piece of work
 * @hot_done: all pages of all tasks were copied
 * @marked: what cannot be seen from a page alone is known as well
 * @classified: windows that were classified in time
 * @rest_copied: windows of which all else was copied in time
 */
struct procdump_copies {
	struct procdump_ram *ram;
	void **block;
	unsigned int blocks;
	unsigned long room;
	u64 *entry;
	atomic_long_t used;
	unsigned long hot;
	atomic_long_t next;
	bool hot_done;
	bool marked;
	atomic_long_t classified;
	atomic_long_t rest_copied;

	/* private: */
	unsigned long cursor;
};

int procdump_copies_init(struct procdump_copies *copies,
			 struct procdump_ram *ram, unsigned long pages);
unsigned long procdump_copies_spare(void);
void procdump_copies_uninit(struct procdump_copies *copies);
void procdump_copies_make(struct procdump_copies *copies, bool freeze);
void procdump_copies_finish(struct procdump_copies *copies);
void procdump_copies_sort(struct procdump_copies *copies);
int procdump_copies_read(struct procdump_copies *copies, unsigned long pfn,
			 void *to);
int procdump_copies_done(const struct procdump_copies *copies);

#endif /* _PROCDUMP_VMCORE_COPY_H */
