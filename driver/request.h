/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_REQUEST_H
#define _PROCDUMP_REQUEST_H

#include <linux/bits.h>
#include <linux/sched/coredump.h>

#include <linux/procdump.h>

/* Flags of PROCDUMP_IOC_DUMP. */
#define PROCDUMP_FLAGS	(PROCDUMP_DUMP_FILTER | PROCDUMP_DUMP_ALL | \
			 PROCDUMP_DUMP_WAIT | PROCDUMP_DUMP_FALLBACK | \
			 PROCDUMP_DUMP_DROP | PROCDUMP_DUMP_TRIM | \
			 PROCDUMP_DUMP_MINI)

/* The bits of /proc/PID/coredump_filter that this kernel has. */
#define PROCDUMP_FILTER_MASK	GENMASK(MMF_DUMP_FILTER_BITS - 1, 0)

int procdump_request_check(const struct procdump_dump *req);
int procdump_request_check_kernel(const struct procdump_kernel *req);

#endif /* _PROCDUMP_REQUEST_H */
