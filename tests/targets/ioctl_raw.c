// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl_raw COMMAND [KEY=VALUE...]: any request to the driver, good or bad.
 * COMMAND is info, dump or kernel. Prints "errno NAME" ("errno 0" when all is
 * well), then the out_ members, a line each. Exit: 0, 1 refused, 2 usage.
 *
 * Of the bits in out_cpus_missing the first 64 are printed.
 *
 * Members: size= pid= flags= start_time= fd= mode= compression= level=
 *	filter= reserved= limit= max_pause_ns=
 * The request:
 *	tail=HEX	bytes behind the structure; size grows by them
 *	nr=N magic=N	another command number
 *	ptr=ADDRESS	pass this pointer; ptr=rdonly: a page that cannot be
 *			written
 *	repeat=N	until it fails, at most N times
 * The device:
 *	dev=PATH dev=N	another path, or a descriptor that was inherited
 * The output:
 *	out=PATH oflags=FLAG,...	what to open; default wronly,creat
 *	kind=memfd save=PATH		a memfd, copied to PATH in the end
 *	kind=closedpipe kind=closedsocket	nobody reads
 *	kind=pipe kind=socket		a child reads
 *	at=N then=close|kill		when so many bytes were read, or a file
 *			has that size: the child closes its end, or kills this
 *			process; save=PATH is where it puts what it reads
 *	sigpipe=1	SIGPIPE is not ignored
 *	seek=N		move the file position first
 * Before the call: dumpable=N; seccomp=1, a filter answers ioctl() with EACCES;
 *	rlimit_fsize=N; affinity=MASK, the processors this may run on from then on
 * alarm=SECONDS: SIGALRM after that time; default 120, times VM_SLOW
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/procdump.h>

#include "reader.h"
#include "target.h"

union request {
	struct procdump_info info;
	struct procdump_dump dump;
	struct procdump_kernel kernel;
	unsigned char bytes[65536];
};

struct member {
	const char *name;
	size_t offset, size;
};

#define DUMP(name) { #name, offsetof(struct procdump_dump, name), \
		     sizeof(((struct procdump_dump *)0)->name) }
#define INFO(name) { #name, offsetof(struct procdump_info, name), \
		     sizeof(((struct procdump_info *)0)->name) }
#define KERNEL(name) { #name, offsetof(struct procdump_kernel, name), \
		       sizeof(((struct procdump_kernel *)0)->name) }

static const struct member info_members[] = {
	INFO(size), INFO(out_abi), INFO(out_flags), INFO(out_modes),
	INFO(out_compressions), INFO(out_commands), INFO(out_max_dumps),
	INFO(out_active), INFO(out_stall_ms), INFO(out_filter_mask),
	INFO(out_reserved), { }
};

static const struct member dump_members[] = {
	DUMP(size), DUMP(pid), DUMP(flags), DUMP(start_time), DUMP(fd),
	DUMP(mode), DUMP(compression), DUMP(level), DUMP(filter),
	DUMP(reserved), DUMP(limit), DUMP(max_pause_ns), DUMP(out_mode),
	DUMP(out_consistency), DUMP(out_threads), DUMP(out_threads_parked),
	DUMP(out_threads_off_cpu), DUMP(out_threads_running),
	DUMP(out_threads_lost), DUMP(out_sharers), DUMP(out_segments),
	DUMP(out_compression), DUMP(out_hazards), DUMP(out_reserved),
	DUMP(out_bytes_raw), DUMP(out_bytes_written), DUMP(out_bytes_file),
	DUMP(out_bytes_live), DUMP(out_pages), DUMP(out_pages_zero),
	DUMP(out_pages_missing), DUMP(out_hold_ns), DUMP(out_snapshot_ns),
	DUMP(out_pause_ns), DUMP(out_total_ns), DUMP(out_bytes_left), { }
};

static const struct member kernel_members[] = {
	KERNEL(size), KERNEL(fd), KERNEL(flags), KERNEL(compression), KERNEL(level),
	KERNEL(limit), KERNEL(out_consistency), KERNEL(out_segments),
	KERNEL(out_cpus), KERNEL(out_cpus_stopped), KERNEL(out_cpus_nmi),
	KERNEL(out_reserved),
	{ "out_cpus_missing", offsetof(struct procdump_kernel, out_cpus_missing), 8 },
	 KERNEL(out_bytes_raw), KERNEL(out_bytes_written),
	KERNEL(out_bytes_file), KERNEL(out_pages), KERNEL(out_pages_frozen),
	KERNEL(out_pages_missing), KERNEL(out_pages_reserved),
	KERNEL(out_pages_slab), KERNEL(out_pages_table), KERNEL(out_pages_other),
	KERNEL(out_pages_vmemmap), KERNEL(out_pages_user), KERNEL(out_pages_cache),
	KERNEL(out_pages_free), KERNEL(out_pages_offline), KERNEL(out_pages_poison),
	KERNEL(out_freeze_ns), KERNEL(out_total_ns), { }
};

