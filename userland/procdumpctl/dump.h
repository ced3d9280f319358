/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verb dump: its options, its targets, its report.
 */
#ifndef PROCDUMPCTL_DUMP_H
#define PROCDUMPCTL_DUMP_H

#include <stdbool.h>
#include <sys/types.h>
#include <libprocdump.h>

#include "output.h"

struct json_object;

/**
 * struct dump_options - the command line of dump
 * @pids: processes, in the order they were given
 * @count: entries of @pids
 * @request: mode, compression, filter, limit, pause budget and flags
 * @directory: where cores go by their own names; NULL with @file
 * @file: the one output, "-" for standard output; NULL with @directory
 */
struct dump_options {
	pid_t *pids;
	size_t count;
	struct procdump_dump request;
	const char *directory;
	const char *file;
	bool force;
	bool json;
	bool quiet;
	bool verbose;
};

/* dump_options.c: -1, or the exit code with which the program ends */
int dump_options_add_pid(struct dump_options *options, const char *text);
int dump_options_parse(struct dump_options *options, int argc, char **argv);

/**
 * struct target - a process as it was when the command began
 * @pid: as the user gave it, perhaps the id of a thread
 * @tgid: the id of the process
 * @start_time: of @pid; the driver refuses another process with that id
 * @err: 0, or why it cannot be dumped
 * @comm: name of the process
 * @file_comm: the same, fit for a file name
 */
struct target {
	pid_t pid;
	pid_t tgid;
	__u64 start_time;
	int err;
	char comm[64];
	char file_comm[64];
};

/* target.c */
void target_identify(struct target *target, pid_t pid);
int target_missing(const struct target *target);

/* report.c */
void report_done(const struct dump_options *options,
		 const struct target *target, const struct procdump_dump *req,
		 const struct output *output);
struct json_object *report_json(const struct target *target,
				const struct procdump_dump *req,
				const char *path, int code);

/* stacks_json.c */
struct core;
struct json_object *stacks_json(const struct core *core,
				const struct target *target,
				const struct procdump_dump *req);

#endif /* PROCDUMPCTL_DUMP_H */
