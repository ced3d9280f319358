// SPDX-License-Identifier: GPL-2.0
/*
 * storm COUNT: COUNT processes fork as fast as they can, each with up to eight
 * children alive, which end at once. Until killed, or told on standard input,
 * by its end, to end.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "target.h"

#define ALIVE 8

static void brew(pid_t parent)
{
	int alive = 0;
	pid_t pid;

	end_with(parent);
	for (;;) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid > 0)
			alive++;
		if ((pid < 0 || alive == ALIVE) && wait(NULL) > 0)
			alive--;
	}
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;
	pid_t self = getpid();
	char byte;

	while (count-- > 0)
		if (!fork())
			brew(self);
	printf("ready %d\n", (int)self);
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	kill(0, SIGKILL);
	return 1;
}
