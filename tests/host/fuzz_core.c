// SPDX-License-Identifier: GPL-2.0
/*
 * procdumpctl info on hostile cores. The first byte of an input says what is
 * done with the rest: taken as it is, or compressed first, and in which form
 * it is printed.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "procdumpctl.h"

#include "fuzz.h"

#define ROOM (4U << 20)

/* Of main.c, which has a main() of its own. */
int usage_help(void)
{
	return EXIT_DONE;
}

int usage_version(void)
{
	return EXIT_DONE;
}

int usage_try(void)
{
	return EXIT_USAGE;
}

/* Messages are many, and of no interest. */
void warnx(const char *format, ...)
{
	(void)format;
}

void warn(const char *format, ...)
{
	(void)format;
}

/* The program gave up: on memory, for nothing else does. */
void err(int status, const char *format, ...)
{
	(void)status;
	fprintf(stderr, "err(%s)\n", format);
	abort();
}

static size_t gzip(const uint8_t *data, size_t size, uint8_t *out)
{
	z_stream strm = { 0 };
	size_t total;

	deflateInit2(&strm, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	strm.next_in = (uint8_t *)data;
	strm.avail_in = size;
	strm.next_out = out;
	strm.avail_out = ROOM;
	deflate(&strm, Z_FINISH);
	total = strm.total_out;
	deflateEnd(&strm);
	return total;
}

static size_t put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
	return sizeof(value);
}

/* Bytes of a table of two frames. */
#define TABLE 33

/* Two frames and the table of them, as the driver writes it. */
static size_t seekable(const uint8_t *data, size_t size, uint8_t *out)
{
	size_t half = size / 2, first, second, at;

	first = ZSTD_compress(out, ROOM, data, half, 1);
	second = ZSTD_compress(out + first, ROOM - first, data + half,
			       size - half, 1);
	at = first + second;
	at += put32(out + at, 0x184d2a5e);
	at += put32(out + at, 2 * 8 + 9);
	at += put32(out + at, first);
	at += put32(out + at, half);
	at += put32(out + at, second);
	at += put32(out + at, size - half);
	at += put32(out + at, 2);
	out[at++] = 0;
	return at + put32(out + at, 0x8f92eab1);
}

static int read_core(const uint8_t *data, size_t size, bool json)
{
	char path[32], text[] = "info", option[] = "--json";
	char *argv[] = { text, path, json ? option : NULL, NULL };
	int fd = memfd_create("core", 0);
	int ret;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	optind = 0;
	ret = verb_info(json ? 3 : 2, argv);
	close(fd);
	return ret;
}

static void silence(void)
{
	static bool done;

	if (!done && !freopen("/dev/null", "w", stdout))
		abort();
	done = true;
}

static int one_input(const uint8_t *data, size_t size)
{
	static uint8_t out[ROOM];
	uint8_t how = data[0];

	data++;
	size--;
	switch (how & 3) {
	case 1:
		size = gzip(data, size, out);
		return read_core(out, size, how & 4);
	case 2:
		size = ZSTD_compress(out, ROOM, data, size, 1);
		return read_core(out, size, how & 4);
	default:
		return read_core(data, size, how & 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ret;

	if (!size)
		return 0;
	silence();
	ret = one_input(data, size);
	if (ret != EXIT_DONE && ret != EXIT_FAILED)
		abort();
	return 0;
}

/*
 * However much is missing at the end, no part of a core is a whole one, but
 * for one that has lost the @table of frames and nothing else.
 */
static void cut(const uint8_t *buf, size_t size, size_t table,
		unsigned int index)
{
	size_t len;

	for (len = size - 1; len > 1; len = len > 600 ? len - 509 : len - 1) {
		if (len == size - table || one_input(buf, len) == EXIT_FAILED)
			continue;
		fprintf(stderr, "%zu of %zu bytes of input %u are called whole\n",
			len, size, index);
		abort();
	}
}

/*
 * Cores of both classes, in all formats and forms, and compressed ones whose
 * compressed bytes are mutated. None has been mutated yet: they are whole.
 */
size_t fuzz_seed(unsigned int index, uint8_t *buf, size_t room)
{
	static uint8_t core[65536], out[ROOM];
	unsigned int how = index / 2;
	size_t size = make_core(index % 2, core, sizeof(core));

	if (how >= 8 || !size)
		return 0;
	if ((how & 3) == 3) {
		size = how & 4 ? gzip(core, size, out) :
				 seekable(core, size, out);
		memcpy(core, out, size);
	}
	if (size + 1 > room)
		abort();
	buf[0] = how;
	memcpy(buf + 1, core, size);
	silence();
	if (one_input(buf, size + 1) != EXIT_DONE) {
		fprintf(stderr, "input %u is not a whole core\n", index);
		abort();
	}
	cut(buf, size + 1, how == 3 ? TABLE : 0, index);
	return size + 1;
}

/*
 * Each note that is read, as the last of its core, with each length that is less
 * than it should have. There is nothing behind it: who looks there is caught.
 */
size_t fuzz_fixed(unsigned int index, uint8_t *buf, size_t room)
{
	unsigned int compat, which;
	size_t size;

	for (compat = 0; compat < 2; compat++) {
		for (which = 0; (size = note_size(which, compat)); which++) {
			if (index >= size) {
				index -= size;
				continue;
			}
			buf[0] = 0;
			return 1 + make_short(which, compat, index, buf + 1,
					      room - 1);
		}
	}
	return 0;
}
