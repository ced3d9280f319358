// SPDX-License-Identifier: GPL-2.0
/*
 * direct FILE: reads FILE with O_DIRECT without pause, one thread by AIO and
 * one by io_uring, and looks at every byte that arrives.
 *
 * A record is half a page. Another thread writes to the other half of each page
 * while the read is under way: where that write moves the page, as the first
 * write after a copy-on-write copy does, what the device writes is lost.
 *
 * Commands: "verify" answers "ok aio=N uring=N" or "bad ..."; "quit".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "target.h"

#define DEPTH	32
#define RECORD	2048
#define RECORDS	4096
#define WORDS	(RECORD / sizeof(uint64_t))

struct engine {
	const char *name;
	int (*setup)(struct engine *engine);
	int (*submit)(struct engine *engine, unsigned int slot);
	int (*wait)(struct engine *engine, unsigned int *slots);
	char *pages;
	uint64_t record[DEPTH];
	atomic_ullong reads, wrong;
	aio_context_t aio;
	int uring;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
};

static int file;

static uint64_t word(uint64_t record, size_t i)
{
	uint64_t x = (record * WORDS + i + 1) * 0x9e3779b97f4a7c15ull;

	return x ^ x >> 29;
}

static char *page(struct engine *engine, unsigned int slot)
{
	return engine->pages + (size_t)slot * 4096;
}

/* ---- AIO */

static int aio_setup(struct engine *engine)
{
	return syscall(SYS_io_setup, DEPTH, &engine->aio);
}

static int aio_submit(struct engine *engine, unsigned int slot)
{
	struct iocb cb = {
		.aio_data = slot,
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = file,
		.aio_buf = (uintptr_t)page(engine, slot),
		.aio_nbytes = RECORD,
		.aio_offset = engine->record[slot] * RECORD,
	}, *list = &cb;

	return syscall(SYS_io_submit, engine->aio, 1, &list) == 1 ? 0 : -1;
}

static int aio_wait(struct engine *engine, unsigned int *slots)
{
	struct io_event events[DEPTH];
	int i, got;

	got = syscall(SYS_io_getevents, engine->aio, 1, DEPTH, events, NULL);
	for (i = 0; i < got; i++) {
		if (events[i].res != RECORD)
			return -1;
		slots[i] = events[i].data;
	}
	return got;
}

/* ---- io_uring */

static unsigned int *ring(char *base, unsigned int offset)
{
	return (unsigned int *)(base + offset);
}

static int uring_setup(struct engine *engine)
{
	struct io_uring_params *params = &engine->params;
	int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;

	engine->uring = syscall(SYS_io_uring_setup, DEPTH, params);
	if (engine->uring < 0)
		return -1;
	engine->sq = mmap(NULL, params->sq_off.array + DEPTH * 4, prot, flags,
			  engine->uring, IORING_OFF_SQ_RING);
	engine->cq = mmap(NULL, params->cq_off.cqes + params->cq_entries *
			  sizeof(struct io_uring_cqe), prot, flags,
			  engine->uring, IORING_OFF_CQ_RING);
	engine->sqes = mmap(NULL, DEPTH * sizeof(*engine->sqes), prot, flags,
			    engine->uring, IORING_OFF_SQES);
	return engine->sq == MAP_FAILED || engine->cq == MAP_FAILED ||
	       engine->sqes == MAP_FAILED ? -1 : 0;
}

static int uring_submit(struct engine *engine, unsigned int slot)
{
	unsigned int *tail = ring(engine->sq, engine->params.sq_off.tail);
	unsigned int at = *tail & (engine->params.sq_entries - 1);

	engine->sqes[at] = (struct io_uring_sqe) {
		.opcode = IORING_OP_READ,
		.fd = file,
		.off = engine->record[slot] * RECORD,
		.addr = (uintptr_t)page(engine, slot),
		.len = RECORD,
		.user_data = slot,
	};
	ring(engine->sq, engine->params.sq_off.array)[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, engine->uring, 1, 0, 0, NULL, 0) == 1 ?
	       0 : -1;
}

