// SPDX-License-Identifier: GPL-2.0-only
/*
 * procdumpctl -L: a minidump of the running kernel, kept as savecore(8) keeps
 * its own: livecore.N, info.N, the next N in bounds, livecore.last.
 *
 * The lock on bounds is held from the choice of N to the end, so that two
 * cannot choose the same. A set is replaced by renaming, when the new one is
 * complete and on the disk. A signal ends the program and with it the dump;
 * what was written until then has no name and goes too.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "procdumpctl.h"

enum { OPTION_MAX_DUMPS = 256, OPTION_STRICT, OPTION_STACKS };

static const struct option longs[] = {
	{ "gzip", no_argument, NULL, 'z' },
	{ "zstd", no_argument, NULL, 'Z' },
	{ "max-dumps", required_argument, NULL, OPTION_MAX_DUMPS },
	{ "strict", no_argument, NULL, OPTION_STRICT },
	{ "stacks", no_argument, NULL, OPTION_STACKS },
	{ "wait", no_argument, NULL, 'w' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{}
};

static const char *const suffixes[] = { "", ".gz", ".zst" };

/**
 * struct save - one run of the command
 * @directory: where the set goes
 * @dir: the same, open
 * @bounds: the file of that name, open and locked
 * @number: of the set
 * @max: numbers below this are used, then 0 again; 0 for no limit
 */
struct save {
	const char *directory;
	int dir;
	int bounds;
	__u64 number;
	__u64 max;
	bool quiet;
	struct procdump_kernel req;
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
	    (save->req.compression || save->max || optind < argc))
		return usage_wrong("--stacks writes text to standard output only");
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

