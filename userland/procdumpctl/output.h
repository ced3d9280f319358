/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a core goes.
 */
#ifndef PROCDUMPCTL_OUTPUT_H
#define PROCDUMPCTL_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct output - an output of a dump
 * @fd: what the driver writes to
 * @dir: directory of the file, or -1 for an output that existed before
 * @directory: its path, as the user gave it; NULL with a path of a file
 * @named: @temp is the file's name now; else it has no name yet
 * @temp: name in @dir while the core is written
 * @name: name in @dir that the core will have
 * @path: what to call it; "-" for standard output
 */
struct output {
	int fd;
	int dir;
	const char *directory;
	bool named;
	char temp[64];
	char name[NAME_MAX + 1];
	char path[PATH_MAX];
};

/* What a name in a directory is made of. */
struct output_name {
	const char *comm;
	pid_t pid;
	const char *suffix;
};

int output_open_directory(struct output *output, const char *directory,
			  const struct output_name *name);
int output_open_file(struct output *output, const char *file, pid_t pid,
		     bool force);
int output_open_at(struct output *output, int dir, const char *directory,
		   const char *name);
int output_open_stdout(struct output *output);
int output_publish(struct output *output, bool force,
		   const struct output_name *name);
void output_close(struct output *output);

#endif /* PROCDUMPCTL_OUTPUT_H */
