/* SPDX-License-Identifier: GPL-2.0 */
/* The threads of another process. */
#ifndef _TESTS_TASKS_H
#define _TESTS_TASKS_H

#include <dirent.h>
#include <limits.h>
#include <sys/types.h>

#include "target.h"

/* Their ids as /proc has them now; the caller frees them. */
static inline pid_t *tasks_list(pid_t pid, size_t *count)
{
	char path[PATH_MAX];
	struct dirent *entry;
	pid_t *tids = NULL;
	DIR *dir;

	*count = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		tids = realloc(tids, (*count + 1) * sizeof(*tids));
		if (!tids)
			die("memory");
		tids[(*count)++] = atoi(entry->d_name);
	}
	closedir(dir);
	return tids;
}

#endif
