// SPDX-License-Identifier: GPL-2.0-only
/*
 * System RAM: its ranges, with room for the class of each page
 * (vmcore_page.c); where the struct pages and the kernel's image are in it.
 *
 * Locks: none is taken, but for that of the list of resources.
 */
#include <linux/ioport.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "procdump.h"
#include "vmcore_ram.h"
#include "table.h"

/* Room for spans at first; it doubles whenever it is full. */
#define SPANS	2048

static int grow(struct procdump_pfns **span, unsigned int count)
{
	struct procdump_pfns *more;

	BUILD_BUG_ON_NOT_POWER_OF_2(SPANS);
	if (count && (count < SPANS || !is_power_of_2(count)))
		return 0;
	more = procdump_table_alloc(max(2 * count, SPANS), sizeof(*more));
	if (!more)
		return -ENOMEM;
	if (count)
		memcpy(more, *span, count * sizeof(*more));
	procdump_table_free(*span);
	*span = more;
	return 0;
}

static int add_span(struct procdump_pfns **span, unsigned int *count,
		    unsigned long pfn, unsigned long end)
{
	struct procdump_pfns *last = *count ? *span + *count - 1 : NULL;

	/* The struct pages of a huge page may all be mapped to the same one. */
	if (pfn >= end || (last && pfn >= last->pfn && end <= last->end))
		return 0;
	if (last && last->end == pfn) {
		last->end = end;
		return 0;
	}
	if (grow(span, *count))
		return -ENOMEM;
	last = *span + (*count)++;
	last->pfn = pfn;
	last->end = end;
	return 0;
}

static int add_ram(struct resource *res, void *arg)
{
	struct procdump_ram *ram = arg;

	return add_span(&ram->range, &ram->ranges, PFN_UP(res->start),
			PFN_DOWN(res->end + 1));
}

static int add_crash(struct resource *res, void *arg)
{
	struct procdump_ram *ram = arg;

	return add_span(&ram->crash, &ram->crashes, PFN_DOWN(res->start),
			PFN_UP(res->end + 1));
}

/* The memory of a crash kernel, which is within System RAM. */
static int find_crash(struct procdump_ram *ram)
{
	int err = walk_iomem_res_desc(IORES_DESC_CRASH_KERNEL,
				      IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
				      0, -1, ram, add_crash);

	/* There is none. */
	return err == -EINVAL ? 0 : err;
}

/*
 * One entry of the kernel's page tables: the page frame at @addr, 0 if there is
 * none. @size becomes the bytes from @addr to the end of what it maps.
 */
static unsigned long frame_at(unsigned long addr, unsigned long *size)
{
	unsigned int level;
	pte_t *pte = lookup_address(addr, &level);
	unsigned long pfn, bytes = PMD_SIZE;

	if (pte && level >= PG_LEVEL_4K && level <= PG_LEVEL_1G)
		bytes = page_level_size(level);
	*size = bytes - (addr & (bytes - 1));
	if (!pte || !pte_present(*pte))
		return 0;
	pfn = pte_pfn(*pte);
	if (level == PG_LEVEL_2M)
		pfn = pmd_pfn(*(pmd_t *)pte);
	else if (level == PG_LEVEL_1G)
		pfn = pud_pfn(*(pud_t *)pte);
	return pfn + ((addr & (bytes - 1)) >> PAGE_SHIFT);
}

/* Finds out what the struct pages of @range are mapped to. */
static int add_memmap(struct procdump_ram *ram,
		      const struct procdump_pfns *range)
{
	unsigned long addr = (unsigned long)pfn_to_page(range->pfn);
	unsigned long end = (unsigned long)pfn_to_page(range->end);
	unsigned long size, pfn;
	int err = 0;

	addr = ALIGN_DOWN(addr, PAGE_SIZE);
	for (; addr < end && !err; addr += size) {
		pfn = frame_at(addr, &size);
		if (pfn)
			err = add_span(&ram->memmap, &ram->memmaps, pfn,
				       pfn + (size >> PAGE_SHIFT));
	}
	return err;
}

