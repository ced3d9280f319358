/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_RUN_H
#define _PROCDUMP_VMCORE_RUN_H

struct procdump_elf;
struct procdump_ram;

/**
 * struct procdump_run - kept pages that follow each other
 * @pfn: the first
 * @end: behind the last
 */
struct procdump_run {
	unsigned long pfn;
	unsigned long end;
};

/**
 * struct procdump_runs - what a minidump has of memory
 * @run: ascending
 * @count: how many
 * @alias_at: the first that lies in the kernel's image
 * @aliases: how many of them do
 */
struct procdump_runs {
	struct procdump_run *run;
	unsigned long count;
	unsigned long alias_at;
	unsigned long aliases;
};

int procdump_runs_init(struct procdump_runs *runs,
		       const struct procdump_ram *ram);
void procdump_runs_uninit(struct procdump_runs *runs);
void procdump_runs_put(const struct procdump_runs *runs,
		       const struct procdump_elf *elf, void *buf);

#endif /* _PROCDUMP_VMCORE_RUN_H */
