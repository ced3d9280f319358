// SPDX-License-Identifier: GPL-2.0-only
/*
 * procdumpctl: take and read ELF cores of running processes. This file finds
 * the verb; each verb has a file of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "procdumpctl.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *description;
} verbs[] = {
	{ "dump", verb_dump, "[dump] -p PID... [options] [DIRECTORY | -o FILE]",
	  "write a core of each process; the verb may be left out" },
	{ "-L", verb_kernel, "-L [-z | -Z] [-wq] [--json] [--max-dumps N] [--strict] [DIRECTORY]",
	  "write a minidump of the running kernel" },
	{ "-L", verb_kernel, "-L --stacks [-w] [--strict]",
	  "say what CPUs and blocked tasks of the kernel do, who waits for whom" },
	{ "info", verb_info, "info [--json] FILE",
	  "say what is in a core, and whether it is complete" },
	{ "list", verb_list, "list [--json] [DIRECTORY]",
	  "say which cores are in a directory, and whether they are complete" },
	{ "stacks", verb_stacks, "stacks [--json] [-w] -p PID...",
	  "say what each thread does in the kernel; no memory is read" },
	{ "status", verb_status, "status [--json]",
	  "say what the driver can do on this kernel" },
};

static const char options[] =
	"Options of dump:\n"
	"  -p, --pid PID         dump this process; may be given more than once\n"
	"  -z, --gzip            compress with gzip\n"
	"  -Z, --zstd            compress with zstd\n"
	"  -o, --output FILE     write to FILE; - is standard output\n"
	"  -f, --force           let FILE be replaced if it exists\n"
	"  -M, --mode MODE       auto, snapshot, stop, live or threads\n"
	"      --max-pause MS    fail rather than hold the process for longer\n"
	"      --drop            leave nothing of the core in the page cache\n"
	"      --fallback        rather than fail, go on while the process runs\n"
	"      --limit SIZE      leave memory out to write no more; K, M, G, T allowed\n"
	"      --mini            a small core, for backtraces\n"
	"  -a, --all             dump all memory, whatever the process excludes\n"
	"      --filter MASK     memory to dump, as coredump_filter in core(5)\n"
	"  -w, --wait            wait while other dumps are in progress\n"
	"  -q, --quiet           print no summary and no progress\n"
	"  -v, --verbose         print a report of each dump\n"
	"Options of all commands:\n"
	"      --json            print one JSON object\n"
	"  -h, --help            print this\n"
	"  -V, --version         print the version\n";

int usage_help(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("%s procdumpctl %s\n\t%s\n",
		       i ? "      " : "Usage:", verbs[i].usage,
		       verbs[i].description);
	printf("%sSee procdumpctl(8) for more.\n", options);
	return EXIT_DONE;
}

int usage_version(void)
{
	printf("procdumpctl %s\n", PROCDUMP_VERSION);
	return EXIT_DONE;
}

/**
 * usage_try() - name the help, after a line about what is wrong
 *
 * Return: EXIT_USAGE.
 */
int usage_try(void)
{
	fprintf(stderr, "try procdumpctl --help\n");
	return EXIT_USAGE;
}

/* -L may come behind other options that have no value. */
static bool asks_for_kernel(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (argv[i][1] == '-' || argv[i][1 + strspn(argv[i] + 1, "LzZwq")])
			return false;
		if (strchr(argv[i], 'L'))
			return true;
	}
	return false;
}

static int run_verb(int argc, char **argv)
{
	size_t i;

	if (argc < 2)
		return usage_wrong("no process to dump: name one with -p PID");
	if (asks_for_kernel(argc, argv))
		return verb_kernel(argc, argv);
	if (argv[1][0] == '-')
		return verb_dump(argc, argv);
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i].name, argv[1])) {
			argv[1] = argv[0];
			return verbs[i].run(argc - 1, argv + 1);
		}
	}
	return usage_wrong("%s: no such command", argv[1]);
}

/*
 * A file that is opened while descriptors 0 to 2 are free would get one of
 * them, and messages would end in a core. Those are opened the wrong way
 * round, so that a use of them is still an error.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			exit(EXIT_FAILED);
}

int main(int argc, char **argv)
{
	int ret;

	fill_standard_descriptors();
	argv[0] = program_invocation_short_name;
	ret = run_verb(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		if (ret == EXIT_DONE)
			ret = EXIT_FAILED;
	}
	return ret;
}
