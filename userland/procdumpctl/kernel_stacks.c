// SPDX-License-Identifier: GPL-2.0-only
/*
 * procdumpctl -L --stacks: the report on the running kernel, which the driver
 * makes. It goes through a file in memory, so that a reader of standard output
 * that is slow, or is one of those that are stuck, holds up nobody.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"
#include "procdumpctl.h"

/* The kernel's log has whatever programs call themselves. */
static int copy_out(int fd)
{
	char buf[16384];
	off_t at = 0;
	ssize_t len;

	while ((len = pread(fd, buf, sizeof(buf), at)) > 0) {
		text_lines(buf, (size_t)len);
		if (fwrite(buf, 1, (size_t)len, stdout) != (size_t)len)
			return EXIT_FAILED;
		at += len;
	}
	return len < 0 ? EXIT_FAILED : EXIT_DONE;
}

/**
 * kernel_stacks() - print the report
 * @dev: the device
 * @req: the request, with PROCDUMP_KERNEL_STACKS
 *
 * Return: exit code.
 */
int kernel_stacks(int dev, struct procdump_kernel *req)
{
	int ret;

	req->fd = memfd_create("stacks", MFD_CLOEXEC);
	if (req->fd < 0) {
		warn("memory for the report");
		return EXIT_FAILED;
	}
	ret = procdump_kernel(dev, req) ? kernel_refused(errno) :
					  copy_out(req->fd);
	close(req->fd);
	return ret;
}
