// SPDX-License-Identifier: GPL-2.0-only
/*
 * procdumpctl -L: a minidump of the running kernel, kept as savecore(8) keeps
 * its own: livecore.N, info.N, the next N in bounds, livecore.last.
 *
 * The lock on bounds is held from the choice of N to the end, so that two
 * cannot choose the same. Everything is complete and on the disk before the
 * first file of a set gets its name: the dump, what is in info.N, and the N
 * that is next. With --max-dumps a set is replaced by renaming; else N is one
 * that no file has. Of what was there before only bounds is opened, whoever put
 * it there. A signal ends the dump, and leaves nothing: see worker.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "json.h"
#include "kernel.h"
#include "output.h"
#include "procdumpctl.h"
#include "worker.h"

enum { OPTION_MAX_DUMPS = 256, OPTION_STRICT, OPTION_STACKS, OPTION_JSON };

static const struct option longs[] = {
	{ "gzip", no_argument, NULL, 'z' },
	{ "zstd", no_argument, NULL, 'Z' },
	{ "max-dumps", required_argument, NULL, OPTION_MAX_DUMPS },
	{ "strict", no_argument, NULL, OPTION_STRICT },
	{ "stacks", no_argument, NULL, OPTION_STACKS },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "wait", no_argument, NULL, 'w' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{}
};

#define NAME_SIZE 64

static const char *const suffixes[] = { "", ".gz", ".zst" };

/**
 * struct save - one run of the command
 * @directory: where the set goes
 * @dir: the same, open
 * @bounds: the file of that name, open and locked
 * @number: of the set
 * @max: numbers below this are used, then 0 again; 0 for no limit
 * @req: the request and its answer
 * @err: errno of the request
 * @path: the dump, once it has its name
 */
struct save {
	const char *directory;
	int dir;
	int bounds;
	__u64 number;
	__u64 max;
	bool quiet;
	bool json;
	struct procdump_kernel req;
	int err;
	char path[PATH_MAX];
};

/* Return: -1, or the exit code. */
static int parse(struct save *save, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "LzZwqhV", longs, NULL)) != -1) {
		__u32 format = c == 'z' ? PROCDUMP_COMPRESSION_GZIP :
					  PROCDUMP_COMPRESSION_ZSTD;

		if (c == 'z' || c == 'Z') {
			if (save->req.compression &&
			    save->req.compression != format)
				return usage_wrong("give -z or -Z, not both");
			save->req.compression = format;
		} else if (c == OPTION_MAX_DUMPS) {
			if (text_number(optarg, 10, 1000000, &save->max) ||
			    !save->max)
				return usage_wrong("%s: --max-dumps needs a number above 0",
						   optarg);
		} else if (c == OPTION_STRICT) {
			save->req.flags |= PROCDUMP_KERNEL_STRICT;
		} else if (c == OPTION_STACKS) {
			save->req.flags |= PROCDUMP_KERNEL_STACKS;
		} else if (c == OPTION_JSON) {
			save->json = true;
		} else if (c == 'w') {
			save->req.flags |= PROCDUMP_KERNEL_WAIT;
		} else if (c == 'q') {
			save->quiet = true;
		} else if (c == 'h') {
			return usage_help();
		} else if (c == 'V') {
			return usage_version();
		} else if (c != 'L') {
			return usage_try();
		}
	}
	if (save->req.flags & PROCDUMP_KERNEL_STACKS &&
	    (save->req.compression || save->max || save->json || save->quiet ||
	     optind < argc))
		return usage_wrong("--stacks writes text: leave out all but -w and --strict");
	save->directory = optind < argc ? argv[optind++] : ".";
	if (optind < argc)
		return usage_wrong("%s: give one directory only", argv[optind]);
	return -1;
}

static int failed(const struct save *save, const char *what)
{
	warn("%s: %s", save->directory, what);
	return EXIT_FAILED;
}

/* Names of a set; @format is PROCDUMP_COMPRESSION_*. */
static void core_name(const struct save *save, size_t format,
		      char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "livecore.%llu%s", save->number,
		 suffixes[format]);
}

static void info_name(const struct save *save, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "info.%llu", save->number);
}

static bool exists(const struct save *save, const char *name)
{
	struct stat st;

	return !fstatat(save->dir, name, &st, AT_SYMLINK_NOFOLLOW) ||
	       errno != ENOENT;
}

