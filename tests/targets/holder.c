// SPDX-License-Identifier: GPL-2.0
/*
 * holder KIND PATH: somebody else at the output file.
 *
 * These hold something until standard input ends, and say "held PID" when they
 * have it:
 *	write rdwr read		the file open
 *	mmap			the file mapped shared and writable
 *	posix-read ofd-read	a read lock on one byte of it, by process or by
 *				open file description; the file is open for
 *				reading only
 *	posix-write		a write lock; the file is open for writing too
 *	zombie			(no PATH) a dead child; says "held PID-OF-IT"
 * These try something once and print "errno NAME":
 *	try-write try-rdwr try-read try-truncate try-lock try-exec
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "target.h"

static int attempt(const char *what, const char *path)
{
	struct flock lock = { .l_type = F_RDLCK };
	int result = -1, fd = -1;

	if (!strcmp(what, "truncate")) {
		result = truncate(path, 0);
	} else if (!strcmp(what, "lock")) {
		fd = open(path, O_RDONLY);
		result = fd < 0 ? fd : fcntl(fd, F_SETLK, &lock);
	} else if (!strcmp(what, "exec")) {
		char *args[] = { (char *)path, NULL };

		execv(path, args);
	} else {
		fd = open(path, !strcmp(what, "write") ? O_WRONLY :
			  !strcmp(what, "rdwr") ? O_RDWR : O_RDONLY);
		result = fd;
	}
	printf("errno %s\n", result < 0 ? strerrorname_np(errno) : "0");
	return result < 0;
}

static void hold_lock(const char *kind, const char *path)
{
	int writer = !strcmp(kind, "posix-write");
	int fd = open(path, writer ? O_RDWR : O_RDONLY);
	struct flock lock = {
		.l_type = writer ? F_WRLCK : F_RDLCK,
		.l_start = 5,
		.l_len = 1,
	};

	if (fd < 0 || fcntl(fd, !strcmp(kind, "ofd-read") ? F_OFD_SETLK : F_SETLK, &lock))
		die(path);
}

static void hold_map(const char *path)
{
	int fd = open(path, O_RDWR);
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd < 0 || map == MAP_FAILED)
		die(path);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "", *path = argc > 2 ? argv[2] : "";
	int held = getpid();
	char byte;

	if (!strncmp(kind, "try-", 4))
		return attempt(kind + 4, path);
	if (!strcmp(kind, "zombie")) {
		siginfo_t info;

		held = fork();
		if (!held)
			_exit(0);
		waitid(P_PID, held, &info, WEXITED | WNOWAIT);
	} else if (!strcmp(kind, "mmap")) {
		hold_map(path);
	} else if (!strncmp(kind, "posix-", 6) || !strncmp(kind, "ofd-", 4)) {
		hold_lock(kind, path);
	} else if (!strcmp(kind, "write") || !strcmp(kind, "rdwr") || !strcmp(kind, "read")) {
		if (open(path, !strcmp(kind, "write") ? O_WRONLY :
			 !strcmp(kind, "rdwr") ? O_RDWR : O_RDONLY) < 0)
			die(path);
	} else {
		fputs("usage: holder KIND PATH\n", stderr);
		return 2;
	}
	answer("held %d", held);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
