// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a mapping goes into a core: the policy of the kernel's own cores,
 * vma_dump_size() in fs/coredump.c, as a function of plain facts. Pure: no
 * task, no memory of others, no allocation.
 */
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>

#include "segment.h"

#define FILTER(filter, type) \
	((filter) & (1UL << (MMF_DUMP_##type - MMF_DUMP_FILTER_SHIFT)))

static enum procdump_keep keep(unsigned long wanted)
{
	return wanted ? PROCDUMP_KEEP_ALL : PROCDUMP_KEEP_NONE;
}

static enum procdump_keep keep_private(const struct procdump_mapping *map,
				       unsigned long filter)
{
	if (map->written && FILTER(filter, ANON_PRIVATE))
		return PROCDUMP_KEEP_ALL;
	if (!map->file)
		return PROCDUMP_KEEP_NONE;
	if (FILTER(filter, MAPPED_PRIVATE))
		return PROCDUMP_KEEP_ALL;
	if (!FILTER(filter, ELF_HEADERS) || !map->start_of_file ||
	    !(map->flags & VM_READ))
		return PROCDUMP_KEEP_NONE;
	return map->executable ? PROCDUMP_KEEP_PAGE : PROCDUMP_KEEP_IF_ELF;
}

/**
 * procdump_segment_policy() - what of a mapping goes into the core
 * @map: the mapping
 * @filter: bits as in /proc/PID/coredump_filter
 * @all: keep everything that can be read, whatever @filter and MADV_DONTDUMP
 *	say
 *
 * Context: Any context.
 * Return: enum procdump_keep.
 */
enum procdump_keep procdump_segment_policy(const struct procdump_mapping *map,
					   unsigned long filter, bool all)
{
	bool shared = map->flags & VM_SHARED;

	if (map->special)
		return PROCDUMP_KEEP_ALL;
	if (all)
		return keep(!(map->flags & (VM_IO | VM_PFNMAP)));
	if (map->flags & VM_DONTDUMP)
		return PROCDUMP_KEEP_NONE;
	if (map->dax)
		return keep(shared ? FILTER(filter, DAX_SHARED) :
				     FILTER(filter, DAX_PRIVATE));
	if (map->flags & VM_HUGETLB)
		return keep(shared ? FILTER(filter, HUGETLB_SHARED) :
				     FILTER(filter, HUGETLB_PRIVATE));
	if (map->flags & VM_IO)
		return PROCDUMP_KEEP_NONE;
	if (shared)
		return keep(map->unlinked ? FILTER(filter, ANON_SHARED) :
					    FILTER(filter, MAPPED_SHARED));
	return keep_private(map, filter);
}
