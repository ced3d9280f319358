/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests of the stress run: drawn from random numbers, all of them before it is
 * known what there is, so that a seed repeats them; spoilt, if so drawn; and the
 * answers that each may get.
 */
#ifndef _TESTS_STRESS_REQUEST_H
#define _TESTS_STRESS_REQUEST_H

#include <limits.h>
#include <sys/ioctl.h>

#include <linux/procdump.h>

#include "stress.h"

#define NO_PID 4000000	/* nobody has it */

enum stress_whom { WHOM_LEADER, WHOM_THREAD, WHOM_CHILD, WHOM_SELF, WHOM_NOBODY };
enum stress_start { START_ANY, START_RIGHT, START_WRONG };
enum stress_output {
	OUT_NULL, OUT_RAM, OUT_DISK, OUT_DIRECT, OUT_MEMFD, OUT_PIPE, OUT_SOCKET,
	OUT_CLOSED
};

enum stress_pointer {
	POINTER_GOOD, POINTER_NULL, POINTER_ODD, POINTER_KERNEL, POINTER_TORN,
	POINTER_RDONLY, POINTERS
};

enum stress_change_kind {
	CHANGE_BYTE, CHANGE_WORD, CHANGE_SIZE, CHANGE_FD, CHANGE_PID, CHANGE_CODE,
	CHANGE_POINTER, CHANGES
};

struct stress_change {
	enum stress_change_kind kind;
	uint32_t a, b;
};

union stress_body {
	struct procdump_info info;
	struct procdump_dump dump;
	struct procdump_kernel kernel;
	uint32_t words[2048];
	unsigned char bytes[8192];
};

/**
 * struct stress_request - what is asked, of whom, to where
 * @pause: milliseconds before it
 * @at: the reader ends when it has read so many bytes; -1: at the end
 * @delay: milliseconds until it begins
 * @kills: it kills the caller then
 * @fsize: RLIMIT_FSIZE, or 0
 * @reads: the core is read afterwards
 */
struct stress_request {
	enum stress_command command;
	unsigned int code;
	enum stress_pointer pointer;
	enum stress_whom whom;
	enum stress_start start;
	enum stress_output output;
	int seat, thread, reopens, kills, reads, changed;
	uint32_t pause, delay, fsize;
	long long at;
	struct stress_change change[3];
	union stress_body body;
};

static const struct { size_t in, all; } stress_sizes[] = {
	{ 4, sizeof(struct procdump_info) },
	{ offsetof(struct procdump_dump, out_mode), sizeof(struct procdump_dump) },
	{ offsetof(struct procdump_kernel, out_consistency), sizeof(struct procdump_kernel) },
};

static int32_t draw_level(uint64_t *state, uint32_t compression)
{
	uint32_t level = stress_below(state, 6);

	return compression ? level : 0;
}

static uint64_t draw_limit(uint64_t *state)
{
	uint32_t how = stress_below(state, 10), size = stress_below(state, 4 << 20);

	return how < 6 ? 0 : how < 9 ? size : size >> 8;
}

static void draw_dump(struct procdump_dump *dump, uint64_t *state)
{
	static const struct { uint64_t flag; uint32_t one_of; } flags[] = {
		{ PROCDUMP_DUMP_WAIT, 2 }, { PROCDUMP_DUMP_FALLBACK, 3 },
		{ PROCDUMP_DUMP_DROP, 4 }, { PROCDUMP_DUMP_TRIM, 3 },
		{ PROCDUMP_DUMP_MINI, 6 }, { PROCDUMP_DUMP_FILTER, 5 },
		{ PROCDUMP_DUMP_ALL, 5 },
	};
	uint32_t filter, budget;

	dump->size = sizeof(*dump);
	dump->mode = stress_below(state, 5);
	dump->compression = stress_below(state, 3);
	dump->level = draw_level(state, dump->compression);
	dump->limit = draw_limit(state);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!stress_below(state, flags[i].one_of))
			dump->flags |= flags[i].flag;
	filter = stress_below(state, 512);
	budget = stress_below(state, 8000);
	if (!dump->limit)
		dump->flags &= ~PROCDUMP_DUMP_TRIM;
	if (dump->flags & PROCDUMP_DUMP_FILTER) {
		dump->flags &= ~PROCDUMP_DUMP_ALL;
		dump->filter = filter;
	}
	if (budget < 2000)
		dump->max_pause_ns = budget * 1000000ull;
}

