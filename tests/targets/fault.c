// SPDX-License-Identifier: GPL-2.0
/*
 * fault: two threads, of which the second writes to an address where nothing
 * is, for a debugger to stop them. Runs as a 64-bit and a 32-bit program.
 *
 * Printed before that:
 *	fault PID TID
 */
#define _GNU_SOURCE
#include <pthread.h>

#include "target.h"

#define NOWHERE	0x5064UL

static void *fault(void *arg)
{
	printf("fault %d %d\n", getpid(), thread_id());
	fflush(stdout);
	*(volatile int *)NOWHERE = 1;
	return arg;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fault, NULL))
		die("pthread_create");
	for (;;)
		pause();
}
