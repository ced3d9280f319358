// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line of the verb dump: options, and which go together.
 */
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "dump.h"
#include "procdumpctl.h"

enum {
	OPTION_DROP = 256,
	OPTION_FALLBACK,
	OPTION_FILTER,
	OPTION_JSON,
	OPTION_LIMIT,
	OPTION_MAX_PAUSE,
	OPTION_MINI
};

static const struct option longs[] = {
	{ "pid", required_argument, NULL, 'p' },
	{ "gzip", no_argument, NULL, 'z' },
	{ "zstd", no_argument, NULL, 'Z' },
	{ "output", required_argument, NULL, 'o' },
	{ "mode", required_argument, NULL, 'M' },
	{ "mini", no_argument, NULL, OPTION_MINI },
	{ "max-pause", required_argument, NULL, OPTION_MAX_PAUSE },
	{ "drop", no_argument, NULL, OPTION_DROP },
	{ "fallback", no_argument, NULL, OPTION_FALLBACK },
	{ "limit", required_argument, NULL, OPTION_LIMIT },
	{ "all", no_argument, NULL, 'a' },
	{ "filter", required_argument, NULL, OPTION_FILTER },
	{ "wait", no_argument, NULL, 'w' },
	{ "force", no_argument, NULL, 'f' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{}
};

/**
 * dump_options_add_pid() - take the argument of -p
 * @options: where it goes
 * @text: the argument
 *
 * Return: -1 to go on, or the exit code.
 */
int dump_options_add_pid(struct dump_options *options, const char *text)
{
	pid_t *pids;
	__u64 pid;

	if (text_number(text, 10, INT_MAX, &pid) || !pid)
		return usage_wrong("%s: -p needs the number of a process",
				   text);
	pids = reallocarray(options->pids, options->count + 1, sizeof(*pids));
	if (!pids)
		err(EXIT_FAILED, "options");
	options->pids = pids;
	pids[options->count++] = (pid_t)pid;
	return -1;
}

static int set_compression(struct procdump_dump *req, __u32 compression)
{
	if (req->compression && req->compression != compression)
		return usage_wrong("give -z or -Z, not both");
	req->compression = compression;
	return -1;
}

static int set_mode(struct procdump_dump *req, const char *text)
{
	static const char modes[] = "auto, snapshot, stop, live or threads";
	int mode = procdump_mode_value(text);

	if (mode < 0)
		return usage_wrong("%s: no such mode: use %s", text, modes);
	req->mode = (__u32)mode;
	return -1;
}

static int set_max_pause(struct procdump_dump *req, const char *text)
{
	if (text_ms(text, &req->max_pause_ns))
		return usage_wrong("%s: --max-pause needs milliseconds", text);
	return -1;
}

static int set_limit(struct procdump_dump *req, const char *text)
{
	if (text_bytes(text, &req->limit))
		return usage_wrong("%s: --limit needs bytes, as 4096 or 2G",
				   text);
	if (req->limit)
		req->flags |= PROCDUMP_DUMP_TRIM;
	return -1;
}

static int set_filter(struct procdump_dump *req, const char *text)
{
	__u64 mask;

	if (text_number(text, 0, UINT32_MAX, &mask))
		return usage_wrong("%s: --filter needs a number, as 0x33",
				   text);
	req->filter = (__u32)mask;
	req->flags |= PROCDUMP_DUMP_FILTER;
	return -1;
}

static int no_kernel_dump(void)
{
	return usage_wrong("-L comes first, with -z -Z -w -q --json --strict --max-dumps --stacks");
}

/* Return: -1 to go on, or the exit code. */
static int take_value(struct dump_options *options, int c)
{
	switch (c) {
	case 'p':
		return dump_options_add_pid(options, optarg);
	case 'z':
		return set_compression(&options->request,
				       PROCDUMP_COMPRESSION_GZIP);
	case 'Z':
		return set_compression(&options->request,
				       PROCDUMP_COMPRESSION_ZSTD);
	case 'M':
		return set_mode(&options->request, optarg);
	case OPTION_MAX_PAUSE:
		return set_max_pause(&options->request, optarg);
	case OPTION_LIMIT:
		return set_limit(&options->request, optarg);
	case OPTION_FILTER:
		return set_filter(&options->request, optarg);
	case 'L':
		return no_kernel_dump();
	case 'h':
		return usage_help();
	case 'V':
		return usage_version();
	default:
		return usage_try();
	}
}

static int take_option(struct dump_options *options, int c)
{
	switch (c) {
	case 'o':
		options->file = optarg;
		break;
	case 'a':
		options->request.flags |= PROCDUMP_DUMP_ALL;
		break;
	case OPTION_DROP:
		options->request.flags |= PROCDUMP_DUMP_DROP;
		break;
	case OPTION_MINI:
		options->request.flags |= PROCDUMP_DUMP_MINI;
		break;
	case OPTION_FALLBACK:
		options->request.flags |= PROCDUMP_DUMP_FALLBACK;
		break;
	case 'w':
		options->request.flags |= PROCDUMP_DUMP_WAIT;
		break;
	case 'f':
		options->force = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case OPTION_JSON:
		options->json = true;
		break;
	default:
		return take_value(options, c);
	}
	return -1;
}

static int check(const struct dump_options *options)
{
	__u64 both = PROCDUMP_DUMP_ALL | PROCDUMP_DUMP_FILTER;

	if (!options->count)
		return usage_wrong("no process to dump: name one with -p PID");
	if (options->file && options->directory)
		return usage_wrong("give a directory or -o FILE, not both");
	if (options->file && options->count > 1)
		return usage_wrong("-o takes one process: give a directory");
	if ((options->request.flags & both) == both)
		return usage_wrong("give -a or --filter, not both");
	if (options->quiet && options->verbose)
		return usage_wrong("give -q or -v, not both");
	return -1;
}

/**
 * dump_options_parse() - read the command line of the verb dump
 * @options: the answer
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * Return: -1, or the exit code with which the program should end.
 */
int dump_options_parse(struct dump_options *options, int argc, char **argv)
{
	static const struct procdump_dump init = PROCDUMP_DUMP_INIT;
	int c, ret;

	*options = (struct dump_options){ .request = init };
	while ((c = getopt_long(argc, argv, "p:zZo:M:awfqvhVL", longs, NULL)) !=
	       -1) {
		ret = take_option(options, c);
		if (ret >= 0)
			return ret;
	}
	if (optind < argc)
		options->directory = argv[optind++];
	if (optind < argc)
		return usage_wrong("%s: give one directory only", argv[optind]);
	ret = check(options);
	if (!options->file && !options->directory)
		options->directory = ".";
	return ret;
}