static int uring_wait(struct engine *engine, unsigned int *slots)
{
	unsigned int *head = ring(engine->cq, engine->params.cq_off.head);
	unsigned int *tail = ring(engine->cq, engine->params.cq_off.tail);
	struct io_uring_cqe *cqes = (void *)(engine->cq +
					     engine->params.cq_off.cqes);
	int got = 0;

	if (syscall(SYS_io_uring_enter, engine->uring, 0, 1,
		    IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	while (got < DEPTH && *head != __atomic_load_n(tail, __ATOMIC_ACQUIRE)) {
		struct io_uring_cqe *cqe =
			&cqes[*head & (engine->params.cq_entries - 1)];

		if (cqe->res != RECORD)
			return -1;
		slots[got++] = cqe->user_data;
		__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	}
	return got;
}

static struct engine engines[] = {
	{ .name = "aio", .setup = aio_setup, .submit = aio_submit,
	  .wait = aio_wait },
	{ .name = "uring", .setup = uring_setup, .submit = uring_submit,
	  .wait = uring_wait },
};

/* ---- reading */

static int start(struct engine *engine, unsigned int slot)
{
	static _Thread_local uint64_t next;

	next = (next * 29 + 7) % RECORDS;
	engine->record[slot] = next;
	memset(page(engine, slot), 0xee, RECORD);
	return engine->submit(engine, slot);
}

/* The other half of every page. */
static void *toucher(void *unused)
{
	(void)unused;
	for (;;) {
		for (int slot = 0; slot < 2 * DEPTH; slot++) {
			char *at = page(&engines[slot / DEPTH], slot % DEPTH);

			++*(volatile uint64_t *)(at + RECORD);
		}
		nap_ms(1);
	}
	return NULL;
}

static void look(struct engine *engine, unsigned int slot)
{
	const uint64_t *got = (const uint64_t *)page(engine, slot);

	for (size_t i = 0; i < WORDS; i++) {
		if (got[i] != word(engine->record[slot], i)) {
			atomic_fetch_add(&engine->wrong, 1);
			break;
		}
	}
	atomic_fetch_add(&engine->reads, 1);
}

static void *reader(void *arg)
{
	struct engine *engine = arg;
	unsigned int slots[DEPTH];
	int i, got = 0;

	for (i = 0; i < DEPTH; i++) {
		if (start(engine, i))
			die(engine->name);
	}
	for (;;) {
		got = engine->wait(engine, slots);
		if (got < 0)
			die(engine->name);
		for (i = 0; i < got; i++) {
			look(engine, slots[i]);
			if (start(engine, slots[i]))
				die(engine->name);
		}
	}
	return NULL;
}

static void make_file(const char *path)
{
	uint64_t words[WORDS];
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	for (uint64_t record = 0; record < RECORDS; record++) {
		for (size_t i = 0; i < WORDS; i++)
			words[i] = word(record, i);
		if (write(fd, words, RECORD) != RECORD)
			die(path);
	}
	if (fsync(fd) || close(fd))
		die(path);
	file = open(path, O_RDONLY | O_DIRECT);
	if (file < 0)
		die(path);
}

static void verify(unsigned int early)
{
	unsigned long long wrong = engines[0].wrong + engines[1].wrong;

	answer("%s aio=%llu uring=%llu wrong=%llu early=%u",
	       wrong || early ? "bad" : "ok", engines[0].reads,
	       engines[1].reads, wrong, early);
}

int main(int argc, char **argv)
{
	unsigned int early = 0;
	pthread_t thread;
	char *line;

	if (argc != 2)
		return 2;
	make_file(argv[1]);
	for (int i = 0; i < 2; i++) {
		struct engine *engine = &engines[i];

		engine->pages = mmap(NULL, DEPTH * 4096, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (engine->pages == MAP_FAILED || engine->setup(engine))
			die(engine->name);
		if (pthread_create(&thread, NULL, reader, engine))
			die("pthread_create");
	}
	if (pthread_create(&thread, NULL, toucher, NULL))
		die("toucher");
	answer("ready %d", getpid());
	while ((line = command_read(&early))) {
		if (!strcmp(line, "verify"))
			verify(early);
		else if (!strcmp(line, "quit"))
			break;
		else
			answer("bad command");
	}
	_exit(0);
}
