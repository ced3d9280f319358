// SPDX-License-Identifier: GPL-2.0-only
/*
 * An errno of the device, in words. The words say what is wrong; what to do
 * about it depends on the program and is left to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libprocdump.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct reason {
	int err;
	const char *text;
};

static const struct reason reasons[] = {
	{ E2BIG,
	  "the driver is older than the request and does not know all of it" },
	{ EACCES, "permission denied" },
	{ EBADF, "the output is not open for writing" },
	{ EBUSY, "a dump is in progress, or the output is locked or in use" },
	{ EDQUOT, "the disk quota of the output is used up" },
	{ EINTR, "interrupted" },
	{ EINVAL, "the driver does not take the request" },
	{ EIO, "the output cannot be written: input/output error" },
	{ EISDIR, "the output is a directory" },
	{ ENODEV, "the driver is not loaded" },
	{ ENOENT, "not found" },
	{ ENOMEM, "not enough memory for the tables of the dump" },
	{ ENOSPC, "no space left for the output" },
	{ ENOTTY, "this is not the procdump device, or its driver is too old" },
	{ ENXIO, "the driver is not loaded" },
	{ EPERM, "not permitted to dump this process" },
	{ EPIPE, "the reader of the output is gone" },
	{ ESRCH, "no such process" },
};

/* The driver itself has none of these: with a request they are the output's. */
static const struct reason output_reasons[] = {
	{ EACCES, "the output cannot be written: permission denied" },
	{ ENODEV, "the output cannot be written: no such device" },
	{ ENOENT, "the output cannot be written: not found" },
	{ ENXIO, "the output cannot be written: no such device or address" },
};

static const char *reason_of(int err, const struct reason *table, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (table[i].err == err)
			return table[i].text;
	return NULL;
}

/*
 * Both the output and the driver have it. The driver does not look at permissions
 * any more once the process was held; before that nothing tells the two apart.
 */
static const char *explain_permission(const struct procdump_dump *req, char *buf,
				      size_t size)
{
	snprintf(buf, size, "not permitted to %s",
		 req->out_pause_ns ?
		 "write the output" :
		 "dump this process, or to write the output");
	return buf;
}

static const char *explain_timeout(const struct procdump_dump *req, char *buf,
				   size_t size)
{
	if (req->max_pause_ns && req->out_pause_ns >= req->max_pause_ns)
		snprintf(buf, size, "the pause budget of %g ms is used up",
			 (double)req->max_pause_ns / 1e6);
	else if (!req->out_bytes_raw)
		snprintf(buf, size, "the process could not be held in time");
	else
		snprintf(buf, size,
			 "no progress for longer than the stall limit");
	return buf;
}

static const char *explain_limit(const struct procdump_dump *req, char *buf,
				 size_t size)
{
	unsigned long long limit = req->limit;

	if (limit && req->flags & PROCDUMP_DUMP_TRIM)
		snprintf(buf, size,
			 "what no core can do without is larger than %llu bytes, or than RLIMIT_FSIZE",
			 limit);
	else if (limit)
		snprintf(buf, size,
			 "the core is larger than %llu bytes, or than RLIMIT_FSIZE",
			 limit);
	else
		snprintf(buf, size,
			 "the core is larger than RLIMIT_FSIZE, or than a file or a core of its kind can be");
	return buf;
}

static const char *explain_unable(const struct procdump_dump *req, char *buf,
				  size_t size)
{
	unsigned int bit;

	if (req->out_hazards) {
		bit = (unsigned int)__builtin_ctz(req->out_hazards);
		snprintf(buf, size,
			 "a snapshot could harm the process or cannot be made (%s); mode auto or stop works",
			 procdump_hazard_name(bit) ?: "unknown");
		return buf;
	}
	snprintf(buf, size, "mode %s with compression %s is not possible here",
		 procdump_mode_name(req->mode),
		 procdump_compression_name(req->compression));
	return buf;
}

/**
 * procdump_explain() - why a request failed, as part of a sentence
 * @err: the errno of procdump_open(), procdump_info() or procdump_dump()
 * @req: the request, with what the driver wrote to it; NULL if @err is not that of
 *	procdump_dump()
 * @buf: room for the text; 128 bytes are enough
 * @size: size of @buf, above 0
 *
 * Return: @buf. The text begins with a small letter and has no full stop.
 */
const char *procdump_explain(int err, const struct procdump_dump *req,
			     char *buf, size_t size)
{
	const char *reason = NULL;
	char text[128];

	if (req && req->size >= PROCDUMP_DUMP_SIZE_VER0) {
		if (err == EPERM)
			return explain_permission(req, buf, size);
		if (err == ETIMEDOUT)
			return explain_timeout(req, buf, size);
		if (err == EFBIG)
			return explain_limit(req, buf, size);
		if (err == EOPNOTSUPP)
			return explain_unable(req, buf, size);
		reason = reason_of(err, output_reasons, COUNT(output_reasons));
	}
	if (!reason)
		reason = reason_of(err, reasons, COUNT(reasons));
	if (!reason)
		reason = strerror_r(err, text, sizeof(text));
	snprintf(buf, size, "%s", reason);
	return buf;
}
