/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_REPORT_H
#define _PROCDUMP_VMCORE_REPORT_H

struct procdump_copies;
struct procdump_kernel;
struct procdump_ram;
struct procdump_tasks;

void procdump_report_classes(struct procdump_kernel *req,
			     const struct procdump_ram *ram);
void procdump_report_cpus(struct procdump_kernel *req);
void procdump_report_judge(struct procdump_kernel *req,
			   const struct procdump_tasks *tasks,
			   const struct procdump_copies *copies);

#endif /* _PROCDUMP_VMCORE_REPORT_H */
