// SPDX-License-Identifier: GPL-2.0
/*
 * sleepers: a thread asleep in each kind of wait that a debugger may break.
 *
 * sleepers [async] [beat]: with "async", those that wait for asynchronous I/O,
 * which keep mode snapshot away; with "beat", a thread that beats every 200 us
 * and knows the longest time between two beats.
 *
 * None of them ever ends by itself, so that whatever returns was disturbed and
 * is counted. Commands: "verify" waits until all of them sleep, and answers
 * "ok early=0" or "bad early=N" and which calls returned with what; "gap"
 * answers "gap ns=N", the longest since the last "gap"; "quit".
 */
#define _GNU_SOURCE
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "target.h"

static int pipes[2], sem, queue, listener, pair[2];
static uint32_t futex_word;
static const struct timespec far = { 1000000, 0 };

static int wait_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0], &event);
	return epoll_wait(epoll, &event, 1, -1);
}

static int wait_epoll_timeout(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0], &event);
	return epoll_wait(epoll, &event, 1, 1000000000);
}

static int wait_poll(void)
{
	struct pollfd pollfd = { pipes[0], POLLIN, 0 };

	return poll(&pollfd, 1, -1);
}

static int wait_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	return select(pipes[0] + 1, &set, NULL, NULL, NULL);
}

static int wait_nanosleep(void)
{
	return nanosleep(&far, NULL);
}

static int wait_pause(void)
{
	return pause();
}

static int wait_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &far);
}

static int wait_semop(void)
{
	struct sembuf down = { 0, -1, 0 };

	return semop(sem, &down, 1);
}

static int wait_msgrcv(void)
{
	struct { long type; char text[8]; } message;

	return msgrcv(queue, &message, sizeof(message.text), 0, 0);
}

static int wait_read(void)
{
	char byte;

	return read(pipes[0], &byte, 1);
}

static int wait_futex(void)
{
	return syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 0, NULL);
}

static int wait_futex_timeout(void)
{
	return syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 0, &far);
}

static int wait_accept(void)
{
	return accept(listener, NULL, NULL);
}

/* With a timeout set, recv is among the calls that are not restarted. */
static int wait_recv(void)
{
	struct timeval timeout = { 1000000, 0 };
	char byte;

	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return recv(pair[0], &byte, 1, 0);
}

static int wait_eventfd(void)
{
	uint64_t value;

	return read(eventfd(0, 0), &value, sizeof(value));
}

static int wait_sigsuspend(void)
{
	sigset_t set;

	sigemptyset(&set);
	return sigsuspend(&set);
}

static int wait_socket(void)
{
	char byte;

	return read(pair[1], &byte, 1);
}

static int wait_getevents(void)
{
	aio_context_t context = 0;
	struct io_event event;

	if (syscall(SYS_io_setup, 1, &context))
		die("io_setup");
	return syscall(SYS_io_getevents, context, 1L, 1L, &event, NULL);
}

static int wait_uring(void)
{
	struct io_uring_params params = {};
	int ring = syscall(SYS_io_uring_setup, 4, &params);

	if (ring < 0)
		die("io_uring_setup");
	return syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS,
		       NULL, 0);
}

static struct sleeper {
	const char *name;
	int (*wait)(void);
	int async;
	volatile int tid;
	volatile unsigned int returns;
	volatile int error;
} sleepers[] = {
	{ .name = "epoll_wait", .wait = wait_epoll },
	{ .name = "epoll_wait-timeout", .wait = wait_epoll_timeout },
	{ .name = "poll", .wait = wait_poll },
	{ .name = "select", .wait = wait_select },
	{ .name = "nanosleep", .wait = wait_nanosleep },
	{ .name = "pause", .wait = wait_pause },
	{ .name = "sigtimedwait", .wait = wait_sigtimedwait },
	{ .name = "semop", .wait = wait_semop },
	{ .name = "msgrcv", .wait = wait_msgrcv },
	{ .name = "read", .wait = wait_read },
	{ .name = "futex", .wait = wait_futex },
	{ .name = "futex-timeout", .wait = wait_futex_timeout },
	{ .name = "accept", .wait = wait_accept },
	{ .name = "recv-timeout", .wait = wait_recv },
	{ .name = "eventfd", .wait = wait_eventfd },
	{ .name = "sigsuspend", .wait = wait_sigsuspend },
	{ .name = "read-socket", .wait = wait_socket },
	{ .name = "io_getevents", .wait = wait_getevents, .async = 1 },
	{ .name = "io_uring_enter", .wait = wait_uring, .async = 1 },
};

