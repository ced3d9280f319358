// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of kept pages, which are the segments of a minidump. Those of the
 * kernel's image have two: at the kernel's own addresses and in the direct map,
 * with the same bytes of the file.
 *
 * Locks: none.
 */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched.h>

#include "elf.h"
#include "procdump.h"
#include "vmcore_page.h"
#include "vmcore_ram.h"
#include "vmcore_run.h"
#include "table.h"

/* All or nothing of a run is in the image, which begins or ends at @pfn. */
static bool splits(const struct procdump_pfns *image, unsigned long pfn)
{
	return pfn == image->pfn || pfn == image->end;
}

/* Called with @run NULL to count, and again to fill it in. */
static void find(struct procdump_runs *runs, const struct procdump_ram *ram,
		 struct procdump_run *run)
{
	const struct procdump_pfns *image = &ram->image;
	unsigned long pfn, end = 0;
	unsigned int n;

	runs->count = 0;
	runs->aliases = 0;
	for (n = 0; n < ram->ranges; n++) {
		const struct procdump_pfns *range = &ram->range[n];
		const u8 *class = ram->class + range->at;

		for (pfn = range->pfn; pfn < range->end; pfn++) {
			if (!procdump_ram_kept(*class++))
				continue;
			if (!runs->count || end != pfn || splits(image, pfn)) {
				if (pfn >= image->pfn && pfn < image->end &&
				    !runs->aliases++)
					runs->alias_at = runs->count;
				if (run)
					run[runs->count].pfn = pfn;
				runs->count++;
			}
			end = pfn + 1;
			if (run)
				run[runs->count - 1].end = end;
		}
		cond_resched();
	}
}

/**
 * procdump_runs_init() - find the runs
 * @runs: filled in, also if there is an error
 * @ram: after classification
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM. The caller owes a procdump_runs_uninit() either way.
 */
int procdump_runs_init(struct procdump_runs *runs,
		       const struct procdump_ram *ram)
{
	find(runs, ram, NULL);
	runs->run = procdump_table_alloc(runs->count, sizeof(*runs->run));
	if (!runs->run)
		return -ENOMEM;
	find(runs, ram, runs->run);
	return 0;
}

/**
 * procdump_runs_uninit() - free what procdump_runs_init() allocated
 * @runs: the runs, or all zero
 *
 * Context: Process context. May sleep.
 */
void procdump_runs_uninit(struct procdump_runs *runs)
{
	procdump_table_free(runs->run);
}

static void put_run(const struct procdump_elf *elf, void *buf, u32 index,
		    const struct procdump_run *run, u64 offset, u64 base)
{
	struct procdump_phdr phdr = {
		.type = PT_LOAD,
		.flags = PF_R | PF_W | PF_X,
		.offset = offset,
		.vaddr = base + PFN_PHYS(run->pfn),
		.paddr = PFN_PHYS(run->pfn),
		.filesz = PFN_PHYS(run->end - run->pfn),
		.memsz = PFN_PHYS(run->end - run->pfn),
	};

	procdump_elf_put_phdr(elf, buf, index, &phdr);
}

/**
 * procdump_runs_put() - write the headers of all segments
 * @runs: the runs
 * @elf: laid out for as many segments as there are runs and aliases
 * @buf: room for all headers
 *
 * The kernel's image first, at its own addresses; then all in the direct map.
 *
 * Context: Any context.
 */
void procdump_runs_put(const struct procdump_runs *runs,
		       const struct procdump_elf *elf, void *buf)
{
	u64 offset = elf->data_off;
	unsigned long i, alias = 0;

	for (i = 0; i < runs->count; i++) {
		const struct procdump_run *run = &runs->run[i];

		if (i - runs->alias_at < runs->aliases)
			put_run(elf, buf, alias++, run, offset,
				__START_KERNEL_map - phys_base);
		put_run(elf, buf, runs->aliases + i, run, offset, PAGE_OFFSET);
		offset += PFN_PHYS(run->end - run->pfn);
	}
}