static int lock_bounds(struct save *save)
{
	char text[32] = "";
	ssize_t len;

	save->dir = open(save->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (save->dir < 0)
		return failed(save, "cannot open the directory");
	save->bounds = openat(save->dir, "bounds",
			      O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (save->bounds < 0)
		return failed(save, "cannot open bounds");
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
	if (save->max && save->number >= save->max)
		save->number = 0;
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

/**
 * kernel_refused() - say why there is no dump of the kernel
 * @error: errno of the ioctl
 *
 * Return: exit code.
 */
int kernel_refused(int error)
{
	struct procdump_dump none = PROCDUMP_DUMP_INIT;
	char reason[160];

	if (error == EPERM) {
		warnx("the kernel: CAP_SYS_ADMIN and CAP_SYS_RAWIO are needed, and no lockdown");
		return EXIT_NOT_PERMITTED;
	}
	if (error == EAGAIN) {
		warnx("the kernel: not all could be copied while it stood still; %s",
		      "go without --strict, or raise freeze_ms or freeze_mib");
		return EXIT_FAILED;
	}
	procdump_explain(error, &none, reason, sizeof(reason));
	warnx("the kernel: %s", reason);
	return message_exit_code(error);
}

/* What is certain to be too little is refused before the kernel is stopped. */
static int check_space(const struct save *save, int dev)
{
	struct procdump_kernel estimate = {
		.size = sizeof(estimate),
		.fd = -1,
		.flags = PROCDUMP_KERNEL_ESTIMATE |
			 (save->req.flags & PROCDUMP_KERNEL_WAIT),
	};
	char need[TEXT_SIZE], room[TEXT_SIZE];
	struct statvfs fs;
	__u64 least, free;

	if (procdump_kernel(dev, &estimate))
		return kernel_refused(errno);
	if (fstatvfs(save->dir, &fs))
		return failed(save, "cannot ask for free space");
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

static void print_pages(FILE *file, const struct procdump_kernel *req)
{
	fprintf(file, "pages: %llu\npages_frozen: %llu\npages_missing: %llu\n",
		req->out_pages, req->out_pages_frozen, req->out_pages_missing);
	fprintf(file, "pages_reserved: %llu\npages_slab: %llu\n",
		req->out_pages_reserved, req->out_pages_slab);
	fprintf(file, "pages_table: %llu\npages_other: %llu\n",
		req->out_pages_table, req->out_pages_other);
	fprintf(file, "left_out_vmemmap: %llu\nleft_out_user: %llu\nleft_out_cache: %llu\n",
		req->out_pages_vmemmap, req->out_pages_user,
		req->out_pages_cache);
	fprintf(file, "left_out_free: %llu\nleft_out_offline: %llu\nleft_out_poison: %llu\n",
		req->out_pages_free, req->out_pages_offline,
		req->out_pages_poison);
}

static void print_info(FILE *file, const struct save *save)
{
	const struct procdump_kernel *req = &save->req;
	struct utsname name;
	char when[32] = "";
	time_t now = time(NULL);
	unsigned int cpu;

	uname(&name);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	fprintf(file, "Live dump of the kernel, number %llu\n", save->number);
	fprintf(file, "time: %s\nhost: %s\nrelease: %s\nversion: %s\n", when,
		name.nodename, name.release, name.version);
	fprintf(file, "compression: %s\nconsistency: %s\n",
		procdump_compression_name(req->compression),
		procdump_consistency_name(req->out_consistency));
	fprintf(file, "bytes: %llu\nbytes_raw: %llu\n", req->out_bytes_file,
		req->out_bytes_raw);
	fprintf(file, "cpus: %u\ncpus_stopped: %u\ncpus_nmi: %u\n",
		req->out_cpus, req->out_cpus_stopped, req->out_cpus_nmi);
	fprintf(file, "cpus_missing:");
	for (cpu = 0; cpu < PROCDUMP_KERNEL_CPUS; cpu++)
		if (req->out_cpus_missing[cpu / 64] >> cpu % 64 & 1)
			fprintf(file, " %u", cpu);
	fprintf(file, "\nfreeze_ns: %llu\ntotal_ns: %llu\n",
		req->out_freeze_ns, req->out_total_ns);
	print_pages(file, req);
}

static int put_info(const struct save *save)
{
	char name[64];
	FILE *file;
	int fd, bad;

	fd = openat(save->dir, ".info.tmp", O_CREAT | O_TRUNC | O_NOFOLLOW |
		    O_WRONLY | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return failed(save, "cannot create the info file");
	print_info(file, save);
	bad = fflush(file) || fsync(fd);
	bad |= fclose(file);
	snprintf(name, sizeof(name), "info.%llu", save->number);
	if (bad || renameat(save->dir, ".info.tmp", save->dir, name))
		return failed(save, "cannot write the info file");
	return EXIT_DONE;
}

/* The set of this number that was here before may be compressed otherwise. */
static void remove_old(const struct save *save)
{
	char name[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (i == save->req.compression)
			continue;
		snprintf(name, sizeof(name), "livecore.%llu%s", save->number,
			 suffixes[i]);
		unlinkat(save->dir, name, 0);
	}
}

static int put_last(const struct save *save, const char *name)
{
	unlinkat(save->dir, ".livecore.tmp", 0);
	if (symlinkat(name, save->dir, ".livecore.tmp") ||
	    renameat(save->dir, ".livecore.tmp", save->dir, "livecore.last") ||
	    fsync(save->dir))
		return failed(save, "cannot make livecore.last");
	return EXIT_DONE;
}

static int keep(struct save *save, struct output *output)
{
	int ret;

	if (fsync(output->fd))
		return failed(save, "cannot write to the disk");
	ret = output_publish(output, true, NULL);
	if (!ret)
		ret = put_info(save);
	if (!ret)
		ret = write_bounds(save);
	if (ret)
		return ret;
	remove_old(save);
	return put_last(save, output->name);
}

static void report(const struct save *save, const struct output *output)
{
	const struct procdump_kernel *req = &save->req;
	char size[TEXT_SIZE];

	printf("%s\n", output->path);
	if (save->quiet)
		return;
	warnx("%s: %s, %s; %u of %u CPUs stood still for %.1f ms",
	      output->path, text_size(size, req->out_bytes_file),
	      procdump_consistency_name(req->out_consistency),
	      req->out_cpus_stopped, req->out_cpus,
	      (double)req->out_freeze_ns / 1e6);
}

static int dump(struct save *save, int dev)
{
	struct output output = { .fd = -1, .dir = -1 };
	char path[PATH_MAX];
	int ret, len;

	len = snprintf(path, sizeof(path), "%s/livecore.%llu%s",
		       save->directory, save->number,
		       suffixes[save->req.compression]);
	if (len >= (int)sizeof(path))
		return usage_wrong("%s: too long", save->directory);
	ret = output_open_file(&output, path, getpid(), true);
	if (!ret) {
		save->req.fd = output.fd;
		ret = procdump_kernel(dev, &save->req) ?
			kernel_refused(errno) : keep(save, &output);
	}
	if (!ret) {
		report(save, &output);
		if (save->req.out_pages_missing)
			ret = EXIT_INCOMPLETE;
	}
	output_close(&output);
	return ret;
}

int verb_kernel(int argc, char **argv)
{
	struct save save = {
		.dir = -1,
		.bounds = -1,
		.req = { .size = sizeof(save.req), .fd = -1 },
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
	if (!ret)
		ret = dump(&save, dev);
	if (save.bounds >= 0)
		close(save.bounds);
	if (save.dir >= 0)
		close(save.dir);
	procdump_close(dev);
	return ret;
}