static bool number_is_used(const struct save *save)
{
	char name[NAME_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		core_name(save, i, name);
		if (exists(save, name))
			return true;
	}
	info_name(save, name);
	return exists(save, name);
}

static void choose_number(struct save *save)
{
	if (save->max && save->number >= save->max)
		save->number = 0;
	while (!save->max && number_is_used(save))
		save->number++;
}

static int lock_bounds(struct save *save)
{
	char text[32] = "";
	struct stat st;
	ssize_t len;

	save->dir = open(save->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (save->dir < 0)
		return failed(save, "cannot open the directory");
	save->bounds = openat(save->dir, "bounds",
			      O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (save->bounds < 0 || fstat(save->bounds, &st))
		return failed(save, "cannot open bounds");
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		warnx("%s/bounds: not a file of its own; remove it",
		      save->directory);
		return EXIT_FAILED;
	}
	if (flock(save->bounds, LOCK_EX))
		return failed(save, "cannot lock bounds");
	len = pread(save->bounds, text, sizeof(text) - 1, 0);
	if (len < 0)
		return failed(save, "cannot read bounds");
	text[strcspn(text, "\n")] = '\0';
	if (*text && text_number(text, 10, 1000000000, &save->number)) {
		warnx("%s/bounds: not a number; remove it", save->directory);
		return EXIT_FAILED;
	}
	choose_number(save);
	return EXIT_DONE;
}

static int write_bounds(struct save *save)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%llu\n", save->number + 1);

	if (pwrite(save->bounds, text, (size_t)len, 0) != len ||
	    ftruncate(save->bounds, len) || fsync(save->bounds))
		return failed(save, "cannot write bounds");
	return EXIT_DONE;
}

/* What is certain to be too little is refused before the kernel is stopped. */
static int check_space(struct save *save, int dev)
{
	struct procdump_kernel estimate = PROCDUMP_KERNEL_INIT;
	char need[TEXT_SIZE], room[TEXT_SIZE];
	struct statvfs fs;
	__u64 least, free;

	estimate.flags = PROCDUMP_KERNEL_ESTIMATE |
			 (save->req.flags & PROCDUMP_KERNEL_WAIT);
	if (procdump_kernel(dev, &estimate)) {
		save->err = errno;
		return kernel_refused(save->err);
	}
	if (fstatvfs(save->dir, &fs))
		return failed(save, "cannot ask for free space");
	/* Some have no limit, and say so. */
	if (!fs.f_blocks)
		return EXIT_DONE;
	free = (__u64)fs.f_bavail * fs.f_frsize;
	least = estimate.out_bytes_raw;
	if (save->req.compression)
		least /= 4;
	if (free >= least)
		return EXIT_DONE;
	warnx("%s: about %s are needed, %s are free; compress with -Z, or write elsewhere",
	      save->directory, text_size(need, least), text_size(room, free));
	return EXIT_FAILED;
}

