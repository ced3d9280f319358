/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for what a dump of the kernel has to remember. */
#ifndef _PROCDUMP_VMCORE_TABLE_H
#define _PROCDUMP_VMCORE_TABLE_H

#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>

#include "procdump.h"

/**
 * procdump_table_alloc() - memory for a dump of the kernel
 * @count: how many entries
 * @size: bytes of each
 *
 * A CPU may be stuck, so this is not kvmalloc(): that asks for several pages in
 * a row first, and to make such a row, pages of processes are moved, for which
 * every CPU has to answer that has them mapped.
 *
 * Context: Process context. May sleep.
 * Return: memory, all zero, to be freed with vfree(); NULL if there is none.
 */
static inline void *procdump_table_alloc(size_t count, size_t size)
{
	return __vmalloc(max_t(size_t, array_size(count, size), 1),
			 PROCDUMP_GFP | __GFP_ZERO);
}

#endif /* _PROCDUMP_VMCORE_TABLE_H */
