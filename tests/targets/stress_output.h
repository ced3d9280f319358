/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the dumps of the stress run go: files on two file systems, with a child
 * that kills us when one has a given size; pipes and sockets, with a child that
 * reads, some time and in part; and what a dump should not go to.
 */
#ifndef _TESTS_STRESS_OUTPUT_H
#define _TESTS_STRESS_OUTPUT_H

#include <fcntl.h>
#include <sys/socket.h>

#include "reader.h"
#include "stress_request.h"

#define ODD_FDS 20

static const char *dir;
static int number;	/* of the caller: the name of its files */
static uint32_t reader_delay;

static void late_reader(int from, const struct child *child)
{
	nap_ms(reader_delay);
	reader_run(from, child);
}

static int out_file(const char *where, const char *kind, int flags)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s/%d%s", dir, where, number, kind);
	return open(path, O_CREAT | O_CLOEXEC | flags, 0600);
}

/* Not what a dump should go to, as numbers that are drawn now and then. */
static void odd_open(void)
{
	int odd[] = {
		open(dir, O_RDONLY | O_DIRECTORY),
		out_file("ram", "-read", O_RDONLY),
		out_file("ram", "-append", O_WRONLY | O_APPEND),
		open("/dev/full", O_WRONLY),
		open("/proc/self/oom_score_adj", O_RDWR),
	};

	for (int i = 0; i < (int)(sizeof(odd) / sizeof(odd[0])); i++) {
		if (odd[i] < 0)
			continue;
		dup2(odd[i], ODD_FDS + i);
		close(odd[i]);
	}
}

static int out_open(const struct stress_request *r, pid_t *reader)
{
	struct child child = { .then = r->kills ? "kill" : "close", .at = r->at };
	int fds[2];

	reader_delay = r->delay;
	switch (r->output) {
	case OUT_RAM:
		fds[1] = out_file("ram", "", O_RDWR | O_TRUNC);
		if (r->kills && r->at >= 0)
			*reader = child_start(watcher_run, fds[1], -1, &child);
		return fds[1];
	case OUT_DISK:
		return out_file("disk", "", O_RDWR | O_TRUNC);
	case OUT_DIRECT:
		return out_file("disk", "", O_RDWR | O_TRUNC | O_DIRECT);
	case OUT_MEMFD:
		return memfd_create("core", 0);
	case OUT_NULL:
		return open("/dev/null", O_WRONLY);
	case OUT_SOCKET:
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
			return -1;
		break;
	default:
		if (pipe(fds))
			return -1;
	}
	if (r->output != OUT_CLOSED)
		*reader = child_start(late_reader, fds[0], fds[1], &child);
	close(fds[0]);
	return fds[1];
}

#endif