static void draw_kernel(struct procdump_kernel *kernel, uint64_t *state)
{
	static const uint64_t flags[] = {
		0, PROCDUMP_KERNEL_ESTIMATE, PROCDUMP_KERNEL_STACKS,
		PROCDUMP_KERNEL_STACKS, PROCDUMP_KERNEL_NO_FREEZE,
		PROCDUMP_KERNEL_STRICT,
	};

	kernel->size = sizeof(*kernel);
	kernel->flags = flags[stress_below(state, 6)];
	if (stress_below(state, 2))
		kernel->flags |= PROCDUMP_KERNEL_WAIT;
	kernel->compression = stress_below(state, 3);
	kernel->level = kernel->compression ? 1 : 0;
	kernel->limit = draw_limit(state);
}

static void stress_draw(struct stress_request *r, uint64_t *state)
{
	static const unsigned int codes[] = {
		PROCDUMP_IOC_INFO, PROCDUMP_IOC_DUMP, PROCDUMP_IOC_KERNEL,
	};
	uint32_t what = stress_below(state, 100), spoilt = stress_below(state, 3);
	uint32_t at = stress_below(state, 1 << 21), fsize = stress_below(state, 4 << 20);

	memset(r, 0, sizeof(*r));
	r->command = what < 4 ? STRESS_INFO : what < 7 ? STRESS_KERNEL : STRESS_DUMP;
	r->code = codes[r->command];
	r->whom = stress_below(state, 12);
	if (r->whom > WHOM_NOBODY)
		r->whom = WHOM_LEADER;
	r->start = stress_below(state, 10);
	if (r->start > START_WRONG)
		r->start = START_ANY;
	r->output = stress_below(state, OUT_CLOSED + 1);
	r->seat = stress_below(state, STRESS_SEATS);
	r->thread = stress_below(state, STRESS_THREADS);
	r->reopens = !stress_below(state, 4);
	r->reads = !stress_below(state, 4);
	r->pause = stress_below(state, 40);
	r->at = stress_below(state, 5) ? -1LL : at;
	r->delay = stress_below(state, 4) ? 0 : at & 1023;
	r->kills = !stress_below(state, 4);
	r->fsize = stress_below(state, 12) ? 0 : fsize;
	if (r->command == STRESS_DUMP)
		draw_dump(&r->body.dump, state);
	else if (r->command == STRESS_KERNEL)
		draw_kernel(&r->body.kernel, state);
	else
		r->body.info.size = sizeof(r->body.info);
	for (int i = 0; i < 3; i++) {
		r->change[i].kind = stress_below(state, CHANGES);
		r->change[i].a = stress_next(state);
		r->change[i].b = stress_next(state);
	}
	/* A third of all, by one change or by more. */
	r->changed = spoilt ? 0 : 1 + at % 3;
}

static void change_fd(struct stress_request *r, int fd)
{
	if (r->command == STRESS_DUMP)
		r->body.dump.fd = fd;
	if (r->command == STRESS_KERNEL)
		r->body.kernel.fd = fd;
}

static void change_code(struct stress_request *r, uint32_t a, uint32_t b)
{
	switch (b % 4) {
	case 0:
		r->code = _IO(PROCDUMP_IOC_MAGIC, a % 6);
		break;
	case 1:
		r->code = _IOC(a % 4, PROCDUMP_IOC_MAGIC, _IOC_NR(r->code), b >> 2 & 0xfff);
		break;
	case 2:
		/* Of type 0 is FIGETBSZ, which the kernel itself answers for any file. */
		r->code = _IO(a & 0xff ? a & 0xff : 1, _IOC_NR(r->code));
		break;
	default:
		r->code = a;
	}
}

