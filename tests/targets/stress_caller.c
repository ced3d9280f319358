// SPDX-License-Identifier: GPL-2.0
/*
 * stress_caller BOARD BIN DIR ROLE NUMBER SEED DEVICE: requests to the driver,
 * good and bad, and a look at each answer. BIN has the programs, DIR takes the
 * cores, ROLE is a number of enum stress_role, SEED is in hexadecimal, DEVICE a
 * descriptor, or -1 to open the device oneself now and then.
 *
 * stress_caller list SEED: what the seed makes it ask, a line a request.
 *
 * It ends after some requests, so that nobody has the device open for long, and
 * in between if the board says so. The core that its predecessor of the same
 * number left behind must be whole or empty.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "stress_output.h"

static const char *bin;
static enum stress_role role;
static int device;
static uint64_t state;
static pid_t target;		/* of our own, in our namespaces */
static int targets;

/* In other namespaces there is one target, which has no number here. */
static int whose(const struct stress_request *r)
{
	int here = r->seat == STRESS_SEAT_NS ? 0 : r->seat;
	const struct stress_seat *seat =
		&board->seat[role == STRESS_NS ? STRESS_SEAT_NS : here];
	uint32_t id = 0;

	if (r->whom == WHOM_NOBODY)
		return NO_PID;
	if (r->whom == WHOM_THREAD)
		id = atomic_load(&seat->thread[r->thread].tid);
	else if (r->whom == WHOM_CHILD)
		id = atomic_load(&seat->child);
	else if (r->whom == WHOM_SELF)
		return r->thread & 1 ? getpid() : 0;
	if (!id || id == -1u)
		id = atomic_load(&seat->pid);
	return id ? (int)id : NO_PID;
}

/* Field 22 of stat; 0 if it cannot be read, or is that of other namespaces. */
static unsigned long long start_of(int pid)
{
	unsigned long long start = 0;
	char path[64], text[1024], *at;
	ssize_t got;
	int fd;

	if (role == STRESS_NS)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid ? pid : getpid());
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return 0;
	text[got] = 0;
	at = strrchr(text, ')');
	for (int i = 0; at && i < 20; i++)
		at = strchr(at + 1, ' ');
	if (at)
		sscanf(at, "%llu", &start);
	return start;
}

/* A copy of the request, where the pointer says. */
static void *place(const struct stress_request *r)
{
	static char *page;
	size_t size = stress_sizes[r->command].all;

	if (!page) {
		page = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			die("mmap");
		munmap(page + 4096, 4096);
	}
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	switch (r->pointer) {
	case POINTER_NULL:
		return NULL;
	case POINTER_ODD:
		return (void *)1;
	case POINTER_KERNEL:
		return (void *)(uintptr_t)0xffff888000000000;
	case POINTER_TORN:
		memcpy(page + 4096 - size / 2, &r->body, size / 2);
		return page + 4096 - size / 2;
	case POINTER_RDONLY:
		memcpy(page, &r->body, 4096);
		mprotect(page, 4096, PROT_READ);
		return page;
	default:
		return (void *)&r->body;
	}
}

