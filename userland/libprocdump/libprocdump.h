/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libprocdump: ELF cores of running processes, by way of /dev/procdump.
 *
 * The structures, and what every member and errno means, are documented in
 * <linux/procdump.h> and procdump(4); this library in libprocdump(3).
 *
 * Functions that can fail return -1 and set errno. procdump_open(),
 * procdump_close(), procdump_info(), procdump_dump() and procdump_kernel() are
 * one system call each and may be called from a signal handler. All functions
 * are safe to call from several threads.
 */
#ifndef LIBPROCDUMP_H
#define LIBPROCDUMP_H

#include <stddef.h>
#include <sys/types.h>
#include <linux/procdump.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Requests of the size that the caller was compiled with; all else is 0. */
#define PROCDUMP_INFO_INIT                           \
	{                                            \
		.size = sizeof(struct procdump_info) \
	}
#define PROCDUMP_DUMP_INIT                                     \
	{                                                      \
		.size = sizeof(struct procdump_dump), .fd = -1 \
	}
#define PROCDUMP_KERNEL_INIT                                     \
	{                                                        \
		.size = sizeof(struct procdump_kernel), .fd = -1 \
	}

int procdump_open(const char *path);
int procdump_close(int dev);
int procdump_info(int dev, struct procdump_info *info);
int procdump_dump(int dev, struct procdump_dump *req);
int procdump_kernel(int dev, struct procdump_kernel *req);

int procdump_start_time(pid_t pid, __u64 *ticks);

const char *procdump_explain(int err, const struct procdump_dump *req,
			     char *buf, size_t size);

const char *procdump_mode_name(unsigned int mode);
int procdump_mode_value(const char *name);
const char *procdump_compression_name(unsigned int compression);
int procdump_compression_value(const char *name);
const char *procdump_consistency_name(unsigned int consistency);
const char *procdump_hazard_name(unsigned int bit);
int procdump_consistency_value(const char *name);
const char *procdump_caught_name(unsigned int caught);

#ifdef __cplusplus
}
#endif

#endif /* LIBPROCDUMP_H */
