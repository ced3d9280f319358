// SPDX-License-Identifier: GPL-2.0
/*
 * crowd COUNT: a process with COUNT threads, all but a few asleep: the first 4
 * of them never sleep. Commands as in target.h: "verify", "quit".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>

#include "target.h"

#define BUSY 4

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void *sleeper(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&never, &lock);
	return NULL;
}

static void *runner(void *unused)
{
	volatile unsigned long turns = 0;

	(void)unused;
	for (;;)
		turns++;
	return NULL;
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	unsigned int early = 0;
	pthread_attr_t attr;
	pthread_t thread;
	char *line;

	if (count < BUSY)
		return 2;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (int i = 1; i < count; i++)
		if (pthread_create(&thread, &attr,
				   i <= BUSY ? runner : sleeper, NULL))
			die("pthread_create");
	answer("ready %d", getpid());
	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			answer("%s early=%u", early ? "bad" : "ok", early);
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	_exit(0);
}
