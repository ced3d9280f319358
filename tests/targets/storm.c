// SPDX-License-Identifier: GPL-2.0
/*
 * storm COUNT: COUNT processes fork as fast as they can, each with up to eight
 * children alive, which end at once. Until killed, or told on standard input,
 * by its end, to end.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALIVE 8

static void brew(void)
{
	int alive = 0;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
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
	char byte;

	while (count-- > 0)
		if (!fork())
			brew();
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	kill(0, SIGKILL);
	return 1;
}
