// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of the kernel's pages, made while all CPUs stand still, by all of
 * them together: first tasks and their stacks, then as much of the rest as the
 * memory and the time allow. What was not copied is read when the machine runs
 * again.
 *
 * The memory for the copies is taken in blocks from the page allocator, not
 * from vmalloc(): to give that back, all CPUs may have to answer.
 *
 * Locks: none. The CPUs share the work through atomic counters.
 */
#include <linux/mm.h>
#include <linux/nmi.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "procdump.h"
#include "vmcore_copy.h"
#include "vmcore_freeze.h"
#include "vmcore_page.h"
#include "vmcore_ram.h"

#define BLOCK_ORDER	6
#define BLOCK_PAGES	BIT(BLOCK_ORDER)

/* An entry is a page frame, of up to 52 bits of address, and where its copy is. */
#define SLOT_BITS	24
#define NO_PFN		(U64_MAX >> SLOT_BITS)

enum stage { CLASSIFY, COPY_HOT, COPY_REST };

/* Large blocks or none: nothing here is worth reclaim, which waits for CPUs. */
#define BLOCK_GFP	((PROCDUMP_GFP & ~__GFP_RETRY_MAYFAIL & \
			  ~__GFP_DIRECT_RECLAIM) | __GFP_NORETRY)

/**
 * procdump_copies_init() - allocate memory for copies
 * @copies: filled in, also if there is an error
 * @ram: what there is to copy
 * @pages: how many copies there should be room for; it may become less
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM. The caller owes a procdump_copies_uninit() either way.
 */
int procdump_copies_init(struct procdump_copies *copies,
			 struct procdump_ram *ram, unsigned long pages)
{
	unsigned long wanted = DIV_ROUND_UP(min(pages, BIT(SLOT_BITS)),
					    BLOCK_PAGES);

	memset(copies, 0, sizeof(*copies));
	copies->ram = ram;
	copies->block = __vmalloc(array_size(wanted + 1, sizeof(void *)),
				  PROCDUMP_GFP | __GFP_ZERO);
	copies->entry = __vmalloc(array_size(wanted * BLOCK_PAGES + 1,
					     sizeof(u64)), PROCDUMP_GFP);
	if (!copies->block || !copies->entry)
		return -ENOMEM;
	while (copies->blocks < wanted) {
		void *block = (void *)__get_free_pages(BLOCK_GFP, BLOCK_ORDER);

		if (!block)
			break;
		copies->block[copies->blocks++] = block;
		cond_resched();
	}
	copies->room = copies->blocks * BLOCK_PAGES;
	return 0;
}

/**
 * procdump_copies_uninit() - free the copies
 * @copies: after procdump_copies_init(), or all zero
 *
 * Context: Process context. May sleep.
 */
void procdump_copies_uninit(struct procdump_copies *copies)
{
	while (copies->blocks)
		free_pages((unsigned long)copies->block[--copies->blocks],
			   BLOCK_ORDER);
	vfree(copies->entry);
	vfree(copies->block);
}

static void *place(const struct procdump_copies *copies, unsigned long slot)
{
	return copies->block[slot / BLOCK_PAGES] +
	       slot % BLOCK_PAGES * PAGE_SIZE;
}

static bool copy_page_of(struct procdump_copies *copies, unsigned long pfn)
{
	unsigned long slot = atomic_long_inc_return(&copies->used) - 1;

	if (slot >= copies->room)
		return false;
	/* No such page in the direct map: it stays zero, and is not counted. */
	if (copy_from_kernel_nofault(place(copies, slot), __va(PFN_PHYS(pfn)),
				     PAGE_SIZE))
		pfn = NO_PFN;
	copies->entry[slot] = (u64)pfn << SLOT_BITS | slot;
	return true;
}

static bool copy_range(struct procdump_copies *copies, u8 *class,
		       unsigned long pfn, unsigned long end)
{
	for (; pfn < end; pfn++, class++) {
		if (!procdump_ram_kept(*class) ||
		    *class & PROCDUMP_CLASS_COPIED)
			continue;
		if (copies->hot && !(*class & PROCDUMP_CLASS_HOT))
			continue;
		if (!copy_page_of(copies, pfn))
			return false;
		*class |= PROCDUMP_CLASS_COPIED;
	}
	return true;
}

/* False if there was no room for all of it. */
static bool copy_window(struct procdump_copies *copies, unsigned long window)
{
	unsigned long first = window * PROCDUMP_WINDOW;
	unsigned int i;

	for (i = 0; i < copies->ram->ranges; i++) {
		struct procdump_pfns *range = &copies->ram->range[i];
		unsigned long pfn = max(first, range->pfn);
		unsigned long end = min(first + PROCDUMP_WINDOW, range->end);

		if (pfn < end &&
		    !copy_range(copies, copies->ram->class + range->at + pfn -
				range->pfn, pfn, end))
			return false;
	}
	return true;
}

