// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb info: what is in a core, and whether it is complete.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core.h"
#include "info.h"
#include "json.h"
#include "procdumpctl.h"

static double ms(__u64 ns)
{
	return (double)ns / 1e6;
}

static void print_process(const struct core *core)
{
	const struct core_process *process = &core->process;
	char comm[4 * sizeof(process->comm) + 1];
	char args[4 * sizeof(process->args) + 1];

	if (!core->has_process)
		return;
	text_clean(comm, sizeof(comm), process->comm, sizeof(process->comm));
	text_clean(args, sizeof(args), process->args, sizeof(process->args));
	printf("process: %d (%s), parent %d, uid %u, gid %u\n", process->pid,
	       comm, process->ppid, process->uid, process->gid);
	printf("command: %s\n", args);
}

static void print_dump(const struct core *core)
{
	const struct procdump_note_dump *dump = &core->dump;
	char release[4 * sizeof(dump->release) + 1], when[64];

	if (!core->has_dump)
		return;
	text_clean(release, sizeof(release), dump->release,
		   sizeof(dump->release));
	printf("taken: %s, Linux %s, procdump ABI %u\n",
	       info_time(dump->realtime_ns, when, sizeof(when)), release,
	       dump->abi);
	printf("mode: %s (asked for: %s)\n", procdump_mode_name(dump->mode),
	       procdump_mode_name(dump->mode_asked));
	printf("hold: %.3f ms\n", ms(dump->hold_ns));
}

static void print_end(const struct core *core)
{
	const struct procdump_note_end *end = &core->end;
	__u32 i;

	if (!core->has_end)
		return;
	printf("consistency: %s\n",
	       procdump_consistency_name(end->consistency));
	printf("pause: %.3f ms\n", ms(end->pause_ns));
	printf("pages: %llu, and %llu zero, and %llu missing\n", end->pages,
	       end->pages_zero, end->pages_missing);
	if (end->bytes_left)
		printf("left out: %llu bytes of memory, to make it small\n",
		       end->bytes_left);
	for (i = 0; i < end->ranges; i++)
		printf("missing: %#018llx-%#018llx\n", end->range[i].start,
		       end->range[i].end);
	if (end->pages_missing && end->ranges == PROCDUMP_NOTE_RANGES)
		printf("missing: perhaps more, the list is full\n");
}

static void print_kernel(const struct core *core)
{
	const struct procdump_kernel *kernel = &core->kernel;

	if (!core->has_kernel)
		return;
	printf("kernel: %u of %u CPUs stood still for %.3f ms\n",
	       kernel->out_cpus_stopped, kernel->out_cpus,
	       ms(kernel->out_freeze_ns));
}

static void print_thread_note(const struct core_thread *thread)
{
	const struct procdump_note_thread *note = &thread->note;
	char comm[4 * sizeof(note->comm) + 1], state[8];

	text_clean(comm, sizeof(comm), note->comm, sizeof(note->comm));
	text_clean(state, sizeof(state), &note->state, 1);
	printf(", state %s, caught %s, %s", state,
	       procdump_caught_name(note->caught), comm);
	if (note->tid != thread->tid)
		printf(", %d for the dumper", note->tid);
}

static void print_threads(const struct core *core)
{
	const struct core_thread *thread = core->threads;
	size_t i;

	printf("threads: %zu\n", core->thread_count);
	for (i = 0; i < core->thread_count; i++, thread++) {
		printf("  %-10d signal %d", thread->tid, thread->signal);
		if (thread->has_note)
			print_thread_note(thread);
		printf("\n");
	}
}

static void print_notes(const struct core *core)
{
	const struct core_kind *kind = core->kinds;
	char owner[4 * sizeof(kind->owner) + 1], name[32];
	size_t i;

	printf("notes: %zu kinds\n", core->kind_count);
	for (i = 0; i < core->kind_count; i++, kind++)
		printf("  %-10s %-18s %8llu, %llu bytes\n",
		       text_clean(owner, sizeof(owner), kind->owner,
				  sizeof(kind->owner)),
		       info_note(kind, name, sizeof(name)), kind->count,
		       kind->bytes);
}

static void print_segments(const struct core *core)
{
	const struct core_segment *segment = core->segments;
	size_t i, count = 0;
	char flags[4];

	for (i = 0; i < core->segment_count; i++)
		count += core->segments[i].type == PT_LOAD;
	printf("segments: %zu\n", count);
	for (i = 0; i < core->segment_count; i++, segment++) {
		if (segment->type != PT_LOAD)
			continue;
		info_flags(segment->flags, flags);
		printf("  %#018llx-%#018llx %s %llu bytes, %llu in file",
		       segment->start, segment->start + segment->memory_bytes,
		       flags, segment->memory_bytes, segment->file_bytes);
		if (core->holes_known &&
		    segment->data_bytes < segment->file_bytes)
			printf(", %llu of them in holes",
			       segment->file_bytes - segment->data_bytes);
		printf("\n");
	}
}

static void print_text(const struct core *core, const char *path)
{
	char machine[32];

	printf("file: %s\n", path);
	printf("format: %s, ELF%d, %s-endian, %s, %llu bytes\n", core->format,
	       core->bits, core->big_endian ? "big" : "little",
	       info_machine(core, machine, sizeof(machine)), core->length);
	print_process(core);
	print_dump(core);
	print_kernel(core);
	print_end(core);
	printf("complete: %s (%s)\n", info_complete(core), core->reason);
	print_threads(core);
	print_notes(core);
	print_segments(core);
}

static int show(const char *path, bool json)
{
	struct core core;
	int ret = EXIT_DONE;

	if (core_read(&core, path, false)) {
		warnx("%s: %s", path, core.reason);
		core_free(&core);
		return EXIT_FAILED;
	}
	if (json)
		info_print_json(&core, path);
	else
		print_text(&core, path);
	if (core.complete == CORE_CUT) {
		fflush(stdout);
		warnx("%s: is not complete: %s", path, core.reason);
		ret = EXIT_FAILED;
	}
	core_free(&core);
	return ret;
}

int verb_info(int argc, char **argv)
{
	bool json;
	int ret = json_option(argc, argv, &json);

	if (ret >= 0)
		return ret;
	if (argc - optind != 1)
		return usage_wrong("name one core for info");
	return show(argv[optind], json);
}
