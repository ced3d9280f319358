/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_REQUEST_H
#define _PROCDUMP_REQUEST_H

#include <linux/bits.h>
#include <linux/sched/coredump.h>

struct procdump_dump;
struct procdump_kernel;

/* The bits of /proc/PID/coredump_filter that this kernel has. */
#define PROCDUMP_FILTER_MASK	GENMASK(MMF_DUMP_FILTER_BITS - 1, 0)

int procdump_request_check(const struct procdump_dump *req);
int procdump_request_check_kernel(const struct procdump_kernel *req);

#endif /* _PROCDUMP_REQUEST_H */
