// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process that waits in the driver.
 *
 * A dump ends early only when the process that asked for it is killed. So a
 * worker asks, and we wait for it and for signals: on one that should end us
 * we kill the worker, which the driver heeds at once, and can tidy up. When
 * we are killed ourselves the kernel kills the worker.
 *
 * There are no signal handlers: the signals are blocked and waited for.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "procdumpctl.h"
#include "worker.h"

/* Seconds that a killed worker has to end. */
#define WORKER_PATIENCE 10

/* Memory that the worker shares with us: one of two requests. */
struct shared {
	bool is_kernel;
	union {
		struct procdump_dump dump;
		struct procdump_kernel kernel;
	};
	int fd;
	atomic_int stage;
	int err;
};

static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

/* Signals that were ignored when we were started are none of our business. */
static void fatal_set(sigset_t *set)
{
	struct sigaction action;
	size_t i;

	sigemptyset(set);
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		if (!sigaction(fatal[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(set, fatal[i]);
}

/**
 * signals_block() - from now on, signals that would end us are kept
 */
void signals_block(void)
{
	sigset_t set;

	signal(SIGCHLD, SIG_DFL);
	fatal_set(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/**
 * signals_allow() - from now on, signals end us again
 */
void signals_allow(void)
{
	sigset_t set;

	fatal_set(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/**
 * signals_pending() - take a signal that should end us
 *
 * Return: its number, or 0 if there was none.
 */
int signals_pending(void)
{
	struct timespec none = {};
	sigset_t set;
	int sig;

	fatal_set(&set);
	sig = sigtimedwait(&set, NULL, &none);
	return sig > 0 ? sig : 0;
}

static int sync_output(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 0;
	return fsync(fd);
}

static int ask(int dev, struct shared *shared)
{
	return shared->is_kernel ? procdump_kernel(dev, &shared->kernel) :
				   procdump_dump(dev, &shared->dump);
}

static void work(int dev, struct shared *shared, pid_t parent)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	shared->stage = WORKER_DUMP;
	if (ask(dev, shared)) {
		shared->err = errno;
		_exit(0);
	}
	shared->stage = WORKER_SYNC;
	shared->err = sync_output(shared->fd) ? errno : 0;
	_exit(0);
}

static void show_progress(const struct shared *shared, unsigned int seconds)
{
	char size[TEXT_SIZE];
	struct stat st;

	if (shared->stage == WORKER_SYNC)
		fprintf(stderr, "\rwaiting for the disk, %u s\033[K", seconds);
	else if (!fstat(shared->fd, &st) && S_ISREG(st.st_mode))
		fprintf(stderr, "\r%s written, %u s\033[K",
			text_size(size, (__u64)st.st_blocks * 512), seconds);
	else
		fprintf(stderr, "\rdumping, %u s\033[K", seconds);
}

/* Return: 0 when the worker has ended, or the signal that should end us. */
static int wait_for_worker(pid_t worker, const struct shared *shared,
			   bool progress)
{
	struct timespec second = { .tv_sec = 1 };
	unsigned int seconds = 0;
	sigset_t set;
	int sig;

	fatal_set(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		sig = sigtimedwait(&set, NULL, &second);
		if (sig > 0 && sig != SIGCHLD)
			break;
		if (waitpid(worker, NULL, WNOHANG) == worker) {
			sig = 0;
			break;
		}
		if (progress && sig < 0)
			show_progress(shared, ++seconds);
	}
	if (progress && seconds)
		fprintf(stderr, "\r\033[K");
	return sig;
}

static void end_worker(pid_t worker)
{
	struct timespec second = { .tv_sec = 1 };
	int patience = WORKER_PATIENCE;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	kill(worker, SIGKILL);
	while (waitpid(worker, NULL, WNOHANG) != worker) {
		if (!patience--) {
			warnx("process %d writes the output and does not end yet",
			      (int)worker);
			return;
		}
		sigtimedwait(&set, NULL, &second);
	}
}

static struct worker_end run(int dev, struct shared *shared, bool progress)
{
	struct worker_end end = {};
	pid_t worker, parent = getpid();

	shared->err = EINTR;
	worker = fork();
	if (worker < 0) {
		end.err = errno;
		return end;
	}
	if (!worker)
		work(dev, shared, parent);
	end.signal = wait_for_worker(worker, shared, progress);
	if (end.signal)
		end_worker(worker);
	end.err = shared->err;
	end.stage = shared->stage;
	return end;
}

/* @job: the request, and the driver's answer */
static struct worker_end share_and_run(int dev, struct shared *job,
				       bool progress)
{
	struct worker_end end = {};
	struct shared *shared;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		end.err = errno;
		return end;
	}
	memcpy(shared, job, sizeof(*shared));
	end = run(dev, shared, progress);
	memcpy(job, shared, sizeof(*job));
	munmap(shared, sizeof(*shared));
	return end;
}

/**
 * worker_dump() - dump, and see the output to the disk
 * @dev: the device
 * @req: the request; gets the driver's answer
 * @progress: show on standard error how far it is
 *
 * The signals must be blocked.
 *
 * Return: how it ended.
 */
struct worker_end worker_dump(int dev, struct procdump_dump *req, bool progress)
{
	struct shared job = { .dump = *req, .fd = req->fd };
	struct worker_end end = share_and_run(dev, &job, progress);

	*req = job.dump;
	return end;
}

/**
 * worker_kernel() - the same for a dump of the kernel
 * @dev: the device
 * @req: the request; gets the driver's answer
 * @progress: show on standard error how far it is
 *
 * The signals must be blocked.
 *
 * Return: how it ended.
 */
struct worker_end worker_kernel(int dev, struct procdump_kernel *req,
				bool progress)
{
	struct shared job = { .is_kernel = true, .kernel = *req,
			      .fd = req->fd };
	struct worker_end end = share_and_run(dev, &job, progress);

	*req = job.kernel;
	return end;
}
