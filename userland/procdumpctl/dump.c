// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb dump: a core of each process that was named, one after another.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "dump.h"
#include "json.h"
#include "procdumpctl.h"
#include "worker.h"

/**
 * struct dump - one run of the command
 * @options: its command line
 * @dev: the device
 * @targets: as @options->pids
 * @results: array of JSON objects, one for each target that was tried
 */
struct dump {
	struct dump_options options;
	int dev;
	struct target *targets;
	struct json_object *results;
};

static bool to_stdout(const struct dump_options *options)
{
	return options->file && !strcmp(options->file, "-");
}

static const char *suffix_of(const struct dump_options *options)
{
	switch (options->request.compression) {
	case PROCDUMP_COMPRESSION_GZIP:
		return ".gz";
	case PROCDUMP_COMPRESSION_ZSTD:
		return ".zst";
	default:
		return "";
	}
}

static int open_output(const struct dump_options *options,
		       const struct output_name *name, struct output *output)
{
	if (!options->file)
		return output_open_directory(output, options->directory, name);
	if (to_stdout(options))
		return output_open_stdout(output);
	return output_open_file(output, options->file, name->pid,
				options->force);
}

static void say_free_space(const struct output *output,
			   const struct procdump_dump *req)
{
	char free[TEXT_SIZE], written[TEXT_SIZE];
	struct statvfs fs;

	if (output->dir < 0 || fstatvfs(output->fd, &fs))
		return;
	warnx("%s: %s were written before space ran out; %s are free now",
	      output->path, text_size(written, req->out_bytes_written),
	      text_size(free, (__u64)fs.f_bavail * fs.f_frsize));
}

/* An option that the driver, which is older than we are, does not know. */
static const char *unknown_option(int dev, __u64 flags)
{
	static const struct {
		__u64 flag;
		const char *name;
	} options[] = {
		{ PROCDUMP_DUMP_TRIM, "--limit" },
		{ PROCDUMP_DUMP_MINI, "--mini" },
		{ PROCDUMP_DUMP_DROP, "--drop" },
		{ PROCDUMP_DUMP_FALLBACK, "--fallback" },
	};
	struct procdump_info info = PROCDUMP_INFO_INIT;
	size_t i;

	if (procdump_info(dev, &info))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (flags & options[i].flag & ~info.out_flags)
			return options[i].name;
	return NULL;
}

static int say_failure(int dev, const struct target *target,
		       struct worker_end end, const struct procdump_dump *req,
		       const struct output *output)
{
	const char *option;
	char what[32];
	int ret;

	if (end.stage != WORKER_DUMP) {
		errno = end.err;
		warn("%s: %s", output->path,
		     end.stage == WORKER_SYNC ? "cannot write to the disk" :
						"cannot start a dump");
		return EXIT_FAILED;
	}
	option = end.err == EINVAL ? unknown_option(dev, req->flags) : NULL;
	if (option) {
		warnx("the driver does not know %s; load the one of this version",
		      option);
		return EXIT_UNABLE;
	}
	snprintf(what, sizeof(what), "process %d", (int)target->pid);
	ret = message_failure(end.err, what, req);
	if (end.err == ENOSPC || end.err == EDQUOT)
		say_free_space(output, req);
	return ret;
}

static int finish(const struct dump *dump, const struct target *target,
		  const struct procdump_dump *req, struct output *output,
		  const struct output_name *name)
{
	int ret;

	ret = output_publish(output, dump->options.force, name);
	if (ret)
		return ret;
	if (!dump->options.json && !to_stdout(&dump->options)) {
		printf("%s\n", output->path);
		fflush(stdout);
	}
	/* The object takes the place of the words that would be before it. */
	if (!dump->options.json || !to_stdout(&dump->options))
		report_done(&dump->options, target, req, output);
	return req->out_pages_missing ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int dump_to(const struct dump *dump, struct target *target,
		   struct procdump_dump *req, struct output *output,
		   const struct output_name *name)
{
	bool progress = !dump->options.quiet && isatty(STDERR_FILENO);
	struct worker_end end;

	req->pid = target->pid;
	req->start_time = target->start_time;
	req->fd = output->fd;
	end = worker_dump(dump->dev, req, progress);
	if (!end.signal)
		end.signal = signals_pending();
	if (end.signal) {
		warnx("process %d: dump given up: %s", (int)target->pid,
		      strsignal(end.signal));
		return EXIT_SIGNAL + end.signal;
	}
	if (!end.err)
		return finish(dump, target, req, output, name);
	target->err = end.err;
	return say_failure(dump->dev, target, end, req, output);
}

static int dump_one(const struct dump *dump, struct target *target)
{
	struct procdump_dump req = dump->options.request;
	struct output_name name = {
		.comm = target->file_comm,
		.pid = target->tgid,
		.suffix = suffix_of(&dump->options),
	};
	struct output output = { .fd = -1, .dir = -1 };
	int ret;

	if (target->err)
		ret = target_missing(target);
	else
		ret = open_output(&dump->options, &name, &output);
	if (!ret)
		ret = dump_to(dump, target, &req, &output, &name);
	output_close(&output);
	if (dump->options.json)
		json_object_array_add(dump->results,
				      report_json(target, &req, output.path,
						  ret));
	return ret;
}

/* All are looked up before the first is dumped, which may take long. */
static void identify(struct dump *dump)
{
	size_t i;

	dump->targets = calloc(dump->options.count, sizeof(*dump->targets));
	if (!dump->targets)
		err(EXIT_FAILED, "targets");
	for (i = 0; i < dump->options.count; i++)
		target_identify(&dump->targets[i], dump->options.pids[i]);
}

static int dump_all(struct dump *dump)
{
	int first = EXIT_DONE, ret = EXIT_DONE;
	size_t i;

	identify(dump);
	for (i = 0; i < dump->options.count && ret < EXIT_SIGNAL; i++) {
		ret = dump_one(dump, &dump->targets[i]);
		if (!first || ret > EXIT_SIGNAL)
			first = ret;
	}
	if (dump->options.json)
		json_print_results(json_object_get(dump->results), "dumps",
				   dump->options.count,
				   to_stdout(&dump->options) ? stderr : stdout);
	free(dump->targets);
	return first;
}

int verb_dump(int argc, char **argv)
{
	struct dump dump;
	int ret;

	ret = dump_options_parse(&dump.options, argc, argv);
	if (ret >= 0)
		goto free_options;
	ret = open_device(&dump.dev);
	if (ret)
		goto free_options;
	dump.results = json_object_new_array();
	signals_block();
	ret = dump_all(&dump);
	json_object_put(dump.results);
	procdump_close(dump.dev);
free_options:
	free(dump.options.pids);
	return ret;
}
