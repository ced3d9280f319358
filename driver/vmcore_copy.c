// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of the kernel's pages, made while all CPUs stand still, by all of
 * them together: first tasks and their stacks, then as much of the rest as the
 * memory and the time allow. What was not copied is read when the machine runs
 * again.
 *
 * Tasks are not found through the classes of pages: to classify all memory
 * takes the longest, and on a large machine may take all the time there is.
 *
 * The memory for the copies is taken in blocks from the page allocator, not
 * from vmalloc(): to give that back, all CPUs may have to answer.
 *
 * Locks: none. The CPUs share the work through atomic counters.
 */
#include <linux/kfence.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nmi.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <linux/procdump.h>

#include "compat.h"
#include "procdump.h"
#include "vmcore_copy.h"
#include "vmcore_freeze.h"
#include "vmcore_page.h"
#include "vmcore_ram.h"
#include "vmcore_regs.h"
#include "table.h"

#define BLOCK_ORDER	6
#define BLOCK_PAGES	BIT(BLOCK_ORDER)

/* An entry is a page frame, of up to 52 bits of address, and where its copy is. */
#define SLOT_BITS	24
#define NO_PFN		(U64_MAX >> SLOT_BITS)

/* Copies that a CPU takes on at once. */
#define SHARE		64

/* Most threads that are believed. */
#define TASKS_MAX	BIT(23)

/*
 * Large blocks or none, of what is free anyway: nothing here is worth reclaim or
 * compaction, which wait for CPUs, not even by the kernel's own threads.
 */
#define BLOCK_GFP	((PROCDUMP_GFP & ~(__GFP_RETRY_MAYFAIL | __GFP_RECLAIM)) | \
			 __GFP_NORETRY | __GFP_NOMEMALLOC)

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
	copies->block = procdump_table_alloc(wanted + 1, sizeof(void *));
	copies->entry = procdump_table_alloc(wanted * BLOCK_PAGES + 1,
					     sizeof(u64));
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
 * procdump_copies_spare() - what can be taken and nobody is woken to make more
 *
 * Context: Process context.
 * Return: pages that are free beyond what others ask for until then.
 */
unsigned long procdump_copies_spare(void)
{
	unsigned long spare = 0, free, others;
	struct zone *zone;
	int nid, i;

	for_each_online_node(nid) {
		for (i = 0; i <= ZONE_NORMAL; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			free = zone_page_state(zone, NR_FREE_PAGES);
			/* The watermark may be boosted to that. */
			others = 3 * high_wmark_pages(zone);
			spare += free > others ? free - others : 0;
		}
	}
	return spare;
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
	procdump_table_free(copies->entry);
	procdump_table_free(copies->block);
}

static void *place(const struct procdump_copies *copies, unsigned long slot)
{
	return copies->block[slot / BLOCK_PAGES] +
	       slot % BLOCK_PAGES * PAGE_SIZE;
}

/* A place for the copy of a page; there may be none left. */
static bool take_slot(struct procdump_copies *copies, unsigned long *slot)
{
	*slot = atomic_long_inc_return(&copies->used) - 1;
	return *slot < copies->room;
}

static void copy_to_slot(struct procdump_copies *copies, unsigned long pfn,
			 unsigned long slot)
{
	/* No such page in the direct map: it stays zero, and is not counted. */
	if (copy_from_kernel_nofault(place(copies, slot), __va(PFN_PHYS(pfn)),
				     PAGE_SIZE))
		pfn = NO_PFN;
	copies->entry[slot] = (u64)pfn << SLOT_BITS | slot;
}