/* Read by procdumpctl: 0, or how that ended. */
static int core_unreadable(int fd)
{
	char path[64], program[300];
	pid_t parent = getpid(), pid;
	int status;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(program, sizeof(program), "%s/procdumpctl", bin);
	pid = fork();
	if (pid < 0)
		return 0;
	if (!pid) {
		end_with(parent);
		fcntl(fd, F_SETFD, 0);
		execl(program, "procdumpctl", "info", path, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	stress_add(COUNT_READ);
	return status;
}

static void file_check(const struct stress_request *r, int fd, int err)
{
	const struct procdump_dump *dump = &r->body.dump;
	struct stat st;
	int status;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return;
	if (err) {
		/* With EFAULT, it may have been the report that could not be written. */
		if (st.st_size && err != EFAULT)
			complain("%s: %s, and %lld bytes are left", stress_roles[role],
				 strerrorname_np(err), (long long)st.st_size);
		return;
	}
	if (r->code != PROCDUMP_IOC_DUMP || r->command != STRESS_DUMP || dump->fd != fd)
		return;
	if (dump->out_bytes_file != (unsigned long long)st.st_size)
		complain("%s: %llu bytes were reported, the file has %lld",
			 stress_roles[role], (unsigned long long)dump->out_bytes_file,
			 (long long)st.st_size);
	if (!r->reads)
		return;
	status = core_unreadable(fd);
	if (status)
		complain("%s: this is no core: status %#x, mode %u, compression %u, flags %#llx",
			 stress_roles[role], status, dump->mode, dump->compression,
			 (unsigned long long)dump->flags);
}

/* The last caller of our number may have been killed in the middle of a dump. */
static void left_check(const char *where)
{
	struct stat st;
	int fd = out_file(where, "", O_RDWR), status;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size) {
		stress_add(COUNT_LEFT);
		status = core_unreadable(fd);
		if (status)
			complain("%s: a killed caller left %lld bytes that are no core: status %#x",
				 stress_roles[role], (long long)st.st_size, status);
	}
	if (ftruncate(fd, 0))
		complain("%s: cannot cut what was left: %m", stress_roles[role]);
	close(fd);
}

static void answer_check(const struct stress_request *r, int pid, int err)
{
	int self = pid == 0 || pid == getpid();
	enum stress_command command = STRESS_NONE;

	for (int i = STRESS_INFO; i < STRESS_NONE; i++)
		if (r->code == (unsigned int)_IO(PROCDUMP_IOC_MAGIC, i))
			command = i;
	atomic_fetch_add(&board->answers[command][err < STRESS_ERRNOS ? err : 0], 1);
	if (!err && command == STRESS_DUMP) {
		stress_add(COUNT_DUMPS);
		atomic_fetch_add(&board->modes[r->body.dump.out_mode & 7], 1);
	}
	if (err == EPERM && role != STRESS_ROOT)
		stress_add(COUNT_DENIED);
	if (!stress_expected(r, role, self, err))
		complain("%s: %s for command %d, pid %d (%d), mode %u, to %d, %d changes: %d %d %d",
			 stress_roles[role], err ? strerrorname_np(err) : "0", command, pid,
			 r->whom, r->body.dump.mode, r->output, r->changed,
			 r->change[0].kind, r->change[1].kind, r->change[2].kind);
}

static void limit_set(uint32_t bytes)
{
	struct rlimit limit = { bytes ? bytes : RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_FSIZE, &limit);
}

static void request_run(struct stress_request *r)
{
	struct procdump_dump *dump = &r->body.dump;
	pid_t reader = 0;
	int fd, err, pid = 0;

	/* A report is no core; and all of a kernel's memory is much. */
	if (r->command == STRESS_KERNEL && (r->changed || r->output != OUT_RAM ||
					    r->body.kernel.flags & PROCDUMP_KERNEL_STACKS))
		r->output = OUT_NULL;
	fd = out_open(r, &reader);
	if (fd < 0)
		return;
	if (r->command == STRESS_DUMP) {
		dump->pid = whose(r);
		if (r->start != START_ANY)
			dump->start_time = start_of(dump->pid);
		if (!dump->start_time)
			r->start = START_ANY;
		if (r->start == START_WRONG)
			dump->start_time++;
		dump->fd = fd;
	} else if (r->command == STRESS_KERNEL) {
		r->body.kernel.fd = r->body.kernel.flags & PROCDUMP_KERNEL_ESTIMATE ? -1 : fd;
	}
	for (int i = 0; i < r->changed; i++)
		stress_change(r, &r->change[i]);
	if (r->command == STRESS_DUMP)
		pid = dump->pid;
	limit_set(r->fsize);
	err = ioctl(device, r->code, place(r)) ? errno : 0;
	limit_set(0);
	stress_add(COUNT_REQUESTS);
	if (r->changed)
		stress_add(COUNT_MUTATED);
	answer_check(r, pid, err);
	file_check(r, fd, err);
	close(fd);
	if (!reader)
		return;
	if (r->output == OUT_RAM)
		kill(reader, SIGKILL);
	waitpid(reader, NULL, 0);
}

/* The module may be away for a moment. */
static int device_open(void)
{
	do {
		device = open(PROCDUMP_DEVICE, O_RDWR | O_CLOEXEC);
		if (device >= 0)
			return 0;
		if (errno != ENOENT && errno != ENODEV && errno != ENXIO)
			complain("%s: the device: %m", stress_roles[role]);
		nap_ms(10);
	} while (!atomic_load(&board->stop));
	return -1;
}

static void target_keep(const char *board_path)
{
	char program[300], seed[32], seat[8];
	int status;
	pid_t pid;

	while (target && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != target)
			continue;
		if (stress_ended_badly(status))
			complain("ns: the target ended with %#x", status);
		target = 0;
	}
	if (target) {
		kill(target, SIGCONT);
		return;
	}
	snprintf(program, sizeof(program), "%s/stress_target", bin);
	snprintf(seat, sizeof(seat), "%d", STRESS_SEAT_NS);
	snprintf(seed, sizeof(seed), "%llx",
		 (unsigned long long)stress_seed(state, 't', number, targets++));
	target = fork();
	if (target)
		return;
	close(device);
	execl(program, "stress_target", board_path, seat, seed, dir, NULL);
	_exit(1);
}

static int list(const char *seed)
{
	struct stress_request *r = malloc(sizeof(*r));

	state = strtoull(seed, NULL, 16);
	for (int i = 0; r && i < 200; i++) {
		uint64_t sum = 0;

		stress_draw(r, &state);
		for (size_t j = 0; j < sizeof(r->body) / 4; j++)
			sum = sum * 31 + r->body.words[j];
		printf("command %d whom %d seat %d output %d changed %d body %llx\n", r->command,
		       r->whom, r->seat, r->output, r->changed, (unsigned long long)sum);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct stress_request request;

	if (argc == 3 && !strcmp(argv[1], "list"))
		return list(argv[2]);
	if (argc != 8) {
		fprintf(stderr, "stress_caller BOARD BIN DIR ROLE NUMBER SEED DEVICE\n");
		return 2;
	}
	stress_map(argv[1]);
	bin = argv[2];
	dir = argv[3];
	role = atoi(argv[4]);
	number = atoi(argv[5]);
	state = strtoull(argv[6], NULL, 16);
	device = atoi(argv[7]);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_DFL);
	odd_open();
	left_check("ram");
	left_check("disk");
	for (int left = 20 + stress_below(&state, 60); left; left--) {
		stress_draw(&request, &state);
		if (role == STRESS_NS)
			target_keep(argv[1]);
		if (role == STRESS_ROOT && (device < 0 || request.reopens)) {
			close(device);
			if (device_open())
				break;
		}
		if (atomic_load(&board->stop))
			break;
		atomic_fetch_add(&board->caller[number], 1);
		nap_ms(request.pause);
		request_run(&request);
	}
	return 0;
}