#define SLEEPERS (sizeof(sleepers) / sizeof(sleepers[0]))

static void *sleeper_main(void *arg)
{
	struct sleeper *sleeper = arg;

	sleeper->tid = thread_id();
	for (;;) {
		int result = sleeper->wait();

		sleeper->error = result < 0 ? errno : 0;
		sleeper->returns++;
		if (sleeper->returns > 1000)
			nap_ms(100);
	}
	return NULL;
}

static atomic_llong longest;

static void *heart_main(void *unused)
{
	const struct timespec pause = { 0, 200000 };
	double last = now();

	(void)unused;
	for (;;) {
		long long gap;
		double at;

		nanosleep(&pause, NULL);
		at = now();
		gap = (at - last) * 1e9;
		last = at;
		if (gap > atomic_load(&longest))
			atomic_store(&longest, gap);
	}
	return NULL;
}

static void settle(int async)
{
	double deadline = now() + TARGET_DEADLINE;

	for (size_t i = 0; i < SLEEPERS; i++) {
		if (sleepers[i].async != async)
			continue;
		while (!sleepers[i].tid || thread_state(sleepers[i].tid) != 'S') {
			if (now() > deadline) {
				fprintf(stderr, "%s does not sleep\n", sleepers[i].name);
				exit(1);
			}
			nap_ms(1);
		}
	}
}

static void command_verify(unsigned int early, int async)
{
	char text[2048] = "";
	size_t used = 0;

	/* One that was woken is seen here before it has counted that. */
	settle(async);
	if (early)
		used += snprintf(text, sizeof(text), " command-read=%u", early);
	for (size_t i = 0; i < SLEEPERS; i++) {
		struct sleeper *s = &sleepers[i];

		if (!s->returns)
			continue;
		early += s->returns;
		used += snprintf(text + used, sizeof(text) - used, " %s=%u:%s",
				 s->name, s->returns,
				 s->error ? strerrorname_np(s->error) : "0");
	}
	answer("%s early=%u%s", early ? "bad" : "ok", early, text);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	unsigned int early = 0;
	int async = 0, beat = 0;
	pthread_t thread;
	sigset_t set;
	char *line;

	for (int i = 1; i < argc; i++) {
		async |= !strcmp(argv[i], "async");
		beat |= !strcmp(argv[i], "beat");
	}
	/* For sigtimedwait. */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sem = semget(IPC_PRIVATE, 1, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (pipe(pipes) || sem < 0 || queue < 0 || listener < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 1) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die("set-up");

	for (size_t i = 0; i < SLEEPERS; i++) {
		if (sleepers[i].async != async)
			continue;
		if (pthread_create(&thread, NULL, sleeper_main, &sleepers[i]))
			die("pthread_create");
	}
	settle(async);
	if (beat && pthread_create(&thread, NULL, heart_main, NULL))
		die("pthread_create");
	for (size_t i = 0; i < SLEEPERS; i++)
		if (sleepers[i].tid)
			printf("thread %d %s\n", sleepers[i].tid, sleepers[i].name);
	answer("ready %d", getpid());

	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			command_verify(early, async);
		else if (!strcmp(line, "gap"))
			answer("gap ns=%lld", atomic_exchange(&longest, 0));
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	semctl(sem, 0, IPC_RMID);
	msgctl(queue, IPC_RMID, NULL);
	return 0;
}
