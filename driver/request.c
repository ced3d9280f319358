// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a request one that the ABI knows? Pure: looks at the request only, and at
 * nothing that can change.
 */
#include <linux/errno.h>

#include <linux/procdump.h>

#include "request.h"

#define KERNEL_FLAGS	(PROCDUMP_KERNEL_VMEMMAP | PROCDUMP_KERNEL_STRICT | \
			 PROCDUMP_KERNEL_ESTIMATE | PROCDUMP_KERNEL_WAIT | \
			 PROCDUMP_KERNEL_NO_FREEZE | PROCDUMP_KERNEL_STACKS)

/**
 * procdump_request_check() - look for values that no driver of this ABI takes
 * @req: the request; compression and level are procdump_compress_check()'s
 *
 * Context: Any context.
 * Return: 0 or -EINVAL.
 */
int procdump_request_check(const struct procdump_dump *req)
{
	bool filter = req->flags & PROCDUMP_DUMP_FILTER;

	if (req->flags & ~PROCDUMP_FLAGS || req->reserved)
		return -EINVAL;
	if (filter && req->flags & PROCDUMP_DUMP_ALL)
		return -EINVAL;
	if (req->filter & ~PROCDUMP_FILTER_MASK || (req->filter && !filter))
		return -EINVAL;
	if (req->flags & PROCDUMP_DUMP_TRIM && !req->limit)
		return -EINVAL;
	if (req->mode > PROCDUMP_MODE_THREADS)
		return -EINVAL;
	return 0;
}

/**
 * procdump_request_check_kernel() - the same for a minidump of the kernel
 * @req: the request; compression and level are procdump_compress_check()'s
 *
 * Context: Any context.
 * Return: 0 or -EINVAL.
 */
int procdump_request_check_kernel(const struct procdump_kernel *req)
{
	if (req->flags & ~KERNEL_FLAGS)
		return -EINVAL;
	if (req->flags & PROCDUMP_KERNEL_STRICT &&
	    req->flags & PROCDUMP_KERNEL_NO_FREEZE)
		return -EINVAL;
	if (req->flags & PROCDUMP_KERNEL_ESTIMATE && req->fd != -1)
		return -EINVAL;
	if (req->flags & PROCDUMP_KERNEL_STACKS &&
	    req->flags & (PROCDUMP_KERNEL_ESTIMATE | PROCDUMP_KERNEL_VMEMMAP))
		return -EINVAL;
	return 0;
}
