/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other side of an output: a child that reads it, or looks how a file
 * grows, and at a given byte closes its end or kills its parent.
 */
#ifndef _TESTS_READER_H
#define _TESTS_READER_H

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "target.h"

/**
 * struct child - what a child does
 * @then: "close" or "kill"
 * @save: where it puts what it reads, or NULL
 * @at: after how many bytes; -1: never
 */
struct child {
	const char *then;
	const char *save;
	long long at;
};

static void child_reached(const struct child *child)
{
	if (!strcmp(child->then, "kill"))
		kill(getppid(), SIGKILL);
	_exit(0);
}

static void reader_run(int from, const struct child *child)
{
	long long left = child->at;
	char buffer[65536];
	ssize_t got;
	int to = -1;

	if (child->save)
		to = open(child->save, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (left) {
		size_t want = sizeof(buffer);

		if (left > 0 && left < (long long)want)
			want = left;
		got = read(from, buffer, want);
		if (got <= 0)
			_exit(0);
		if (to >= 0 && write(to, buffer, got) != got)
			_exit(1);
		if (left > 0)
			left -= got;
	}
	child_reached(child);
}

static void watcher_run(int file, const struct child *child)
{
	struct stat st;

	while (!fstat(file, &st) && st.st_size < child->at)
		sched_yield();
	child_reached(child);
}

static pid_t child_start(void (*run)(int fd, const struct child *child), int fd,
			 int other, const struct child *child)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	end_with(parent);
	if (other >= 0)
		close(other);
	run(fd, child);
	_exit(0);
}

#endif
