// SPDX-License-Identifier: GPL-2.0
/*
 * sweep COMMAND [KEY=VALUE...]: a request to the driver of tests/modules/faults,
 * again and again: its first allocation fails, then its second, until none is
 * left to fail. COMMAND is dump or kernel; pid= mode= compression= flags= limit=
 * are members of the request; out=PATH is the output, direct=1: with O_DIRECT;
 * keep=PREFIX: each core of a process that was made in spite of a fault is copied
 * to PREFIX and a number.
 *
 * After each: the answer is ENOMEM and the output empty or untouched, or all is
 * well and the core is as long as reported, has the threads and segments that it
 * has without a fault and, uncompressed, its end mark. All memory of the driver
 * is free, no dump is active, nobody but us uses the module, and /proc has the
 * same status for each thread of PID as before, in every byte but what it says
 * of its memory.
 *
 * Prints "FAULTS SURVIVED", then a line for each place where a fault was, with
 * how often and how often it was survived; or what is wrong, and exits with 1.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/procdump.h>

#include "target.h"
#include "tasks.h"

#define MODULE "/sys/module/procdump/"

static struct {
	const char *out, *keep;
	long long pid, mode, compression, flags, limit, direct;
} option;

static const struct { const char *name; long long *value; } numbers[] = {
	{ "pid", &option.pid }, { "mode", &option.mode },
	{ "compression", &option.compression }, { "flags", &option.flags },
	{ "limit", &option.limit }, { "direct", &option.direct }, { }
};

struct answer {
	int error;
	unsigned int threads, segments;
	unsigned long long missing, length;
};

static struct place {
	char name[128];
	unsigned int faults, survived;
} places[128];

static unsigned int nth;
static int device, out = -1, in = -1;
static bool kernel;

static void wrong(const char *format, ...)
{
	va_list args;

	printf("allocation %u: ", nth);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	exit(1);
}

/* The first line of a file. */
static void line_read(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "r");

	if (!file || !fgets(line, size, file))
		die(path);
	fclose(file);
	line[strcspn(line, "\n")] = 0;
}

static int number_read(const char *path)
{
	char line[32];

	line_read(path, line, sizeof(line));
	return atoi(line);
}

static void fail_set(unsigned int value)
{
	FILE *file = fopen(MODULE "parameters/fail_nth", "w");

	if (!file || fprintf(file, "%u", value) < 0 || fclose(file))
		die("fail_nth");
}

static struct answer dump(void)
{
	struct procdump_dump req = {
		.size = sizeof(req), .pid = option.pid, .mode = option.mode,
		.compression = option.compression, .flags = option.flags,
		.limit = option.limit, .fd = out,
	};
	struct answer answer = { };

	if (ioctl(device, PROCDUMP_IOC_DUMP, &req))
		answer.error = errno;
	answer.threads = req.out_threads;
	answer.segments = req.out_segments;
	answer.missing = req.out_pages_missing;
	answer.length = req.out_bytes_file;
	return answer;
}

static struct answer dump_kernel(void)
{
	struct procdump_kernel req = {
		.size = sizeof(req), .compression = option.compression,
		.flags = option.flags, .limit = option.limit, .fd = out,
	};
	struct answer answer = { };

	if (ioctl(device, PROCDUMP_IOC_KERNEL, &req))
		answer.error = errno;
	answer.length = req.out_bytes_file;
	return answer;
}

/*
 * What /proc says of a thread, appended to a text that is malloc()ed; but for its
 * memory, with which the kernel does as it likes.
 */
static void status_append(char **text, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512], *longer;

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "Vm", 2) || !strncmp(line, "Rss", 3))
			continue;
		if (asprintf(&longer, "%s%s", *text ? *text : "", line) < 0)
			die(path);
		free(*text);
		*text = longer;
	}
	fclose(file);
}

/* Of all threads. */
static char *status_read(void)
{
	char path[PATH_MAX], *text = NULL;
	pid_t *tids;
	size_t count;

	tids = tasks_list(option.pid, &count);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/%lld/task/%d/status",
			 option.pid, tids[i]);
		status_append(&text, path);
	}
	free(tids);
	return text;
}

static void status_compare(const char *before)
{
	char *now = status_read();
	size_t same = 0;

	if (strcmp(now, before)) {
		while (now[same] == before[same])
			same++;
		while (same && now[same - 1] != '\n')
			same--;
		wrong("status was %.40s and is %.40s", before + same, now + same);
	}
	free(now);
}

static unsigned int active(void)
{
	struct procdump_info info = { .size = sizeof(info) };

	if (ioctl(device, PROCDUMP_IOC_INFO, &info))
		die("PROCDUMP_IOC_INFO");
	return info.out_active;
}

static bool at_rest(void)
{
	return !active() && number_read(MODULE "refcnt") == 1 &&
	       number_read(MODULE "parameters/held") == 0;
}