static int write_info(const struct save *save, const struct output *info)
{
	int fd = fcntl(info->fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int bad;

	if (!file)
		return failed(save, "cannot write the info file");
	kernel_print_info(file, &save->req, save->number);
	bad = fflush(file) || ferror(file) || fsync(fd);
	bad |= fclose(file);
	return bad ? failed(save, "cannot write the info file") : EXIT_DONE;
}

/* The set of this number that was here before may be compressed otherwise. */
static void remove_old(const struct save *save)
{
	char name[NAME_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (i == save->req.compression)
			continue;
		core_name(save, i, name);
		unlinkat(save->dir, name, 0);
	}
}

static int put_last(const struct save *save, const char *name)
{
	char temp[64];

	snprintf(temp, sizeof(temp), ".livecore.%d.tmp", (int)getpid());
	unlinkat(save->dir, temp, 0);
	if (!symlinkat(name, save->dir, temp) &&
	    !renameat(save->dir, temp, save->dir, "livecore.last") &&
	    !fsync(save->dir))
		return EXIT_DONE;
	failed(save, "cannot make livecore.last");
	unlinkat(save->dir, temp, 0);
	return EXIT_FAILED;
}

static int keep(struct save *save, struct output *core, struct output *info)
{
	bool replace = save->max;
	int ret;

	ret = write_info(save, info);
	if (!ret)
		ret = write_bounds(save);
	if (!ret)
		ret = output_publish(core, replace, NULL);
	if (ret)
		return ret;
	ret = output_publish(info, replace, NULL);
	/* The old set is gone if there was one, so the dump stays. */
	if (ret && !replace)
		unlinkat(save->dir, core->name, 0);
	return ret;
}

static void report(struct save *save, const struct output *output)
{
	const struct procdump_kernel *req = &save->req;
	char size[TEXT_SIZE];

	memcpy(save->path, output->path, sizeof(save->path));
	if (!save->json)
		printf("%s\n", output->path);
	if (save->quiet)
		return;
	warnx("%s: %s, %s; %u of %u CPUs stood still for %.1f ms",
	      output->path, text_size(size, req->out_bytes_file),
	      procdump_consistency_name(req->out_consistency),
	      req->out_cpus_stopped, req->out_cpus,
	      (double)req->out_freeze_ns / 1e6);
}

static void report_json(const struct save *save, int code)
{
	struct json_object *object = json_object_new_object();

	json_add_string(object, "version", PROCDUMP_VERSION);
	json_add_int(object, "exit_code", code);
	if (*save->path)
		json_add_path(object, save->path);
	if (save->err) {
		json_add_string(object, "error", kernel_reason(save->err));
		json_add_int(object, "errno", save->err);
	}
	kernel_add_answer(object, &save->req);
	json_print(object, stdout);
}

static int say_failure(struct save *save, struct worker_end end)
{
	if (end.signal) {
		warnx("the kernel: dump given up: %s", strsignal(end.signal));
		return EXIT_SIGNAL + end.signal;
	}
	if (end.stage == WORKER_DUMP) {
		save->err = end.err;
		return kernel_refused(end.err);
	}
	errno = end.err;
	return failed(save, end.stage == WORKER_SYNC ?
				    "cannot write to the disk" :
				    "cannot start a dump");
}

static int dump_to(struct save *save, int dev, struct output *core,
		   struct output *info)
{
	struct worker_end end;
	int ret;

	save->req.fd = core->fd;
	end = worker_kernel(dev, &save->req,
			    !save->quiet && isatty(STDERR_FILENO));
	if (!end.signal)
		end.signal = signals_pending();
	if (end.signal || end.err)
		return say_failure(save, end);
	ret = keep(save, core, info);
	if (ret)
		return ret;
	report(save, core);
	ret = put_last(save, core->name);
	/* Not before livecore.last has another name. */
	if (!ret && save->max)
		remove_old(save);
	if (!save->req.out_pages_missing)
		return ret;
	warnx("%s: %llu pages are missing, which others took meanwhile",
	      core->path, save->req.out_pages_missing);
	return ret ? ret : EXIT_INCOMPLETE;
}

static int dump(struct save *save, int dev)
{
	struct output core = { .fd = -1, .dir = -1 };
	struct output info = { .fd = -1, .dir = -1 };
	char name[NAME_SIZE];
	int ret;

	core_name(save, save->req.compression, name);
	ret = output_open_at(&core, save->dir, save->directory, name);
	info_name(save, name);
	if (!ret)
		ret = output_open_at(&info, save->dir, save->directory, name);
	if (!ret)
		ret = dump_to(save, dev, &core, &info);
	output_close(&info);
	output_close(&core);
	return ret;
}

int verb_kernel(int argc, char **argv)
{
	struct save save = {
		.dir = -1,
		.bounds = -1,
		.req = PROCDUMP_KERNEL_INIT,
	};
	int dev, ret;

	ret = parse(&save, argc, argv);
	if (ret >= 0)
		return ret;
	ret = open_device(&dev);
	if (ret)
		return ret;
	if (save.req.flags & PROCDUMP_KERNEL_STACKS) {
		ret = kernel_stacks(dev, &save.req);
		procdump_close(dev);
		return ret;
	}
	ret = lock_bounds(&save);
	if (!ret)
		ret = check_space(&save, dev);
	if (!ret) {
		signals_block();
		ret = dump(&save, dev);
	}
	if (save.json)
		report_json(&save, ret);
	if (save.bounds >= 0)
		close(save.bounds);
	if (save.dir >= 0)
		close(save.dir);
	procdump_close(dev);
	return ret;
}
