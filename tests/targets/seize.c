// SPDX-License-Identifier: GPL-2.0
/*
 * seize PID: what a tracer needs to stop all threads of a process: to seize and
 * to interrupt each, and to see each stop. Prints "ns=N threads=N", and lets
 * them go on.
 */
#define _GNU_SOURCE
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "target.h"
#include "tasks.h"

int main(int argc, char **argv)
{
	double began, took;
	pid_t *threads;
	size_t count;
	int status;

	if (argc != 2) {
		fprintf(stderr, "seize PID\n");
		return 2;
	}
	threads = tasks_list(atoi(argv[1]), &count);
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
