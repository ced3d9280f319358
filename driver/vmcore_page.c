// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each page of System RAM is used for, by the kernel's own structures.
 *
 * Promises: user memory, page cache, free pages, pages that are offline and
 * pages with a memory error are never kept. What is none of these is the
 * kernel's and kept, but for the struct pages themselves, by far the largest
 * part of it, unless they are asked for.
 *
 * Kernel memory that carries user data (pipes, sockets, keyrings, compressed
 * swap) cannot be told apart and is kept.
 *
 * Locks: none is taken, as their holder may be what is to be debugged. Flags
 * are right when all CPUs stand still, since the page allocator changes them
 * with interrupts off. It needs not for a CPU's own list of free pages: one
 * that is caught in between may end early for us, and what is behind that is
 * kept. Else a page may be taken for another class, but nothing is followed
 * that could fault; see also procdump_vmcore_supported().
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "vmcore_page.h"
#include "vmcore_ram.h"

/* Longest per-CPU list of free pages that is believed. */
#define PCP_MAX		BIT(20)

/* Pages of one between two looks at the time. */
#define PCP_LOOK	256

/* Neither free nor with a type of its own: whose is it? */
static u8 owner_of(struct page *page)
{
	struct page *head = compound_head(page);
	unsigned long mapping = (unsigned long)READ_ONCE(head->mapping);

	if (mapping & PAGE_MAPPING_ANON)
		return PROCDUMP_CLASS_USER;
	if (mapping & PAGE_MAPPING_MOVABLE)
		return PROCDUMP_CLASS_KERNEL;
	if (mapping)
		return PROCDUMP_CLASS_CACHE;
	/* Cut from its file, or swapped, and still in use. */
	if (PageLRU(head) || folio_test_swapbacked(page_folio(head)))
		return PROCDUMP_CLASS_USER;
	/* Cut from its file, and about to be free. */
	if (!page_count(page) && PageUptodate(head))
		return PROCDUMP_CLASS_CACHE;
	return PROCDUMP_CLASS_KERNEL;
}

static u8 class_of(struct page *page)
{
	if (PageHWPoison(page))
		return PROCDUMP_CLASS_POISON;
	if (PageBuddy(page))
		return PROCDUMP_CLASS_FREE;
	if (PageOffline(page))
		return PROCDUMP_CLASS_OFFLINE;
	if (PageReserved(page))
		return PROCDUMP_CLASS_RESERVED;
	if (PageHuge(page))
		return PROCDUMP_CLASS_USER;
	if (PageSlab(page))
		return PROCDUMP_CLASS_SLAB;
	if (PageTable(page))
		return PROCDUMP_CLASS_TABLE;
	return owner_of(page);
}

/* Only the first page of a free block says so, and how many there are. */
static unsigned long free_block(struct page *page, unsigned long pfn)
{
	unsigned long order = READ_ONCE(page->private);

	if (order > COMPAT_MAX_PAGE_ORDER || pfn & ((1UL << order) - 1))
		return 1;
	return 1UL << order;
}

/*
 * An allocation of several pages that is no compound page has references for
 * its first page only. Any other page without is on its way from or to the free
 * pages: in a batch that is reported to a hypervisor, or in compaction's hands.
 * So such a page is the kernel's if the last one that was none of its kind is
 * the @head of a block that it is in.
 */
static bool in_block(unsigned long head, unsigned long pfn)
{
	unsigned int order = fls64(head ^ pfn);

	return order <= COMPAT_MAX_PAGE_ORDER &&
	       !(head & ((1UL << order) - 1));
}

/* May others that have no references follow? @class is that of @page. */
static bool is_head(struct page *page, u8 class)
{
	/* In this order: of a page with an error nothing is followed. */
	return procdump_ram_kept(class) && !PageCompound(page) &&
	       page_count(page);
}

static bool is_behind(struct page *page, u8 class)
{
	return class == PROCDUMP_CLASS_KERNEL && !page_count(page);
}

/* Is @pfn, for which is_behind() is true, in a block? */
static bool find_head(unsigned long pfn)
{
	unsigned long at = pfn;
	struct page *page;
	u8 class;

	while (at & ((1UL << COMPAT_MAX_PAGE_ORDER) - 1)) {
		page = pfn_to_online_page(--at);
		if (!page)
			return false;
		class = class_of(page);
		if (!is_behind(page, class) && class != PROCDUMP_CLASS_POISON)
			return is_head(page, class) && in_block(at, pfn);
	}
	return false;
}

static void classify(struct procdump_ram *ram, u8 *class, unsigned long pfn,
		     unsigned long end)
{
	unsigned long count, head = 0;
	bool have_head = false, behind;
	struct page *page;
	u8 to;

	while (pfn < end) {
		page = pfn_to_online_page(pfn);
		count = 1;
		to = page ? class_of(page) : PROCDUMP_CLASS_ABSENT;
		behind = page && is_behind(page, to);
		/* One with an error may be in the middle of a block. */
		if (!behind && to != PROCDUMP_CLASS_POISON) {
			have_head = page && is_head(page, to);
			head = pfn;
		}
		if (to == PROCDUMP_CLASS_FREE) {
			count = min(free_block(page, pfn), end - pfn);
			memset(class, PROCDUMP_CLASS_FREE, count);
		} else if (behind && !(have_head && in_block(head, pfn))) {
			*class = PROCDUMP_CLASS_FREE;
		} else {
			*class = (*class & PROCDUMP_CLASS_HOT) | to;
		}
		class += count;
		pfn += count;
	}
}