static bool next_window(struct procdump_copies *copies, unsigned long *window)
{
	*window = atomic_long_inc_return(&copies->window) - 1;
	return *window < procdump_ram_windows(copies->ram);
}

static void classify_job(void *arg)
{
	struct procdump_copies *copies = arg;
	unsigned long window;

	while (!procdump_freeze_over() && next_window(copies, &window)) {
		procdump_ram_classify(copies->ram, window);
		atomic_long_inc(&copies->complete[CLASSIFY]);
	}
}

static void copy_job(void *arg)
{
	struct procdump_copies *copies = arg;
	unsigned long window;

	while (!procdump_freeze_over() && next_window(copies, &window)) {
		if (atomic_long_read(&copies->used) > copies->room)
			return;
		if (!copy_window(copies, window))
			return;
		atomic_long_inc(&copies->complete[copies->hot ? COPY_HOT :
								COPY_REST]);
	}
}

static void together(struct procdump_copies *copies, void (*job)(void *arg))
{
	atomic_long_set(&copies->window, 0);
	procdump_freeze_parallel(job, copies);
}

/* The copies themselves are no part of what is dumped. */
static void mark_own(struct procdump_copies *copies)
{
	unsigned long i;
	unsigned int n;

	for (n = 0; n < copies->blocks; n++) {
		unsigned long pfn = PFN_DOWN(__pa(copies->block[n]));

		for (i = 0; i < BLOCK_PAGES; i++) {
			u8 *class = procdump_ram_find(copies->ram, pfn + i);

			if (class)
				*class = PROCDUMP_CLASS_OWN;
		}
	}
}

/**
 * procdump_copies_make() - classify and copy
 * @copies: after procdump_copies_init()
 * @freeze: all CPUs stand still; else only classify
 *
 * Context: The dumper, between procdump_freeze_begin() and _end().
 */
void procdump_copies_make(struct procdump_copies *copies, bool freeze)
{
	together(copies, classify_job);
	procdump_ram_mark(copies->ram);
	mark_own(copies);
	if (!freeze)
		return;
	procdump_ram_mark_tasks(copies->ram);
	copies->hot = true;
	together(copies, copy_job);
	copies->hot = false;
	together(copies, copy_job);
	touch_nmi_watchdog();
}

/**
 * procdump_copies_done() - was a stage finished in time?
 * @copies: after procdump_copies_make()
 * @stage: 0 classification, 1 tasks and stacks, 2 all
 *
 * Context: Any context.
 * Return: true if it was.
 */
bool procdump_copies_done(const struct procdump_copies *copies, int stage)
{
	if (stage && atomic_long_read(&copies->used) > copies->room)
		return stage == 1 && atomic_long_read(&copies->complete[1]) ==
		       procdump_ram_windows(copies->ram);
	return atomic_long_read(&copies->complete[stage]) ==
	       procdump_ram_windows(copies->ram);
}

static int compare(const void *a, const void *b)
{
	u64 left = *(const u64 *)a, right = *(const u64 *)b;

	return left < right ? -1 : left > right;
}

/**
 * procdump_copies_sort() - get ready for procdump_copies_read()
 * @copies: after procdump_copies_make()
 *
 * Context: Process context.
 */
void procdump_copies_sort(struct procdump_copies *copies)
{
	unsigned long used = min_t(unsigned long, copies->room,
				   atomic_long_read(&copies->used));

	atomic_long_set(&copies->used, used);
	sort(copies->entry, used, sizeof(*copies->entry), compare, NULL);
	copies->cursor = 0;
}

static const void *next_copy(struct procdump_copies *copies, unsigned long pfn)
{
	unsigned long used = atomic_long_read(&copies->used);

	while (copies->cursor < used) {
		u64 entry = copies->entry[copies->cursor];

		if (entry >> SLOT_BITS > pfn)
			return NULL;
		copies->cursor++;
		if (entry >> SLOT_BITS == pfn)
			return place(copies, entry & (BIT(SLOT_BITS) - 1));
	}
	return NULL;
}

/**
 * procdump_copies_read() - a page as it was copied, or else as it is now
 * @copies: after procdump_copies_sort()
 * @pfn: page frame; from call to call they ascend
 * @to: where the page is put; zeros if there is none
 *
 * A page that was not copied may have become somebody's in the meantime, and
 * also while it is read: then there is none.
 *
 * Context: Process context.
 * Return: 1 if it was copied, 0 if it was not, -EFAULT if there is none.
 */
int procdump_copies_read(struct procdump_copies *copies, unsigned long pfn,
			 void *to)
{
	const void *copy = next_copy(copies, pfn);

	if (copy) {
		memcpy(to, copy, PAGE_SIZE);
		return 1;
	}
	if (procdump_ram_still_kept(pfn) &&
	    !copy_from_kernel_nofault(to, __va(PFN_PHYS(pfn)), PAGE_SIZE) &&
	    procdump_ram_still_kept(pfn))
		return 0;
	memset(to, 0, PAGE_SIZE);
	return -EFAULT;
}