static bool copy_range(struct procdump_copies *copies, const u8 *class,
		       unsigned long pfn, unsigned long end)
{
	unsigned long slot;

	for (; pfn < end; pfn++, class++) {
		if (!procdump_ram_kept(*class) || *class & PROCDUMP_CLASS_HOT)
			continue;
		if (!take_slot(copies, &slot))
			return false;
		copy_to_slot(copies, pfn, slot);
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

/* The copy is made by copy_hot_job(). False: no room is left. */
static bool add_hot(struct procdump_copies *copies, unsigned long pfn)
{
	u8 *class = procdump_ram_find(copies->ram, pfn);
	unsigned long slot;

	if (!class || *class & PROCDUMP_CLASS_HOT)
		return true;
	if (!take_slot(copies, &slot))
		return false;
	*class |= PROCDUMP_CLASS_HOT;
	copies->entry[slot] = pfn;
	return true;
}

static bool add_pages_at(struct procdump_copies *copies, const void *start,
			 size_t size)
{
	unsigned long pfn, last;

	if (!virt_addr_valid(start))
		return true;
	last = PFN_DOWN(__pa(start) + size - 1);
	for (pfn = PFN_DOWN(__pa(start)); pfn <= last; pfn++)
		if (!add_hot(copies, pfn))
			return false;
	return true;
}

static bool add_task(struct procdump_copies *copies, struct task_struct *task)
{
	const struct vm_struct *area = compat_stack_area(task);
	unsigned int i;

	if (!add_pages_at(copies, task, sizeof(*task)))
		return false;
	/* That of the first task is in the kernel's image. */
	if (!area)
		return add_pages_at(copies, task_stack_page(task), THREAD_SIZE);
	for (i = 0; i < area->nr_pages; i++)
		if (!add_hot(copies, page_to_pfn(area->pages[i])))
			return false;
	return true;
}

/* The idle tasks, and what has left the list of tasks, but not yet its CPU. */
static bool add_current_tasks(struct procdump_copies *copies)
{
	struct task_struct *task;
	int cpu;

	for_each_cpu(cpu, procdump_freeze_cpus()) {
		task = procdump_freeze_regs(cpu)->task;
		if (task && !add_task(copies, task))
			return false;
	}
	return true;
}

/* False if there was neither the room nor the time for all of them. */
static bool add_tasks(struct procdump_copies *copies)
{
	struct task_struct *process, *thread;
	unsigned long tries = TASKS_MAX;

	for_each_process_thread(process, thread)
		if (!tries-- || procdump_freeze_over() ||
		    !add_task(copies, thread))
			return false;
	return true;
}

/*
 * Nothing has looked at these pages yet, but for the estimate: one may have a
 * memory error, or have been free at that time.
 */
static void copy_hot_page(struct procdump_copies *copies, unsigned long slot)
{
	unsigned long pfn = copies->entry[slot];
	u8 *class = procdump_ram_find(copies->ram, pfn);

	if (!procdump_ram_still_kept(pfn)) {
		copies->entry[slot] = NO_PFN << SLOT_BITS | slot;
		return;
	}
	copy_to_slot(copies, pfn, slot);
	if (!procdump_ram_kept(*class))
		*class = PROCDUMP_CLASS_HOT | PROCDUMP_CLASS_KERNEL;
}

static void copy_hot_job(void *arg)
{
	struct procdump_copies *copies = arg;
	unsigned long slot, end;

	while (!procdump_freeze_over()) {
		slot = atomic_long_add_return(SHARE, &copies->next) - SHARE;
		if (slot >= copies->hot)
			return;
		end = min(slot + SHARE, copies->hot);
		for (; slot < end; slot++)
			copy_hot_page(copies, slot);
	}
}

static bool next_window(struct procdump_copies *copies, unsigned long *window)
{
	*window = atomic_long_inc_return(&copies->next) - 1;
	return *window < procdump_ram_windows(copies->ram);
}

static void classify_job(void *arg)
{
	struct procdump_copies *copies = arg;
	unsigned long window;

	while (!procdump_freeze_over() && next_window(copies, &window)) {
		procdump_ram_classify(copies->ram, window);
		atomic_long_inc(&copies->classified);
	}
}

static void copy_rest_job(void *arg)
{
	struct procdump_copies *copies = arg;
	unsigned long window;

	while (!procdump_freeze_over() && next_window(copies, &window)) {
		if (atomic_long_read(&copies->used) > copies->room)
			return;
		if (!copy_window(copies, window))
			return;
		atomic_long_inc(&copies->rest_copied);
	}
}

static void together(struct procdump_copies *copies, void (*job)(void *arg),
		     unsigned long first)
{
	atomic_long_set(&copies->next, first);
	procdump_freeze_parallel(job, copies);
}

/* Copies what was listed since the last time. False if the time was up. */
static bool copy_hot(struct procdump_copies *copies)
{
	unsigned long slot = copies->hot;

	copies->hot = min_t(unsigned long, copies->room,
			    atomic_long_read(&copies->used));
	together(copies, copy_hot_job, slot);
	slot = atomic_long_read(&copies->next);
	if (slot >= copies->hot)
		return true;
	/* Whose turn did not come. */
	for (; slot < copies->hot; slot++)
		copies->entry[slot] = NO_PFN << SLOT_BITS | slot;
	return false;
}

/* Those on the CPUs are copied before the others are even listed. */
static bool copy_tasks(struct procdump_copies *copies)
{
	bool all = add_current_tasks(copies);

	/* Whatever was listed must not stay as it is. */
	if (!copy_hot(copies) || !all)
		return false;
	all = add_tasks(copies);
	return copy_hot(copies) && all;
}

/* The copies themselves are no part of what is dumped. */
static void mark_own(struct procdump_copies *copies)
{
	unsigned int n;

	for (n = 0; n < copies->blocks; n++)
		procdump_ram_set(copies->ram, PFN_DOWN(__pa(copies->block[n])),
				 BLOCK_PAGES, PROCDUMP_CLASS_OWN);
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
	if (freeze) {
		rcu_read_lock();
		copies->hot_done = copy_tasks(copies);
		rcu_read_unlock();
	}
	together(copies, classify_job, 0);
	copies->marked = procdump_ram_mark(copies->ram, freeze ?
					   procdump_freeze_over : NULL);
	mark_own(copies);
	if (freeze && copies->marked)
		together(copies, copy_rest_job, 0);
	touch_nmi_watchdog();
}

/**
 * procdump_copies_finish() - what there was no time for
 * @copies: after procdump_copies_make()
 *
 * Pages that a CPU has freed and keeps must not pass for the kernel's.
 *
 * Context: Process context. May sleep.
 */
void procdump_copies_finish(struct procdump_copies *copies)
{
	if (copies->marked)
		return;
	procdump_ram_estimate(copies->ram);
	mark_own(copies);
}

/**
 * procdump_copies_done() - how much was finished in time?
 * @copies: after procdump_copies_make()
 *
 * Context: Any context.
 * Return: PROCDUMP_CONSISTENCY_*, if all CPUs stood still.
 */
int procdump_copies_done(const struct procdump_copies *copies)
{
	unsigned long windows = procdump_ram_windows(copies->ram);

	if (!copies->hot_done || !copies->marked ||
	    atomic_long_read(&copies->classified) != windows)
		return PROCDUMP_CONSISTENCY_LIVE;
	return atomic_long_read(&copies->rest_copied) == windows ?
	       PROCDUMP_CONSISTENCY_ATOMIC : PROCDUMP_CONSISTENCY_PARTIAL;
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
	const void *page = __va(PFN_PHYS(pfn));

	if (copy) {
		memcpy(to, copy, PAGE_SIZE);
		return 1;
	}
	if (procdump_ram_still_kept(pfn) &&
	    !copy_from_kernel_nofault(to, page, PAGE_SIZE) &&
	    procdump_ram_still_kept(pfn))
		return 0;
	memset(to, 0, PAGE_SIZE);
	/* Its pages between and of no objects are not mapped: nothing is lost. */
	return is_kfence_address(page) ? 0 : -EFAULT;
}
