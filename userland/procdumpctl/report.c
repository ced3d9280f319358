// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a dump did, for people and for programs.
 */
#include <stdio.h>
#include <string.h>

#include "dump.h"
#include "json.h"
#include "procdumpctl.h"

static void add_request(struct json_object *object,
			const struct procdump_dump *req)
{
	json_add_string(object, "mode_asked", procdump_mode_name(req->mode));
	json_add_number(object, "flags", req->flags);
	json_add_number(object, "start_time", req->start_time);
	json_add_number(object, "filter", req->filter);
	json_add_number(object, "limit", req->limit);
	json_add_number(object, "max_pause_ns", req->max_pause_ns);
}

/* The names are those of the members of the structure, without out_. */
static void add_answer(struct json_object *object,
		       const struct procdump_dump *req)
{
	json_add_string(object, "mode", procdump_mode_name(req->out_mode));
	json_add_string(object, "consistency",
			procdump_consistency_name(req->out_consistency));
	json_add_string(object, "compression",
			procdump_compression_name(req->compression));
	json_add_number(object, "threads", req->out_threads);
	json_add_number(object, "threads_parked", req->out_threads_parked);
	json_add_number(object, "threads_off_cpu", req->out_threads_off_cpu);
	json_add_number(object, "threads_running", req->out_threads_running);
	json_add_number(object, "threads_lost", req->out_threads_lost);
	json_add_number(object, "sharers", req->out_sharers);
	json_add_number(object, "segments", req->out_segments);
	json_add_number(object, "bytes_raw", req->out_bytes_raw);
	json_add_number(object, "bytes_written", req->out_bytes_written);
	json_add_number(object, "bytes_file", req->out_bytes_file);
	json_add_number(object, "bytes_live", req->out_bytes_live);
	json_add_number(object, "bytes_left", req->out_bytes_left);
	json_add_number(object, "pages", req->out_pages);
	json_add_number(object, "pages_zero", req->out_pages_zero);
	json_add_number(object, "pages_missing", req->out_pages_missing);
	json_add_number(object, "hold_ns", req->out_hold_ns);
	json_add_number(object, "snapshot_ns", req->out_snapshot_ns);
	json_add_number(object, "pause_ns", req->out_pause_ns);
	json_add_number(object, "total_ns", req->out_total_ns);
}

/* Why no snapshot was taken, as an array of names. */
static void add_hazards(struct json_object *object,
			const struct procdump_dump *req)
{
	struct json_object *array = json_object_new_array();
	const char *name;
	unsigned int bit;

	for (bit = 0; (name = procdump_hazard_name(bit)); bit++) {
		if (req->out_hazards & 1U << bit)
			json_object_array_add(array,
					      json_object_new_string(name));
	}
	json_object_object_add(object, "hazards", array);
}

static void add_outcome(struct json_object *object, const struct target *target,
			const struct procdump_dump *req, const char *path,
			int code)
{
	char reason[160];

	json_add_int(object, "exit_code", code);
	if (code == EXIT_DONE || code == EXIT_INCOMPLETE) {
		json_add_path(object, path);
	} else if (target->err) {
		procdump_explain(target->err, req, reason, sizeof(reason));
		json_add_string(object, "error", reason);
		json_add_int(object, "errno", target->err);
	}
}

/**
 * report_json() - a dump as an object
 * @target: the process
 * @req: the request and its answer
 * @path: where the core is
 * @code: the exit code
 *
 * Return: the object; the caller owns it.
 */
struct json_object *report_json(const struct target *target,
				const struct procdump_dump *req,
				const char *path, int code)
{
	struct json_object *object = json_object_new_object();

	json_add_string(object, "version", PROCDUMP_VERSION);
	add_outcome(object, target, req, path, code);
	json_add_int(object, "pid", target->tgid);
	json_add_int(object, "tid", target->pid);
	json_add_text(object, "comm", target->comm, sizeof(target->comm));
	add_request(object, req);
	add_answer(object, req);
	add_hazards(object, req);
	return object;
}

static double ms(__u64 ns)
{
	return (double)ns / 1e6;
}

static void text_hazards(const struct procdump_dump *req)
{
	const char *name;
	unsigned int bit;

	if (!req->out_hazards)
		return;
	fprintf(stderr, "  no snapshot because of:");
	for (bit = 0; (name = procdump_hazard_name(bit)); bit++) {
		if (req->out_hazards & 1U << bit)
			fprintf(stderr, " %s", name);
	}
	fputc('\n', stderr);
}

static void report_text(const struct procdump_dump *req)
{
	char raw[TEXT_SIZE], written[TEXT_SIZE], file[TEXT_SIZE];

	fprintf(stderr, "  mode: %s, consistency %s\n",
		procdump_mode_name(req->out_mode),
		procdump_consistency_name(req->out_consistency));
	text_hazards(req);
	fprintf(stderr,
		"  threads: %u parked, %u off CPU, %u running, %u lost\n",
		req->out_threads_parked, req->out_threads_off_cpu,
		req->out_threads_running, req->out_threads_lost);
	fprintf(stderr, "  sharers of the memory: %u\n", req->out_sharers);
	fprintf(stderr, "  segments: %u\n", req->out_segments);
	fprintf(stderr, "  pages: %llu, and %llu zero, and %llu missing\n",
		req->out_pages, req->out_pages_zero, req->out_pages_missing);
	if (req->out_bytes_left)
		fprintf(stderr, "  left out: %s\n",
			text_size(raw, req->out_bytes_left));
	fprintf(stderr, "  size: %s, compression %s, written %s, file %s\n",
		text_size(raw, req->out_bytes_raw),
		procdump_compression_name(req->out_compression),
		text_size(written, req->out_bytes_written),
		text_size(file, req->out_bytes_file));
	fprintf(stderr, "  hold: %.3f ms\n", ms(req->out_hold_ns));
	fprintf(stderr, "  snapshot: %.3f ms\n", ms(req->out_snapshot_ns));
	fprintf(stderr, "  pause: %.3f ms\n", ms(req->out_pause_ns));
	fprintf(stderr, "  total: %.3f ms\n", ms(req->out_total_ns));
}

static void report_partial(int pid, const struct procdump_dump *req)
{
	if (req->out_consistency == PROCDUMP_CONSISTENCY_PARTIAL) {
		warnx("process %d: not all was held: see procdump(4)", pid);
		warnx("%u threads went on running, %u ended, %u of others share the memory",
		      req->out_threads_running, req->out_threads_lost,
		      req->out_sharers);
	}
}

/**
 * report_done() - say on standard error what was written
 * @options: how much to say
 * @target: the process
 * @req: the request and its answer
 * @output: where the core is
 */
void report_done(const struct dump_options *options,
		 const struct target *target, const struct procdump_dump *req,
		 const struct output *output)
{
	char size[TEXT_SIZE];

	/* It has an exit code of its own, so it is said even so. */
	if (req->out_pages_missing)
		warnx("process %d: %llu pages could not be read: see procdumpctl info",
		      (int)target->tgid, req->out_pages_missing);
	if (options->quiet)
		return;
	warnx("%s: process %d, %s, %u threads, paused for %.1f ms (%s, %s)",
	      output->path, (int)target->tgid,
	      text_size(size, req->out_bytes_written), req->out_threads,
	      ms(req->out_pause_ns), procdump_mode_name(req->out_mode),
	      procdump_consistency_name(req->out_consistency));
	if (options->verbose)
		report_text(req);
	report_partial(target->tgid, req);
}
