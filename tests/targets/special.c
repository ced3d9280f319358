// SPDX-License-Identifier: GPL-2.0
/*
 * special KIND: processes in a state that is no error and no daily bread.
 *
 *	vfork [PATH]	waits in vfork(2) for its child, which takes the
 *			commands, and has PATH open with O_DIRECT; "quit" ends
 *			the child, then the parent answers "ok parent"
 *	zombie-leader	the first thread has ended, a second one runs
 *	reader PATH	a thread reads and drops what comes from PATH (a fifo
 *			that is opened again at its end), with a heap of 8 MiB
 *	undumpable	has set PR_SET_DUMPABLE to 0
 *	ldt		has GS in the LDT, at 0x1234000, and a thread that runs, at
 *			0x2468000
 *	ports		a thread that runs and may access an I/O port; and one that
 *			makes others like that, which end at once
 *
 * Commands: "verify" answers "ok" and, for reader, the bytes read; "quit".
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "target.h"

static volatile unsigned long long bytes_read;

static void serve(void)
{
	unsigned int early = 0;
	char *line;

	while ((line = command_read(&early))) {
		if (!strcmp(line, "quit"))
			return;
		answer("%s bytes=%llu early=%u", early ? "bad" : "ok",
		       bytes_read, early);
	}
}

static void *serve_thread(void *leader)
{
	double deadline = now() + TARGET_DEADLINE;

	while (thread_state(*(int *)leader) != 'Z') {
		if (now() > deadline)
			die("leader");
		nap_ms(1);
	}
	answer("ready %d", getpid());
	serve();
	exit(0);
}

static void *reader_thread(void *path)
{
	char buffer[4096];

	for (;;) {
		int fd = open(path, O_RDONLY);
		ssize_t got;

		if (fd < 0)
			die(path);
		while ((got = read(fd, buffer, sizeof(buffer))) > 0)
			bytes_read += got;
		close(fd);
	}
	return NULL;
}

/* The child shares our memory, stdio included: it takes care to print whole lines. */
static int special_vfork(const char *direct)
{
	int parent = getpid();
	pid_t child = vfork();

	if (child < 0)
		die("vfork");
	if (!child) {
		if (direct && open(direct, O_RDONLY | O_DIRECT) < 0)
			die(direct);
		answer("ready %d", parent);
		serve();
		_exit(0);
	}
	if (waitpid(child, NULL, 0) != child)
		die("waitpid");
	answer("ok parent");
	return 0;
}

#define LDT_BASE	0x1234000

/* GS to an entry of the LDT, with LDT_BASE or a multiple of it. */
static void take_entry(unsigned int number)
{
	struct user_desc entry = {
		.entry_number = number,
		.base_addr = LDT_BASE * (number + 1),
		.limit = 1,
		.seg_32bit = 1,
		.limit_in_pages = 1,
	};

	if (syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)))
		die("modify_ldt");
	asm volatile("mov %0, %%gs" : : "r"(number << 3 | 7));
}

static void *ldt_thread(void *taken)
{
	take_entry(1);
	*(volatile int *)taken = 1;
	for (;;)
		;
	return NULL;
}

static void *port_thread(void *taken)
{
	if (ioperm(0x80, 1, 1))
		die("ioperm");
	if (!taken)
		return NULL;
	*(volatile int *)taken = 1;
	for (;;)
		;
	return NULL;
}

static void *many_port_threads(void *unused)
{
	pthread_t thread[8];
	size_t i;

	for (;;) {
		for (i = 0; i < 8; i++)
			if (pthread_create(&thread[i], NULL, port_thread, NULL))
				die("pthread_create");
		for (i = 0; i < 8; i++)
			pthread_join(thread[i], NULL);
	}
	return unused;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	static volatile int taken;
	static int leader;
	pthread_t thread;

	if (!strcmp(kind, "vfork"))
		return special_vfork(argv[2]);
	if (!strcmp(kind, "zombie-leader")) {
		leader = getpid();
		if (pthread_create(&thread, NULL, serve_thread, &leader))
			die("pthread_create");
		syscall(SYS_exit, 0);
	}
	if (!strcmp(kind, "reader") && argc > 2) {
		size_t size = 8 << 20;
		uint32_t *heap = mmap(NULL, size, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (heap == MAP_FAILED)
			die("mmap");
		for (size_t i = 0; i < size / 4; i++)
			heap[i] = i * 2654435761u;
		if (pthread_create(&thread, NULL, reader_thread, argv[2]))
			die("pthread_create");
	} else if (!strcmp(kind, "ldt")) {
		take_entry(0);
		if (pthread_create(&thread, NULL, ldt_thread, (void *)&taken))
			die("pthread_create");
		while (!taken)
			nap_ms(1);
	} else if (!strcmp(kind, "ports")) {
		if (pthread_create(&thread, NULL, port_thread, (void *)&taken) ||
		    pthread_create(&thread, NULL, many_port_threads, NULL))
			die("pthread_create");
		while (!taken)
			nap_ms(1);
	} else if (!strcmp(kind, "undumpable")) {
		prctl(PR_SET_DUMPABLE, 0);
	} else {
		fputs("usage: special KIND\n", stderr);
		return 2;
	}
	answer("ready %d", getpid());
	serve();
	return 0;
}
