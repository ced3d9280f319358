// SPDX-License-Identifier: GPL-2.0
/*
 * selfdump HOW FILE: a process that dumps itself to FILE.
 *
 *	main		by pid 0 from its first thread
 *	pid		the same by its process id
 *	thread		by pid 0 from its second thread
 *	handler		from the handler of a SIGSEGV that crash_here() caused
 *	undumpable	after PR_SET_DUMPABLE 0, which must be refused
 *	rlimit		with RLIMIT_FSIZE too small for the core
 *
 * A second thread spins and a third sleeps. Prints "errno NAME", "caller TID",
 * "threads N", the out_ members that matter, and "ok" when after the dump both
 * threads were seen alive; exit 0 then, whatever errno is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <linux/procdump.h>

#include "target.h"

static struct procdump_dump request = { .size = sizeof(request) };
static int device, caller, dump_error, sleeper_pipe[2];
static volatile unsigned long spins, sleeper_early, sleeper_wakes;
static volatile int sleeper_tid, dump_from_thread, dump_done;
static sigjmp_buf back;

/* Nothing here that a signal handler may not do. */
__attribute__((noinline)) static void dump_here(void)
{
	caller = thread_id();
	dump_error = ioctl(device, PROCDUMP_IOC_DUMP, &request) ? errno : 0;
}

static void on_segv(int signal)
{
	(void)signal;
	dump_here();
	siglongjmp(back, 1);
}

static int * volatile nowhere = (int *)16;

__attribute__((noinline)) static void crash_here(void)
{
	*nowhere = 42;
}

static void *spinner(void *arg)
{
	for (;;) {
		spins++;
		if (dump_from_thread && !dump_done) {
			dump_here();
			dump_done = 1;
		}
	}
	return arg;
}

static void *sleeper(void *arg)
{
	struct pollfd pollfd = { sleeper_pipe[0], POLLIN, 0 };
	char byte;

	sleeper_tid = thread_id();
	for (;;) {
		if (poll(&pollfd, 1, -1) != 1)
			sleeper_early++;
		else if (read(sleeper_pipe[0], &byte, 1) == 1)
			sleeper_wakes++;
	}
	return arg;
}

static void wait_for(volatile unsigned long *counter, unsigned long above, const char *what)
{
	double deadline = now() + TARGET_DEADLINE;

	while (*counter <= above) {
		if (now() > deadline) {
			printf("%s is stuck\n", what);
			exit(1);
		}
		nap_ms(1);
	}
}

static void dump_in_handler(void)
{
	static char stack[65536];
	stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = on_segv, .sa_flags = SA_ONSTACK };

	sigaltstack(&alternative, NULL);
	sigaction(SIGSEGV, &action, NULL);
	if (!sigsetjmp(back, 1))
		crash_here();
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[1] : "";
	pthread_t thread;

	if (argc < 3 || pipe(sleeper_pipe)) {
		fputs("usage: selfdump HOW FILE\n", stderr);
		return 2;
	}
	device = open(PROCDUMP_DEVICE, O_RDWR);
	request.fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (device < 0 || request.fd < 0)
		die("open");
	if (pthread_create(&thread, NULL, spinner, NULL) ||
	    pthread_create(&thread, NULL, sleeper, NULL))
		die("pthread_create");
	wait_for(&spins, 0, "spinner");
	while (!sleeper_tid || thread_state(sleeper_tid) != 'S')
		nap_ms(1);

	if (!strcmp(how, "handler")) {
		dump_in_handler();
	} else if (!strcmp(how, "thread")) {
		double deadline = now() + TARGET_DEADLINE;

		dump_from_thread = 1;
		while (!dump_done && now() < deadline)
			nap_ms(1);
	} else {
		if (!strcmp(how, "pid"))
			request.pid = getpid();
		else if (!strcmp(how, "undumpable"))
			prctl(PR_SET_DUMPABLE, 0);
		else if (!strcmp(how, "rlimit"))
			setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 4096, 4096 });
		else if (strcmp(how, "main"))
			return 2;
		dump_here();
	}
	printf("errno %s\n", dump_error ? strerrorname_np(dump_error) : "0");
	printf("pid %d\ncaller %d\nsleeper %d\n", getpid(), caller, sleeper_tid);
	printf("out_threads=%u\nout_mode=%u\nout_consistency=%u\nout_pages_missing=%llu\n",
	       request.out_threads, request.out_mode, request.out_consistency,
	       (unsigned long long)request.out_pages_missing);
	wait_for(&spins, spins, "spinner");
	if (write(sleeper_pipe[1], "x", 1) != 1)
		die("write");
	wait_for(&sleeper_wakes, 0, "sleeper");
	if (sleeper_early) {
		printf("poll returned early\n");
		return 1;
	}
	printf("ok\n");
	return 0;
}
