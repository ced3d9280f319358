// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the caller, and a note in the minidump, are told: pages of each class,
 * CPUs that stood still and those that did not, consistency.
 *
 * Locks: none.
 */
#include <linux/cpumask.h>
#include <linux/procdump.h>

#include "vmcore_copy.h"
#include "vmcore_freeze.h"
#include "vmcore_page.h"
#include "vmcore_ram.h"
#include "vmcore_regs.h"
#include "vmcore_report.h"
#include "vmcore_task.h"

/**
 * procdump_report_classes() - pages of each class
 * @req: members out_pages_* are filled in
 * @ram: after classification
 *
 * Context: Any context.
 */
void procdump_report_classes(struct procdump_kernel *req,
			     const struct procdump_ram *ram)
{
	u64 count[PROCDUMP_CLASSES];

	procdump_ram_count(ram, count);
	req->out_pages_reserved = count[PROCDUMP_CLASS_RESERVED];
	req->out_pages_slab = count[PROCDUMP_CLASS_SLAB];
	req->out_pages_table = count[PROCDUMP_CLASS_TABLE];
	req->out_pages_other = count[PROCDUMP_CLASS_KERNEL];
	req->out_pages_vmemmap = count[PROCDUMP_CLASS_VMEMMAP];
	req->out_pages_user = count[PROCDUMP_CLASS_USER];
	req->out_pages_cache = count[PROCDUMP_CLASS_CACHE];
	req->out_pages_free = count[PROCDUMP_CLASS_FREE] +
			      count[PROCDUMP_CLASS_OWN];
	req->out_pages_offline = count[PROCDUMP_CLASS_OFFLINE] +
				 count[PROCDUMP_CLASS_ABSENT];
	req->out_pages_poison = count[PROCDUMP_CLASS_POISON];
	req->out_pages = req->out_pages_reserved + req->out_pages_slab +
			 req->out_pages_table + req->out_pages_other;
}

/**
 * procdump_report_cpus() - which CPUs stood still
 * @req: members out_cpus* are filled in
 *
 * Context: The dumper, after procdump_freeze_end().
 */
void procdump_report_cpus(struct procdump_kernel *req)
{
	int cpu;

	for_each_cpu(cpu, procdump_freeze_cpus()) {
		const struct procdump_freeze_regs *saved = procdump_freeze_regs(cpu);
		enum procdump_freeze_how how = saved->how;

		req->out_cpus++;
		req->out_cpus_nmi += how == PROCDUMP_FREEZE_NMI;
		if (how == PROCDUMP_FREEZE_SELF ||
		    (how == PROCDUMP_FREEZE_CAME && !saved->left))
			req->out_cpus_stopped++;
		else if (cpu < PROCDUMP_KERNEL_CPUS)
			req->out_cpus_missing[cpu / 64] |= 1ULL << cpu % 64;
	}
}

/**
 * procdump_report_judge() - how good is the dump?
 * @req: out_consistency is filled in
 * @tasks: after procdump_tasks_collect()
 * @copies: after procdump_copies_make(), unless only a report is asked for
 *
 * Context: Any context.
 */
void procdump_report_judge(struct procdump_kernel *req,
			   const struct procdump_tasks *tasks,
			   const struct procdump_copies *copies)
{
	req->out_consistency = PROCDUMP_CONSISTENCY_LIVE;
	if (req->flags & PROCDUMP_KERNEL_NO_FREEZE ||
	    req->out_cpus_stopped < req->out_cpus || tasks->torn)
		return;
	if (!(req->flags & PROCDUMP_KERNEL_STACKS))
		req->out_consistency = procdump_copies_done(copies);
	else if (!tasks->late)
		req->out_consistency = PROCDUMP_CONSISTENCY_ATOMIC;
}
