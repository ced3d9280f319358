// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb stacks: what each thread of a process is doing in the kernel. A
 * dump in mode threads to a file in memory, read like any other core.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core.h"
#include "dump.h"
#include "json.h"
#include "procdumpctl.h"
#include "worker.h"

static void print_syscall(const struct procdump_note_thread *note)
{
	size_t i;

	if (note->syscall < 0)
		return;
	printf("    system call %lld(", note->syscall);
	for (i = 0; i < ARRAY_SIZE(note->args); i++)
		printf("%s%#llx", i ? ", " : "", note->args[i]);
	printf(")\n");
}

static void print_thread(const struct core_thread *thread)
{
	const struct procdump_note_thread *note = &thread->note;
	char comm[4 * sizeof(note->comm) + 1], state[8];
	char wchan[4 * sizeof(note->wchan) + 1];
	const char *line, *end;

	text_clean(comm, sizeof(comm), note->comm, sizeof(note->comm));
	text_clean(state, sizeof(state), &note->state, 1);
	text_clean(wchan, sizeof(wchan), note->wchan, sizeof(note->wchan));
	printf("  thread %d %s: state %s, caught %s%s%s\n", note->tid, comm,
	       state, procdump_caught_name(note->caught),
	       *wchan ? ", in " : "", wchan);
	print_syscall(note);
	for (line = thread->stack; line && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		printf("    %.*s\n", (int)(end - line), line);
	}
}

static void print_text(const struct core *core, const struct target *target,
		       const struct procdump_dump *req)
{
	size_t i;

	printf("process %d (%s): %u threads, held for %.3f ms\n",
	       (int)target->tgid, target->file_comm, req->out_threads,
	       (double)req->out_pause_ns / 1e6);
	for (i = 0; i < core->thread_count; i++)
		print_thread(&core->threads[i]);
}

static int print_core(const struct target *target,
		      const struct procdump_dump *req, int fd,
		      struct json_object *results)
{
	struct core core;
	char path[32];
	int ret;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = core_read(&core, path, false) ? EXIT_FAILED : EXIT_DONE;
	if (ret)
		warnx("process %d: %s", (int)target->tgid, core.reason);
	else if (results)
		json_object_array_add(results,
				      stacks_json(&core, target, req));
	else
		print_text(&core, target, req);
	core_free(&core);
	return ret;
}

static int stacks_of(int dev, pid_t pid, __u64 flags,
		     struct json_object *results)
{
	struct procdump_dump req = PROCDUMP_DUMP_INIT;
	struct worker_end end;
	struct target target;
	char what[32];
	int ret;

	target_identify(&target, pid);
	if (target.err)
		return target_missing(&target);
	req.pid = pid;
	req.start_time = target.start_time;
	req.mode = PROCDUMP_MODE_THREADS;
	req.flags = flags;
	req.fd = memfd_create("stacks", MFD_CLOEXEC);
	if (req.fd < 0)
		err(EXIT_FAILED, "memory for the stacks");
	end = worker_dump(dev, &req, false);
	if (!end.signal)
		end.signal = signals_pending();
	snprintf(what, sizeof(what), "process %d", (int)pid);
	if (end.signal)
		ret = EXIT_SIGNAL + end.signal;
	else if (end.err)
		ret = message_failure(end.err, what, &req);
	else
		ret = print_core(&target, &req, req.fd, results);
	close(req.fd);
	return ret;
}

static int stacks_all(const struct dump_options *options, int dev)
{
	struct json_object *results = NULL;
	int first = EXIT_DONE, ret = EXIT_DONE;
	size_t i;

	if (options->json)
		results = json_object_new_array();
	signals_block();
	for (i = 0; i < options->count && ret < EXIT_SIGNAL; i++) {
		ret = stacks_of(dev, options->pids[i], options->request.flags,
				results);
		if (!first || ret > EXIT_SIGNAL)
			first = ret;
	}
	if (results)
		json_print_results(results, "processes", options->count,
				   stdout);
	return first;
}

static int parse(struct dump_options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "pid", required_argument, NULL, 'p' },
		{ "wait", no_argument, NULL, 'w' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{}
	};
	int c, ret;

	while ((c = getopt_long(argc, argv, "p:whV", longs, NULL)) != -1) {
		switch (c) {
		case 'p':
			ret = dump_options_add_pid(options, optarg);
			if (ret >= 0)
				return ret;
			break;
		case 'w':
			options->request.flags |= PROCDUMP_DUMP_WAIT;
			break;
		case 'j':
			options->json = true;
			break;
		case 'h':
			return usage_help();
		case 'V':
			return usage_version();
		default:
			return usage_try();
		}
	}
	if (optind < argc || !options->count)
		return usage_wrong("name the processes with -p PID");
	return -1;
}

int verb_stacks(int argc, char **argv)
{
	struct dump_options options = {};
	int dev, ret;

	ret = parse(&options, argc, argv);
	if (ret < 0)
		ret = open_device(&dev);
	else
		goto free_options;
	if (ret)
		goto free_options;
	ret = stacks_all(&options, dev);
	procdump_close(dev);
free_options:
	free(options.pids);
	return ret;
}
