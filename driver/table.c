// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for what a dump has to remember, on a machine of which a CPU may be
 * stuck.
 *
 * It is not kvmalloc(): that asks for several pages in a row first, and to make
 * such a row, pages of processes are moved, for which every CPU has to answer
 * that has them mapped.
 *
 * Nor is it vfree() at the end. When so much was given back, by anybody, that it
 * is worth a flush on all CPUs (64 MiB with two of them), a worker of the
 * kernel's makes that, and waits with preemption off: a second CPU is lost, maybe
 * the one that has the dump to finish. So while a CPU owes an answer
 * (vmcore_freeze.c), tables are kept: for the next ones of about that size, so
 * that it does not get more from dump to dump, or until a table is freed when all
 * have answered.
 *
 * Each has one more page before it, for its size and for the list of those that
 * are kept.
 *
 * Locks: kept_lock, a leaf.
 */
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "procdump.h"
#include "table.h"
#include "vmcore_freeze.h"

struct head {
	struct list_head node;
	size_t size;
};

static LIST_HEAD(kept);
static DEFINE_SPINLOCK(kept_lock);

static void *table_of(struct head *head)
{
	return (void *)head + PAGE_SIZE;
}

/* The smallest that will do, and is not far too large. */
static struct head *take_kept(size_t size)
{
	struct head *head, *best = NULL;

	spin_lock(&kept_lock);
	list_for_each_entry(head, &kept, node)
		if (head->size >= size && head->size / 2 <= size &&
		    (!best || head->size < best->size))
			best = head;
	if (best)
		list_del(&best->node);
	spin_unlock(&kept_lock);
	return best;
}

static void free_kept(void)
{
	struct head *head, *next;
	LIST_HEAD(all);

	spin_lock(&kept_lock);
	list_splice_init(&kept, &all);
	spin_unlock(&kept_lock);
	list_for_each_entry_safe(head, next, &all, node)
		vfree(head);
}

/**
 * procdump_table_alloc() - memory for a dump
 * @count: how many entries
 * @size: bytes of each
 *
 * Context: Process context. May sleep; does not invoke the OOM killer.
 * Return: memory, all zero, at the begin of a page, to be freed with
 * procdump_table_free(); NULL if there is none.
 */
void *procdump_table_alloc(size_t count, size_t size)
{
	size_t bytes = array_size(count, size);
	struct head *head;

	if (bytes > SIZE_MAX / 4)
		return NULL;
	bytes = PAGE_ALIGN(max(bytes, 1));
	/* Not many sizes, so that what is kept fits the next dump. */
	bytes = round_up(bytes, max(PAGE_SIZE, rounddown_pow_of_two(bytes) / 8));
	head = take_kept(bytes);
	if (head) {
		memset(table_of(head), 0, bytes);
		return table_of(head);
	}
	head = __vmalloc(PAGE_SIZE + bytes, PROCDUMP_GFP | __GFP_ZERO);
	if (!head)
		return NULL;
	head->size = bytes;
	return table_of(head);
}

/**
 * procdump_table_free() - give a table back
 * @table: from procdump_table_alloc(), or NULL
 *
 * Context: Process context. May sleep.
 */
void procdump_table_free(void *table)
{
	struct head *head = table - PAGE_SIZE;

	if (!table)
		return;
	if (procdump_freeze_owed()) {
		spin_lock(&kept_lock);
		list_add(&head->node, &kept);
		spin_unlock(&kept_lock);
		return;
	}
	vfree(head);
	free_kept();
}

/**
 * procdump_table_exit() - give back what was kept
 *
 * Context: Process context, module exit, after procdump_freeze_exit().
 */
void procdump_table_exit(void)
{
	free_kept();
}
