/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all files of the driver share: module parameters, the device's file
 * operations, and how memory is asked for.
 */
#ifndef _PROCDUMP_H
#define _PROCDUMP_H

#include <linux/fs.h>
#include <linux/gfp.h>

#include <linux/procdump.h>

/*
 * All memory of a dump is charged to the dumper's cgroup, and asked for in a
 * way that fails before the OOM killer is called: the dumper may share a
 * cgroup with its target.
 */
#define PROCDUMP_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

extern const struct file_operations procdump_fops;

/* Module parameters, see main.c. */
extern unsigned int procdump_max_dumps;
extern unsigned int procdump_stall_ms;
extern unsigned int procdump_catch_ms;
extern unsigned int procdump_pool_mib;
extern bool procdump_zero_copy;

#endif /* _PROCDUMP_H */
