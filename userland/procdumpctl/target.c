// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is dumped: start time, process id and name of a pid.
 *
 * The start time is read first and goes into the request. When the driver
 * finds the same one, what was read in between was of the same process.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "procdumpctl.h"

static int read_tgid(pid_t pid, pid_t *tgid)
{
	char path[32], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	*tgid = 0;
	while (!*tgid && fgets(line, sizeof(line), file))
		if (!strncmp(line, "Tgid:", 5))
			*tgid = (pid_t)strtol(line + 5, NULL, 10);
	fclose(file);
	errno = ESRCH;
	return *tgid > 0 ? 0 : -1;
}

/*
 * A name may be any bytes. In a file name only some are wanted, and none that
 * hides the file.
 */
static void make_file_comm(struct target *target)
{
	char *s = target->file_comm;

	snprintf(s, sizeof(target->file_comm), "%s",
		 *target->comm ? target->comm : "_");
	if (*s == '.')
		*s = '_';
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._+-", *s))
			*s = '_';
}

static int read_comm(pid_t tgid, char *comm, size_t size)
{
	char path[32];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tgid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	len = fread(comm, 1, size - 1, file);
	fclose(file);
	if (len && comm[len - 1] == '\n')
		len--;
	comm[len] = '\0';
	return 0;
}

static int identify(struct target *target)
{
	if (procdump_start_time(target->pid, &target->start_time) ||
	    read_tgid(target->pid, &target->tgid) ||
	    read_comm(target->tgid, target->comm, sizeof(target->comm)))
		return errno;
	make_file_comm(target);
	return 0;
}

/**
 * target_identify() - note who has a pid now
 * @target: the answer; its member err is 0, or ESRCH when there is no such
 *	process, or another errno of open(2)
 * @pid: id of a process or thread
 */
void target_identify(struct target *target, pid_t pid)
{
	*target = (struct target){ .pid = pid, .tgid = pid };
	target->err = identify(target);
	if (target->start_time && target->err == ENOENT)
		target->err = ESRCH;
}

/**
 * target_missing() - say that a process cannot be dumped
 * @target: its member err is not 0
 *
 * Return: the exit code.
 */
int target_missing(const struct target *target)
{
	if (target->err == ESRCH) {
		warnx("process %d: no such process", (int)target->pid);
		return EXIT_NO_PROCESS;
	}
	errno = target->err;
	warn("process %d: cannot read /proc", (int)target->pid);
	return EXIT_FAILED;
}
