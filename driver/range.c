// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges of addresses: adjacent ones become one. Pure: no task, no memory of
 * others, no allocation.
 */
#include <linux/mm.h>
#include <linux/types.h>

#include <linux/procdump.h>

#include "range.h"

/**
 * procdump_range_hole() - the next run of addresses, in a search for a hole
 * @least: bytes that the hole must have
 * @hole: where the hole that we are in began
 * @addr: where the run begins; then where the next one does, unless a hole
 *	was found
 * @next: where the run ends
 * @data: there is something in it
 *
 * Context: Any context.
 * Return: true if a hole has ended that is large enough, from @hole to @addr.
 */
bool procdump_range_hole(unsigned long least, unsigned long *hole,
			 unsigned long *addr, unsigned long next, bool data)
{
	if (data && *addr - *hole >= least)
		return true;
	if (data)
		*hole = next;
	*addr = next;
	return false;
}

/**
 * procdump_range_missing() - record pages that could not be read
 * @end: contents of the end note
 * @addr: address of the first
 * @size: bytes
 *
 * When there is no more room for ranges only the number of pages is counted.
 *
 * Context: Any context.
 */
void procdump_range_missing(struct procdump_note_end *end, u64 addr, u64 size)
{
	u32 last = end->ranges - 1;

	end->pages_missing += size >> PAGE_SHIFT;
	if (end->ranges && end->range[last].end == addr) {
		end->range[last].end += size;
	} else if (end->ranges < PROCDUMP_NOTE_RANGES) {
		end->range[end->ranges].start = addr;
		end->range[end->ranges].end = addr + size;
		end->ranges++;
	}
}
