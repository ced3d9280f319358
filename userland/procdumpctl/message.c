// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures of the device: what they are, what to do next, and the exit code.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "procdumpctl.h"

static const struct {
	int err;
	enum exit_code code;
	const char *hint;
} hints[] = {
	{ E2BIG, EXIT_UNABLE, "load the driver that belongs to this version" },
	{ EACCES, EXIT_NOT_PERMITTED, "run procdumpctl as root" },
	{ EDQUOT, EXIT_FAILED, "compress with -Z, or write elsewhere" },
	{ EFBIG, EXIT_FAILED,
	  "compress with -Z, dump less with --filter, or raise the limit" },
	{ EINTR, EXIT_FAILED,
	  "what wrote the core was killed (see the kernel's log), or stopped at a full pipe" },
	{ ENODEV, EXIT_UNABLE, "load the driver with: modprobe procdump" },
	{ ENOENT, EXIT_UNABLE, "load the driver with: modprobe procdump" },
	{ ENOMEM, EXIT_FAILED, "try again when memory is free" },
	{ ENOSPC, EXIT_FAILED,
	  "compress with -Z, dump less with --filter, or write elsewhere" },
	{ ENOTTY, EXIT_UNABLE, "load the driver with: modprobe procdump" },
	{ ENXIO, EXIT_UNABLE, "load the driver with: modprobe procdump" },
	{ EOPNOTSUPP, EXIT_UNABLE,
	  "see what is possible with: procdumpctl status" },
	{ EPERM, EXIT_NOT_PERMITTED,
	  "CAP_SYS_PTRACE and the right to ptrace the process are needed" },
	{ EPIPE, EXIT_FAILED, NULL },
	{ ESRCH, EXIT_NO_PROCESS, NULL },
	{ ETIMEDOUT, EXIT_FAILED,
	  "try again, or with -Z, --filter or a faster output" },
};

/* Flags of the output because of which the driver says EPERM. */
static bool output_forbids(int fd)
{
	const __u64 flags = STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE;
	int seals = fcntl(fd, F_GET_SEALS);
	struct statx st;

	if (seals > 0 && seals & (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
				  F_SEAL_FUTURE_WRITE))
		return true;
	return !statx(fd, "", AT_EMPTY_PATH, 0, &st) &&
	       st.stx_attributes & flags;
}

/**
 * message_of_output() - is an errno of a request with an output the output's?
 * @err: the errno
 *
 * Return: true if the driver itself has no such error.
 */
bool message_of_output(int err)
{
	return err == EACCES || err == ENODEV || err == ENOENT || err == ENXIO;
}

/* The driver does not look at permissions any more once the process was held. */
static bool of_output(int err, const struct procdump_dump *req)
{
	if (!req)
		return false;
	if (err == EPERM)
		return req->out_pause_ns || output_forbids(req->fd);
	return message_of_output(err);
}

/* What an errno means for a dump is not the same with every request. */
static const char *hint_of(int err, const struct procdump_dump *req)
{
	static const char retry[] = "the output is in use: name another";
	static const char valid[] =
		"give no kernel thread, a --filter within procdumpctl status, and a file or pipe";
	static const char forbidden[] =
		"the output may be sealed, append-only or immutable: write elsewhere";
	static const char wait[] = "wait with -w, or name another output";
	size_t i;

	if (err == EBUSY && req)
		return req->flags & PROCDUMP_DUMP_WAIT ? retry : wait;
	if (err == EINVAL && req)
		return valid;
	if (of_output(err, req))
		return err == EPERM ? forbidden : "write elsewhere";
	if (err == ESRCH && req)
		return "it has ended, or has executed a program meanwhile";
	if (err == EFBIG && req && req->flags & PROCDUMP_DUMP_TRIM)
		return "raise --limit";
	if (err == ETIMEDOUT && req && req->max_pause_ns &&
	    req->out_pause_ns >= req->max_pause_ns)
		return "give a larger --max-pause, dump less with --filter, or use a faster output";
	for (i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].err == err)
			return hints[i].hint;
	return NULL;
}

/**
 * message_exit_code() - exit code of a failure of the device
 * @err: the errno
 * @req: the request, or NULL if there was none
 */
int message_exit_code(int err, const struct procdump_dump *req)
{
	size_t i;

	if (err == EBUSY)
		return EXIT_BUSY;
	if (of_output(err, req))
		return EXIT_FAILED;
	for (i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].err == err)
			return hints[i].code;
	return EXIT_FAILED;
}

/**
 * message_failure() - report a failure of the device
 * @err: the errno
 * @what: what failed: the path of the device, or a process
 * @req: the request, or NULL if there was none
 *
 * Return: the exit code.
 */
int message_failure(int err, const char *what, const struct procdump_dump *req)
{
	const char *hint = hint_of(err, req);
	char reason[160];

	procdump_explain(err, req, reason, sizeof(reason));
	if (hint)
		warnx("%s: %s; %s", what, reason, hint);
	else
		warnx("%s: %s", what, reason);
	return message_exit_code(err, req);
}

/**
 * device_path() - the device to use
 *
 * Tests name another one with PROCDUMP_DEVICE, which a program that runs with
 * more rights than its caller does not look at.
 */
const char *device_path(void)
{
	const char *path = secure_getenv("PROCDUMP_DEVICE");

	return path ? path : PROCDUMP_DEVICE;
}

/**
 * open_device() - open the device, or say why not
 * @dev: the descriptor
 *
 * Return: EXIT_DONE, or another exit code.
 */
int open_device(int *dev)
{
	*dev = procdump_open(device_path());
	if (*dev >= 0)
		return EXIT_DONE;
	return message_failure(errno, device_path(), NULL);
}
