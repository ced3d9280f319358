/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The targets and callers of a stress run: started, and started again when they
 * have ended. Each gets a seed that depends on that of the run, on who it is, and
 * on how often it was started.
 */
#ifndef _TESTS_STRESS_ACTORS_H
#define _TESTS_STRESS_ACTORS_H

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>

#include "stress.h"

#define TARGETS 4	/* that we start: the first seats; the last has 32 bits */
#define CALLER_32 2	/* which has 32 bits */
#define NOBODY 65534

static const enum stress_role callers[STRESS_CALLERS] = {
	STRESS_ROOT, STRESS_ROOT, STRESS_ROOT, STRESS_USER, STRESS_USERNS, STRESS_NS,
};

static const char *board_path, *bin, *dir;
static uint64_t seed;
static double patience = 120;
static pid_t target_pid[TARGETS], caller_pid[STRESS_CALLERS], tool_pid[2];
static pid_t ns_group;	/* of the last caller with namespaces, until all of it is gone */
static int target_nth[TARGETS], caller_nth[STRESS_CALLERS], draining;

static void put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0 && errno != ESRCH)
		complain("%s <- %s: %m", path, text);
	close(fd);
}

static void target_start(int i)
{
	char program[300], seat[8], text[32];
	pid_t pid;

	snprintf(program, sizeof(program), "%s/stress_target%s", bin, i == TARGETS - 1 ? "32" : "");
	snprintf(seat, sizeof(seat), "%d", i);
	snprintf(text, sizeof(text), "%llx",
		 (unsigned long long)stress_seed(seed, 't', i, target_nth[i]++));
	memset(&board->seat[i], 0, sizeof(board->seat[i]));
	pid = fork();
	if (!pid) {
		execl(program, "stress_target", board_path, seat, text, dir, NULL);
		_exit(1);
	}
	if (pid < 0)
		die("fork");
	target_pid[i] = pid;
	/* Until it says so itself. */
	atomic_store(&board->seat[i].pid, pid);
	atomic_store(&board->seat[i].thread[0].tid, pid);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || prctl(PR_SET_DUMPABLE, 1))
		die("setresuid");
}

static void enter_namespaces(int flags)
{
	int status;
	pid_t pid;

	if (unshare(flags))
		die("unshare");
	put_text("/proc/self/setgroups", "deny");
	put_text("/proc/self/uid_map", "0 65534 1");
	put_text("/proc/self/gid_map", "0 65534 1");
	if (!(flags & CLONE_NEWPID))
		return;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		return;
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	kill(getpid(), SIGKILL);
}

static void caller_run(int i, const char *text)
{
	char program[300], what[8], number[8], device[16];
	int fd = -1, null = open("/dev/null", O_RDWR);
	double end = now() + patience;

	/* A dump may go to any number: nothing of others may be open. */
	for (int j = 0; j < 3; j++)
		dup2(null, j);
	close_range(3, ~0U, 0);
	if (callers[i] != STRESS_ROOT) {
		/* The module may be on its way out, and back. */
		while ((fd = open("/dev/procdump", O_RDWR)) < 0 && now() < end)
			nap_ms(5);
		if (fd < 0)
			_exit(3);
		become_nobody();
	}
	if (callers[i] == STRESS_USERNS)
		enter_namespaces(CLONE_NEWUSER);
	if (callers[i] == STRESS_NS)
		enter_namespaces(CLONE_NEWUSER | CLONE_NEWPID);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(program, sizeof(program), "%s/stress_caller%s", bin, i == CALLER_32 ? "32" : "");
	snprintf(what, sizeof(what), "%d", callers[i]);
	snprintf(number, sizeof(number), "%d", i);
	snprintf(device, sizeof(device), "%d", fd);
	execl(program, "stress_caller", board_path, bin, dir, what, number, text, device, NULL);
	_exit(4);
}

/*
 * The caller with a PID namespace is a process group: who waits for the first of
 * the namespace, that one, and its children. A signal goes to all: it meets also
 * whoever is being forked.
 */
static pid_t caller_address(int i)
{
	return callers[i] == STRESS_NS ? -caller_pid[i] : caller_pid[i];
}

/* The next one of this number has the same files: the last must be gone. */
static int caller_left(int i)
{
	if (callers[i] != STRESS_NS || !ns_group || caller_pid[i])
		return caller_pid[i];
	if (!kill(-ns_group, 0))
		return 1;
	ns_group = 0;
	memset(&board->seat[STRESS_SEAT_NS], 0, sizeof(board->seat[0]));
	return 0;
}

static void caller_start(int i)
{
	char text[32];

	snprintf(text, sizeof(text), "%llx",
		 (unsigned long long)stress_seed(seed, 'c', i, caller_nth[i]++));
	caller_pid[i] = fork();
	if (!caller_pid[i]) {
		/* Before it forks. */
		if (callers[i] == STRESS_NS)
			setpgid(0, 0);
		caller_run(i, text);
	}
	if (caller_pid[i] < 0)
		die("fork");
	if (callers[i] == STRESS_NS) {
		ns_group = caller_pid[i];
		setpgid(ns_group, ns_group);
	}
}

/* All that has ended is started again, but callers while we drain. */
static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < 2; i++) {
			if (tool_pid[i] != pid)
				continue;
			if (!status)
				stress_add(i ? COUNT_DEBUGGED : COUNT_SEIZED);
			tool_pid[i] = 0;
		}
		for (int i = 0; i < TARGETS; i++) {
			if (target_pid[i] != pid)
				continue;
			if (stress_ended_badly(status))
				complain("target %d ended with %#x", i, status);
			target_start(i);
		}
		for (int i = 0; i < STRESS_CALLERS; i++) {
			if (caller_pid[i] != pid)
				continue;
			if (stress_ended_badly(status))
				complain("caller %d ended with %#x", i, status);
			caller_pid[i] = 0;
		}
	}
	for (int i = 0; i < STRESS_CALLERS && !draining; i++)
		if (!caller_left(i))
			caller_start(i);
}

#endif
