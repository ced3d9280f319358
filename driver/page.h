/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_PAGE_H
#define _PROCDUMP_PAGE_H

#include <linux/types.h>

struct mm_struct;
struct page;
struct procdump_hold;

/* Pages that are read at once. */
#define PROCDUMP_BATCH	64

enum procdump_page_state {
	PROCDUMP_PAGE_DATA,	/* a page, with a reference */
	PROCDUMP_PAGE_HOLE,	/* never touched: zeros */
	PROCDUMP_PAGE_MISSING,	/* there may be something, it cannot be read */
	PROCDUMP_PAGE_CACHE,	/* not mapped; page.c's own */
};

/**
 * struct procdump_batch - the result of one read
 * @pages: how many pages it covers
 * @hole: all of them are holes; then @pages can be any number, and @state and
 *	@page are not set. Else it is at most PROCDUMP_BATCH
 * @state: enum procdump_page_state of each page
 * @page: the pages that have data
 */
struct procdump_batch {
	unsigned long pages;
	bool hole;
	u8 state[PROCDUMP_BATCH];
	struct page *page[PROCDUMP_BATCH];
};

int procdump_page_lock(struct mm_struct *mm, struct procdump_hold *hold);
int procdump_page_read(struct procdump_batch *batch, struct mm_struct *mm,
		       struct procdump_hold *hold, unsigned long addr,
		       unsigned long end);
void procdump_page_put(struct procdump_batch *batch);
int procdump_page_fetch(void *to, struct page *page);
int procdump_page_copy(struct mm_struct *mm, struct procdump_hold *hold,
		       unsigned long addr, void *buf, size_t len);

#endif /* _PROCDUMP_PAGE_H */