static const struct command {
	const char *name;
	unsigned int number;
	size_t size;
	const struct member *members;
} commands[] = {
	{ "info", PROCDUMP_IOC_INFO, sizeof(struct procdump_info), info_members },
	{ "dump", PROCDUMP_IOC_DUMP, sizeof(struct procdump_dump), dump_members },
	{ "kernel", PROCDUMP_IOC_KERNEL, sizeof(struct procdump_kernel), kernel_members },
	{ }
};

static struct {
	const char *dev, *out, *oflags, *kind, *save, *ptr, *tail;
	long long nr, magic, repeat, seek, rlimit_fsize, size, alarm, dumpable, seccomp, sigpipe;
	long long affinity;
} option = {
	.dev = PROCDUMP_DEVICE, .oflags = "wronly,creat",
	.nr = -1, .magic = PROCDUMP_IOC_MAGIC, .repeat = 1, .seek = -1,
	.rlimit_fsize = -1, .size = -1, .alarm = 120, .dumpable = -1,
};

static struct child child = { .at = -1, .then = "close" };
static pid_t child_pid;

static const struct { const char *name; const char **value; } texts[] = {
	{ "dev", &option.dev }, { "out", &option.out },
	{ "oflags", &option.oflags }, { "kind", &option.kind },
	{ "save", &option.save }, { "ptr", &option.ptr },
	{ "tail", &option.tail }, { "then", &child.then }, { }
};

static const struct { const char *name; long long *value; } numbers[] = {
	{ "nr", &option.nr }, { "magic", &option.magic },
	{ "repeat", &option.repeat }, { "seek", &option.seek },
	{ "rlimit_fsize", &option.rlimit_fsize }, { "size", &option.size },
	{ "dumpable", &option.dumpable }, { "seccomp", &option.seccomp },
	{ "alarm", &option.alarm }, { "at", &child.at },
	{ "sigpipe", &option.sigpipe }, { "affinity", &option.affinity }, { }
};

static const struct { const char *name; int flag; } open_flags[] = {
	{ "rdonly", O_RDONLY }, { "wronly", O_WRONLY }, { "rdwr", O_RDWR },
	{ "append", O_APPEND }, { "path", O_PATH }, { "creat", O_CREAT },
	{ "trunc", O_TRUNC }, { "direct", O_DIRECT }, { "sync", O_SYNC },
	{ "nonblock", O_NONBLOCK }, { "directory", O_DIRECTORY },
	{ "tmpfile", O_TMPFILE }, { }
};

static void usage(const char *what)
{
	fprintf(stderr, "ioctl_raw: what is %s?\n", what);
	exit(2);
}

static unsigned long long number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 0);

	if (!*text || *end)
		usage(text);
	return value;
}

static void argument(char *arg, const struct command *command, union request *request)
{
	char *value = strchr(arg, '=');

	if (!value)
		usage(arg);
	*value++ = 0;
	for (int i = 0; texts[i].name; i++) {
		if (!strcmp(texts[i].name, arg)) {
			*texts[i].value = value;
			return;
		}
	}
	for (int i = 0; numbers[i].name; i++) {
		if (!strcmp(numbers[i].name, arg)) {
			*numbers[i].value = number(value);
			return;
		}
	}
	for (const struct member *m = command->members; m->name; m++) {
		unsigned long long n;

		if (strcmp(m->name, arg))
			continue;
		n = number(value);
		memcpy(request->bytes + m->offset, &n, m->size);
		return;
	}
	usage(arg);
}

static int out_open(void)
{
	char *names = strdup(option.oflags), *name;
	int flags = 0, fd;

	for (name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		int i = 0;

		while (open_flags[i].name && strcmp(open_flags[i].name, name))
			i++;
		if (!open_flags[i].name)
			usage(name);
		flags |= open_flags[i].flag;
	}
	free(names);
	fd = open(option.out, flags, 0600);
	if (fd < 0)
		die(option.out);
	return fd;
}

/* A pipe or a socket with a reader. */
static int out_read(int fds[2])
{
	child.save = option.save;
	child_pid = child_start(reader_run, fds[0], fds[1], &child);
	close(fds[0]);
	return fds[1];
}

