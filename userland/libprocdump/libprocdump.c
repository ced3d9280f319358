// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: open it, ask it, dump with it; and what identifies a process.
 *
 * Nothing here keeps state, allocates or prints. Every request to the driver
 * goes through call().
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libprocdump.h"

static int call(int dev, unsigned long cmd, void *arg)
{
	return ioctl(dev, cmd, arg) < 0 ? -1 : 0;
}

/**
 * procdump_open() - open the device
 * @path: its path, or NULL for PROCDUMP_DEVICE
 *
 * Return: a descriptor that is closed on exec; or -1 with errno ENOENT,
 * ENODEV or ENXIO when the driver is not there, EACCES when the caller may
 * not use it, or another error of open(2).
 */
int procdump_open(const char *path)
{
	return open(path ? path : PROCDUMP_DEVICE, O_RDONLY | O_CLOEXEC);
}

/**
 * procdump_close() - close the device
 * @dev: descriptor from procdump_open(), or -1
 *
 * Return: 0, or -1 with an errno of close(2).
 */
int procdump_close(int dev)
{
	return dev < 0 ? 0 : close(dev);
}

/**
 * procdump_info() - ask what the driver can do on this kernel
 * @dev: descriptor from procdump_open()
 * @info: the answer; the caller sets the member size
 *
 * Return: 0, or -1 with an errno of <linux/procdump.h>.
 */
int procdump_info(int dev, struct procdump_info *info)
{
	return call(dev, PROCDUMP_IOC_INFO, info);
}

/**
 * procdump_dump() - write a core of a process to a descriptor
 * @dev: descriptor from procdump_open()
 * @req: the request; the caller sets the member size. The members out_* are
 *	also written when the dump fails
 *
 * Sleeps for as long as the output takes; only a signal that kills the
 * caller ends it, or what interrupts a write to an output that is no file.
 *
 * Return: 0, or -1 with an errno of <linux/procdump.h>.
 */
int procdump_dump(int dev, struct procdump_dump *req)
{
	return call(dev, PROCDUMP_IOC_DUMP, req);
}

/**
 * procdump_kernel() - write a minidump of the running kernel to a descriptor
 * @dev: descriptor from procdump_open()
 * @req: the request; the caller sets the member size. The members out_* are
 *	also written when the dump fails
 *
 * Sleeps for as long as the output takes.
 *
 * Return: 0, or -1 with an errno of <linux/procdump.h>.
 */
int procdump_kernel(int dev, struct procdump_kernel *req)
{
	return call(dev, PROCDUMP_IOC_KERNEL, req);
}

static ssize_t read_stat(pid_t pid, char *buf, size_t size)
{
	char path[32];
	ssize_t len;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT && !access("/proc/self/stat", F_OK))
			errno = ESRCH;
		return -1;
	}
	len = read(fd, buf, size - 1);
	err = errno;
	close(fd);
	errno = err;
	if (len >= 0)
		buf[len] = '\0';
	return len;
}

/**
 * procdump_start_time() - when a process or thread started
 * @pid: process or thread id, above 0
 * @ticks: the answer: field 22 of /proc/PID/stat, in clock ticks after boot,
 *	as the member start_time of a request wants it
 *
 * The second field is the name in brackets, which may itself hold brackets
 * and spaces, so fields are counted from the last bracket on.
 *
 * Return: 0, or -1 with errno ESRCH when there is no such process, EINVAL
 * when @pid is not above 0, ENOENT when /proc is not mounted, EPROTO when the
 * file is not as proc(5) says, or another error of open(2) or read(2).
 */
int procdump_start_time(pid_t pid, __u64 *ticks)
{
	char buf[1024], *s;
	int field;

	if (pid <= 0) {
		errno = EINVAL;
		return -1;
	}
	if (read_stat(pid, buf, sizeof(buf)) < 0)
		return -1;
	s = strrchr(buf, ')');
	for (field = 2; s && field < 22; field++) {
		s = strchr(s, ' ');
		if (s)
			s++;
	}
	if (!s || *s < '0' || *s > '9') {
		errno = EPROTO;
		return -1;
	}
	*ticks = strtoumax(s, NULL, 10);
	return 0;
}