/* The part of the kernel's own window that is mapped. */
static void find_image(struct procdump_ram *ram)
{
	unsigned long addr = __START_KERNEL_map;
	unsigned long end = addr + KERNEL_IMAGE_SIZE;
	unsigned long size, pfn;

	for (; addr < end; addr += size) {
		pfn = frame_at(addr, &size);
		if (!pfn || pfn != PFN_DOWN(addr - __START_KERNEL_map +
					    phys_base))
			continue;
		if (!ram->image.end)
			ram->image.pfn = pfn;
		ram->image.end = pfn + (size >> PAGE_SHIFT);
	}
}

/**
 * procdump_ram_init() - find the ranges of System RAM
 * @ram: filled in, also if there is an error
 * @keep_memmap: struct pages are to be kept
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM. The caller owes a procdump_ram_uninit() either way.
 */
int procdump_ram_init(struct procdump_ram *ram, bool keep_memmap)
{
	unsigned int i;
	int err;

	memset(ram, 0, sizeof(*ram));
	ram->keep_memmap = keep_memmap;
	err = walk_iomem_res_desc(IORES_DESC_NONE,
				  IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
				  0, -1, ram, add_ram);
	for (i = 0; i < ram->ranges && !err; i++) {
		ram->range[i].at = ram->pages;
		ram->pages += ram->range[i].end - ram->range[i].pfn;
		err = add_memmap(ram, &ram->range[i]);
	}
	if (!err)
		err = find_crash(ram);
	if (err || !ram->ranges)
		return -ENOMEM;
	find_image(ram);
	ram->class = procdump_table_alloc(ram->pages, 1);
	return ram->class ? 0 : -ENOMEM;
}

/**
 * procdump_ram_uninit() - free what procdump_ram_init() allocated
 * @ram: the ranges
 *
 * Context: Process context. May sleep.
 */
void procdump_ram_uninit(struct procdump_ram *ram)
{
	procdump_table_free(ram->class);
	procdump_table_free(ram->crash);
	procdump_table_free(ram->memmap);
	procdump_table_free(ram->range);
}

/**
 * procdump_ram_windows() - pieces of work in a classification
 * @ram: the ranges
 *
 * Context: Any context.
 * Return: how many there are.
 */
unsigned long procdump_ram_windows(const struct procdump_ram *ram)
{
	return DIV_ROUND_UP(ram->range[ram->ranges - 1].end, PROCDUMP_WINDOW);
}

/* The first range that ends behind @pfn; behind the last one if none does. */
static const struct procdump_pfns *range_at(const struct procdump_ram *ram,
					    unsigned long pfn)
{
	unsigned int low = 0, high = ram->ranges;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (pfn < ram->range[mid].end)
			high = mid;
		else
			low = mid + 1;
	}
	return ram->range + low;
}

/**
 * procdump_ram_find() - the class of a page
 * @ram: the ranges
 * @pfn: page frame
 *
 * Context: Any context.
 * Return: where its class is, NULL if it is not System RAM.
 */
u8 *procdump_ram_find(const struct procdump_ram *ram, unsigned long pfn)
{
	const struct procdump_pfns *range = range_at(ram, pfn);

	if (range == ram->range + ram->ranges || pfn < range->pfn)
		return NULL;
	return ram->class + range->at + pfn - range->pfn;
}

/**
 * procdump_ram_set() - pages whose class is known
 * @ram: the ranges
 * @pfn: the first page frame
 * @count: how many; what is not System RAM among them is left out
 * @to: their class
 *
 * Context: Any context.
 */
void procdump_ram_set(const struct procdump_ram *ram, unsigned long pfn,
		      unsigned long count, u8 to)
{
	const struct procdump_pfns *range = range_at(ram, pfn);
	unsigned long first, end;

	for (; range < ram->range + ram->ranges && range->pfn < pfn + count;
	     range++) {
		first = max(pfn, range->pfn);
		end = min(pfn + count, range->end);
		memset(ram->class + range->at + first - range->pfn, to,
		       end - first);
	}
}