/**
 * procdump_ram_classify() - look at the pages of one piece
 * @ram: the ranges; each piece is done by one CPU
 * @window: number of the piece
 *
 * Context: Any context but NMI.
 */
void procdump_ram_classify(struct procdump_ram *ram, unsigned long window)
{
	unsigned long first = window * PROCDUMP_WINDOW;
	unsigned int i;

	for (i = 0; i < ram->ranges; i++) {
		struct procdump_pfns *range = &ram->range[i];
		unsigned long pfn = max(first, range->pfn);
		unsigned long end = min(first + PROCDUMP_WINDOW, range->end);

		if (pfn < end)
			classify(ram, ram->class + range->at + pfn - range->pfn,
				 pfn, end);
	}
}

/*
 * Free pages that a CPU keeps for itself carry no mark. False if it was @over
 * before all were seen.
 */
static bool mark_list(struct procdump_ram *ram, struct list_head *head,
		      unsigned int order, bool (*over)(void))
{
	struct list_head *at = head;
	unsigned long tries = PCP_MAX;
	unsigned long pfn;

	while (tries--) {
		if (tries % PCP_LOOK == PCP_LOOK - 1 && over && over())
			return false;
		if (get_kernel_nofault(at, &at->next) || at == head)
			return true;
		pfn = page_to_pfn(list_entry(at, struct page, lru));
		if (!procdump_ram_find(ram, pfn))
			return true;
		procdump_ram_set(ram, pfn, 1UL << order, PROCDUMP_CLASS_FREE);
	}
	return true;
}

static bool mark_zone(struct procdump_ram *ram, struct zone *zone,
		      bool (*over)(void))
{
	unsigned int order;
	int cpu, i;

	for_each_possible_cpu(cpu) {
		struct per_cpu_pages *pcp =
			per_cpu_ptr(zone->per_cpu_pageset, cpu);

		for (i = 0; i < NR_PCP_LISTS; i++) {
			order = i < NR_LOWORDER_PCP_LISTS ?
				i / MIGRATE_PCPTYPES : pageblock_order;
			if (!mark_list(ram, &pcp->lists[i], order, over))
				return false;
		}
	}
	return true;
}

static bool mark_zones(struct procdump_ram *ram, bool (*over)(void))
{
	struct zone *zone;
	unsigned int i;
	int nid;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			if (populated_zone(zone) && !mark_zone(ram, zone, over))
				return false;
		}
	}
	return true;
}

static void mark_spans(struct procdump_ram *ram,
		       const struct procdump_pfns *span, unsigned int count,
		       u8 to)
{
	for (; count; span++, count--)
		procdump_ram_set(ram, span->pfn, span->end - span->pfn, to);
}

/* Nothing of the kernel that runs is in there, unless its end was given back. */
static void mark_crash(struct procdump_ram *ram)
{
	unsigned int i;
	u8 *class;

	for (i = 0; i < ram->crashes; i++) {
		class = procdump_ram_find(ram, ram->crash[i].end - 1);
		if (class && (*class & PROCDUMP_CLASS_MASK) ==
			     PROCDUMP_CLASS_RESERVED)
			mark_spans(ram, &ram->crash[i], 1, PROCDUMP_CLASS_OWN);
	}
}

/**
 * procdump_ram_mark() - what cannot be seen from a page alone
 * @ram: after procdump_ram_classify() for all pieces
 * @over: is the time up? NULL for as long as it takes
 *
 * Context: Any context but NMI.
 * Return: false if the time was up; then free pages may count as kept.
 */
bool procdump_ram_mark(struct procdump_ram *ram, bool (*over)(void))
{
	if (!mark_zones(ram, over))
		return false;
	if (!ram->keep_memmap)
		mark_spans(ram, ram->memmap, ram->memmaps,
			   PROCDUMP_CLASS_VMEMMAP);
	mark_crash(ram);
	return true;
}

/**
 * procdump_ram_estimate() - look at all pages while the machine runs
 * @ram: the ranges; which pages were copied first stays known
 *
 * Context: Process context. May sleep.
 */
void procdump_ram_estimate(struct procdump_ram *ram)
{
	unsigned long window;

	for (window = 0; window < procdump_ram_windows(ram); window++) {
		procdump_ram_classify(ram, window);
		cond_resched();
	}
	procdump_ram_mark(ram, NULL);
}

/**
 * procdump_ram_kept() - is a page dumped?
 * @class: its class, with flags
 *
 * Context: Any context.
 * Return: true if it is.
 */
bool procdump_ram_kept(u8 class)
{
	return (class & PROCDUMP_CLASS_MASK) >= PROCDUMP_CLASS_RESERVED;
}

/**
 * procdump_ram_still_kept() - is a page that was kept still the kernel's?
 * @pfn: page frame
 *
 * Context: Any context but NMI.
 * Return: true if it is.
 */
bool procdump_ram_still_kept(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	u8 class;

	if (!page)
		return false;
	class = class_of(page);
	return procdump_ram_kept(class) &&
	       (!is_behind(page, class) || find_head(pfn));
}

/**
 * procdump_ram_count() - count the pages of each class
 * @ram: after classification
 * @count: filled in, PROCDUMP_CLASSES numbers
 *
 * Context: Any context.
 */
void procdump_ram_count(const struct procdump_ram *ram, u64 *count)
{
	unsigned long i;

	memset(count, 0, PROCDUMP_CLASSES * sizeof(*count));
	for (i = 0; i < ram->pages; i++)
		count[ram->class[i] & PROCDUMP_CLASS_MASK]++;
}