static int out_make(void)
{
	int fds[2];

	if (!strcmp(option.kind, "memfd")) {
		fds[1] = memfd_create("core", 0);
	} else if (!strcmp(option.kind, "closedpipe")) {
		if (pipe(fds))
			die("pipe");
		close(fds[0]);
	} else if (!strcmp(option.kind, "closedsocket")) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
			die("socketpair");
		close(fds[0]);
	} else if (!strcmp(option.kind, "pipe")) {
		return pipe(fds) ? -1 : out_read(fds);
	} else if (!strcmp(option.kind, "socket")) {
		return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ? -1 : out_read(fds);
	} else {
		usage(option.kind);
	}
	return fds[1];
}

static void copy(int from, const char *path)
{
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char buffer[65536];
	ssize_t got;

	if (to < 0)
		die(path);
	lseek(from, 0, SEEK_SET);
	while ((got = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(to, buffer, got) != got)
			die(path);
	}
	close(to);
}

static void *request_pointer(union request *request)
{
	if (!option.ptr)
		return request;
	if (!strcmp(option.ptr, "rdonly")) {
		union request *page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (page == MAP_FAILED)
			die("mmap");
		*page = *request;
		mprotect(page, sizeof(*page), PROT_READ);
		return page;
	}
	return (void *)(uintptr_t)number(option.ptr);
}

static void members_print(const struct command *command, const union request *request)
{
	for (const struct member *m = command->members; m->name; m++) {
		unsigned long long value = 0;

		if (strncmp(m->name, "out_", 4))
			continue;
		memcpy(&value, request->bytes + m->offset, m->size);
		printf("%s=%llu\n", m->name, value);
	}
}

static void set_affinity(unsigned long mask)
{
	if (mask && syscall(SYS_sched_setaffinity, 0, sizeof(mask), &mask) < 0)
		die("sched_setaffinity");
}

static void deny_ioctl(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("seccomp");
}

int main(int argc, char **argv)
{
	static union request request;
	const struct command *command = commands;
	unsigned int code;
	int dev, out = -1, result = 0, error = 0;
	char *end;

	while (command->name && argc > 1 && strcmp(command->name, argv[1]))
		command++;
	if (argc < 2 || !command->name)
		usage(argc > 1 ? argv[1] : "the command");
	request.info.size = command->size;
	if (command->members == dump_members)
		request.dump.fd = -1;
	if (command->members == kernel_members)
		request.kernel.fd = -1;
	for (int i = 2; i < argc; i++)
		argument(argv[i], command, &request);

	if (option.tail) {
		size_t length = strlen(option.tail) / 2;

		for (size_t i = 0; i < length; i++)
			sscanf(option.tail + 2 * i, "%2hhx",
			       &request.bytes[command->size + i]);
		request.info.size += length;
	}
	if (option.size >= 0)
		request.info.size = option.size;
	dev = strtol(option.dev, &end, 10);
	if (*end)
		dev = open(option.dev, O_RDWR | O_CLOEXEC);
	if (dev < 0)
		die(option.dev);
	if (option.out)
		out = out_open();
	else if (option.kind)
		out = out_make();
	if (option.seek >= 0 && lseek(out, option.seek, SEEK_SET) < 0)
		die("lseek");
	if (out >= 0 && command->members == dump_members)
		request.dump.fd = out;
	if (out >= 0 && command->members == kernel_members)
		request.kernel.fd = out;
	if (option.rlimit_fsize >= 0) {
		struct rlimit limit = { option.rlimit_fsize, option.rlimit_fsize };

		if (setrlimit(RLIMIT_FSIZE, &limit))
			die("setrlimit");
	}
	if (option.dumpable >= 0 && prctl(PR_SET_DUMPABLE, option.dumpable, 0, 0, 0))
		die("PR_SET_DUMPABLE");
	if (option.seccomp)
		deny_ioctl();
	/* As for write(2); but SIGXFSZ must never come. */
	if (!option.sigpipe)
		signal(SIGPIPE, SIG_IGN);
	if (child.at >= 0 && !child_pid)
		child_pid = child_start(watcher_run, out, -1, &child);
	/* A driver that hangs must not hang the test. */
	if (getenv("VM_SLOW"))
		option.alarm *= atoi(getenv("VM_SLOW"));
	alarm(option.alarm);
	set_affinity((unsigned long)option.affinity);

	code = command->number;
	if (option.nr >= 0)
		code = _IO(option.magic, option.nr);
	else if (option.magic != PROCDUMP_IOC_MAGIC)
		code = _IO(option.magic, _IOC_NR(code));
	while (option.repeat-- > 0 && !result) {
		result = ioctl(dev, code, request_pointer(&request));
		error = result ? errno : 0;
	}
	if (child_pid) {
		close(out);
		waitpid(child_pid, NULL, option.out ? WNOHANG : 0);
	} else if (option.save) {
		copy(out, option.save);
	}
	printf("errno %s\n", error ? strerrorname_np(error) : "0");
	members_print(command, &request);
	return result ? 1 : 0;
}
