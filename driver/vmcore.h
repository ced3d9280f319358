/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_H
#define _PROCDUMP_VMCORE_H

#include <linux/errno.h>
#include <linux/types.h>

struct procdump_kernel;

#ifdef CONFIG_X86_64
bool procdump_vmcore_supported(void);
int procdump_vmcore_run(struct procdump_kernel *req);
int procdump_freeze_init(void);
void procdump_freeze_exit(void);
bool procdump_freeze_owed(void);
#else
static inline bool procdump_vmcore_supported(void)
{
	return false;
}

static inline int procdump_vmcore_run(struct procdump_kernel *req)
{
	return -EOPNOTSUPP;
}

static inline int procdump_freeze_init(void)
{
	return 0;
}

static inline void procdump_freeze_exit(void)
{
}

static inline bool procdump_freeze_owed(void)
{
	return false;
}
#endif

#endif /* _PROCDUMP_VMCORE_H */