static void stress_change(struct stress_request *r, const struct stress_change *change)
{
	static const uint32_t sizes[] = {
		0, 4, 23, 24, 47, 48, 199, 200, 207, 208, 209, 212, 327, 328, 329,
		4096, 4097, 65536, INT_MAX, UINT_MAX,
	};
	static const uint32_t words[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
	static const int pids[] = { -1, 0, 1, 2, INT_MIN, INT_MAX, NO_PID };
	uint32_t a = change->a, b = change->b;
	size_t in = stress_sizes[r->command].in;

	switch (change->kind) {
	case CHANGE_BYTE:
		r->body.bytes[a % in] = b;
		break;
	case CHANGE_WORD:
		r->body.words[a % (in / 4)] = a >> 16 & 1 ? b : words[b % 5];
		break;
	case CHANGE_SIZE:
		r->body.info.size = sizes[a % (sizeof(sizes) / sizeof(sizes[0]))];
		r->body.bytes[stress_sizes[r->command].all + b % 64] = b >> 8 & 1;
		break;
	case CHANGE_FD:
		change_fd(r, b & 1 ? (int)a % 32 : (int)words[a % 5]);
		break;
	case CHANGE_PID:
		if (r->command == STRESS_DUMP)
			r->body.dump.pid = b & 1 ? (int)(a % 40000) : pids[a % 7];
		break;
	case CHANGE_CODE:
		change_code(r, a, b);
		break;
	default:
		r->pointer = a % POINTERS;
	}
}

static inline int in_list(const int *list, int err)
{
	for (; *list >= 0; list++)
		if (*list == err)
			return 1;
	return 0;
}

/* A request of a caller who has the right to make it: is this an answer? */
static int allowed_expected(const struct stress_request *r, int err)
{
	static const int dump[] = {
		0, EBUSY, EFBIG, EINTR, ENOSPC, EPIPE, ENOMEM, EOPNOTSUPP, ESRCH,
		ETIMEDOUT, -1,
	};
	static const int kernel[] = {
		0, EAGAIN, EBUSY, EFBIG, EINTR, ENOSPC, EPIPE, ENOMEM, -1,
	};
	/* All of uapi/linux/procdump.h. */
	static const int all[] = {
		0, E2BIG, EAGAIN, EBADF, EBUSY, EFAULT, EFBIG, EINTR, EINVAL, EIO, EISDIR,
		ENOMEM, ENOSPC, ENOTTY, EOPNOTSUPP, EPERM, EPIPE, ESRCH, ETIMEDOUT, -1,
	};

	if (r->changed)
		return in_list(all, err);
	if (r->command == STRESS_INFO)
		return !err;
	if (r->command == STRESS_KERNEL)
		return in_list(kernel, err);
	if (!err)
		return r->start != START_WRONG && r->whom != WHOM_NOBODY;
	return in_list(dump, err);
}

/* May this caller dump that process? For those who may not there is one answer. */
static int stress_expected(const struct stress_request *r, enum stress_role role, int self,
			   int err)
{
	static const int denied[] = { EPERM, EBUSY, ENOMEM, EINTR, -1 };
	static const int malformed[] = { E2BIG, EFAULT, EINVAL, ENOTTY, EOPNOTSUPP, -1 };
	int code = r->code;

	if (role == STRESS_ROOT || code == (int)PROCDUMP_IOC_INFO)
		return allowed_expected(r, err);
	if (code == (int)PROCDUMP_IOC_DUMP && (role == STRESS_NS || self))
		return allowed_expected(r, err);
	if (code == (int)PROCDUMP_IOC_KERNEL && !r->changed)
		return err == EPERM;
	return in_list(denied, err) || (r->changed && in_list(malformed, err));
}

#endif
