/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_H
#define _PROCDUMP_VMCORE_H

#include <linux/errno.h>
#include <linux/types.h>

struct procdump_kernel;

#ifdef CONFIG_X86_64
bool procdump_vmcore_supported(void);
int procdump_vmcore_run(struct procdump_kernel *req);
#else
static inline bool procdump_vmcore_supported(void)
{
	return false;
}

static inline int procdump_vmcore_run(struct procdump_kernel *req)
{
	return -EOPNOTSUPP;
}
#endif

#endif /* _PROCDUMP_VMCORE_H */
