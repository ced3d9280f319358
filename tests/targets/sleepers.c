// SPDX-License-Identifier: GPL-2.0
/*
 * sleepers: a thread asleep in each kind of wait that a debugger may break.
 *
 * None of them ever ends by itself, so that whatever returns was disturbed and
 * is counted. Commands: "verify" answers "ok early=0" or "bad early=N" and
 * which calls returned with what; "quit".
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
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

static struct sleeper {
	const char *name;
	int (*wait)(void);
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

static void settle(void)
{
	double deadline = now() + TARGET_DEADLINE;

	for (size_t i = 0; i < SLEEPERS; i++) {
		while (!sleepers[i].tid || thread_state(sleepers[i].tid) != 'S') {
			if (now() > deadline) {
				fprintf(stderr, "%s does not sleep\n", sleepers[i].name);
				exit(1);
			}
			nap_ms(1);
		}
	}
}

static void command_verify(unsigned int early)
{
	char text[2048] = "";
	size_t used = 0;

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

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	unsigned int early = 0;
	sigset_t set;
	char *line;

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
		pthread_t thread;

		if (pthread_create(&thread, NULL, sleeper_main, &sleepers[i]))
			die("pthread_create");
	}
	settle();
	for (size_t i = 0; i < SLEEPERS; i++)
		printf("thread %d %s\n", sleepers[i].tid, sleepers[i].name);
	answer("ready %d", getpid());

	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			command_verify(early);
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	semctl(sem, 0, IPC_RMID);
	msgctl(queue, IPC_RMID, NULL);
	return 0;
}
