// SPDX-License-Identifier: GPL-2.0
/*
 * seize PID: what a tracer needs to stop all threads of a process: to seize and
 * to interrupt each, and to see each stop. Prints "ns=N threads=N", and lets
 * them go on.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "target.h"

static pid_t *threads;
static size_t count;

static void list_threads(const char *pid)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		threads = realloc(threads, (count + 1) * sizeof(*threads));
		if (!threads)
			die("memory");
		threads[count++] = atoi(entry->d_name);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	double began, took;
	int status;

	if (argc != 2) {
		fprintf(stderr, "seize PID\n");
		return 2;
	}
	list_threads(argv[1]);
	began = now();
	for (size_t i = 0; i < count; i++)
		if (ptrace(PTRACE_SEIZE, threads[i], 0, 0) ||
		    ptrace(PTRACE_INTERRUPT, threads[i], 0, 0))
			die("ptrace");
	for (size_t i = 0; i < count; i++)
		if (waitpid(threads[i], &status, __WALL) != threads[i] ||
		    !WIFSTOPPED(status))
			die("wait");
	took = now() - began;
	for (size_t i = 0; i < count; i++)
		if (ptrace(PTRACE_DETACH, threads[i], 0, 0))
			die("detach");
	printf("ns=%lld threads=%zu\n", (long long)(took * 1e9), count);
	return 0;
}