/* What ends by itself may take its time, but not for ever. */
static void rest(void)
{
	const char *slow = getenv("VM_SLOW");
	double end = now() + TARGET_DEADLINE * (slow ? atoi(slow) : 1);

	while (!at_rest()) {
		if (now() > end)
			wrong("%u dumps are active, %d allocations held, the module has %d users",
			      active(), number_read(MODULE "parameters/held"),
			      number_read(MODULE "refcnt"));
		nap_ms(1);
	}
}

static bool has_end_mark(unsigned long long length)
{
	static const char mark[] = "\x03\x00\x44\x50PROCDUMP";
	char tail[4096];
	ssize_t got = pread(in, tail, sizeof(tail),
			    length > sizeof(tail) ? length - sizeof(tail) : 0);

	return got > 0 && memmem(tail, got, mark, sizeof(mark) - 1);
}

static void keep(unsigned int number)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "cp %s %s%u", option.out, option.keep, number);
	if (system(command))
		die(command);
}

static const char old[] = "what was there before";

static void out_reset(void)
{
	if (out < 0)
		return;
	if (ftruncate(out, 0) ||
	    (!option.direct && pwrite(out, old, sizeof(old), 0) < 0))
		die(option.out);
}

static bool untouched(void)
{
	char now[sizeof(old) + 1];

	return pread(in, now, sizeof(now), 0) == sizeof(old) && !memcmp(now, old, sizeof(old));
}

static void answer_check(const struct answer *got, const struct answer *plain)
{
	struct stat st = { };

	if (out >= 0 && fstat(out, &st))
		die("fstat");
	if (got->error == ENOMEM) {
		if (st.st_size && !untouched())
			wrong("ENOMEM left %lld bytes", (long long)st.st_size);
		return;
	}
	if (got->error)
		wrong("%s", strerror(got->error));
	if (out >= 0 && (unsigned long long)st.st_size != got->length)
		wrong("%lld bytes instead of %llu", (long long)st.st_size, got->length);
	if (got->threads != plain->threads || got->segments != plain->segments ||
	    got->missing != plain->missing)
		wrong("%u threads, %u segments, %llu pages missing instead of %u, %u, %llu",
		      got->threads, got->segments, got->missing,
		      plain->threads, plain->segments, plain->missing);
	if (!kernel && !option.compression && !has_end_mark(got->length))
		wrong("a core without its end");
}

static void place_count(bool survived)
{
	struct place *place = places;
	char name[128];

	line_read(MODULE "parameters/failed_at", name, sizeof(name));
	*strchrnul(name, ' ') = 0;
	while (place->faults && strcmp(place->name, name))
		place++;
	if (place == places + 127)
		wrong("too many places");
	memcpy(place->name, name, sizeof(name));
	place->faults++;
	place->survived += survived;
}

static void argument(char *arg)
{
	char *value = strchr(arg, '=');

	if (!value)
		exit(2);
	*value++ = 0;
	for (int i = 0; numbers[i].name; i++)
		if (!strcmp(numbers[i].name, arg))
			*numbers[i].value = strtoll(value, NULL, 0);
	if (!strcmp(arg, "out"))
		option.out = value;
	if (!strcmp(arg, "keep"))
		option.keep = value;
}

static struct answer request(void)
{
	out_reset();
	return kernel ? dump_kernel() : dump();
}

int main(int argc, char **argv)
{
	unsigned int faults = 0, survived = 0;
	struct answer plain, got;
	char *before = NULL;

	if (argc < 2)
		return 2;
	kernel = !strcmp(argv[1], "kernel");
	for (int i = 2; i < argc; i++)
		argument(argv[i]);
	device = open(PROCDUMP_DEVICE, O_RDWR);
	if (device < 0)
		die(PROCDUMP_DEVICE);
	if (option.out) {
		out = open(option.out, O_WRONLY | O_CREAT | (option.direct ? O_DIRECT : 0), 0600);
		in = open(option.out, O_RDONLY);
		if (out < 0 || in < 0)
			die(option.out);
	}
	plain = request();
	answer_check(&plain, &plain);
	rest();
	if (plain.error)
		wrong("%s without a fault", strerror(plain.error));
	if (option.pid)
		before = status_read();
	for (nth = 1; ; nth++) {
		fail_set(nth);
		got = request();
		if (number_read(MODULE "parameters/fail_nth"))
			break;
		answer_check(&got, &plain);
		place_count(!got.error);
		rest();
		if (before)
			status_compare(before);
		faults++;
		if (!got.error && option.keep && !kernel)
			keep(survived);
		survived += !got.error;
	}
	fail_set(0);
	answer_check(&got, &plain);
	if (got.error)
		wrong("%s after the last fault", strerror(got.error));
	printf("%u %u\n", faults, survived);
	for (int i = 0; places[i].faults; i++)
		printf("%s %u %u\n", places[i].name, places[i].faults, places[i].survived);
	return 0;
}
