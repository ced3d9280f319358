// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in a core, as one JSON object.
 */
#include <elf.h>

#include "info.h"
#include "json.h"
#include "kernel.h"
#include "procdumpctl.h"

static struct json_object *process_json(const struct core_process *process)
{
	struct json_object *object = json_object_new_object();

	json_add_int(object, "pid", process->pid);
	json_add_int(object, "ppid", process->ppid);
	json_add_number(object, "uid", process->uid);
	json_add_number(object, "gid", process->gid);
	json_add_text(object, "comm", process->comm, sizeof(process->comm));
	json_add_text(object, "args", process->args, sizeof(process->args));
	return object;
}

static struct json_object *dump_json(const struct procdump_note_dump *dump)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "version", dump->version);
	json_add_number(object, "abi", dump->abi);
	json_add_string(object, "mode_asked",
			procdump_mode_name(dump->mode_asked));
	json_add_string(object, "mode", procdump_mode_name(dump->mode));
	json_add_int(object, "pid", dump->pid);
	json_add_number(object, "threads", dump->threads);
	json_add_number(object, "realtime_ns", dump->realtime_ns);
	json_add_number(object, "boottime_ns", dump->boottime_ns);
	json_add_number(object, "hold_ns", dump->hold_ns);
	json_add_text(object, "release", dump->release, sizeof(dump->release));
	return object;
}

static struct json_object *end_json(const struct procdump_note_end *end)
{
	struct json_object *object = json_object_new_object();
	struct json_object *ranges = json_object_new_array();
	struct json_object *range;
	__u32 i;

	json_add_string(object, "consistency",
			procdump_consistency_name(end->consistency));
	json_add_number(object, "pages", end->pages);
	json_add_number(object, "pages_zero", end->pages_zero);
	json_add_number(object, "pages_missing", end->pages_missing);
	json_add_number(object, "pause_ns", end->pause_ns);
	json_add_number(object, "bytes_left", end->bytes_left);
	for (i = 0; i < end->ranges; i++) {
		range = json_object_new_object();
		json_add_address(range, "start", end->range[i].start);
		json_add_address(range, "end", end->range[i].end);
		json_object_array_add(ranges, range);
	}
	json_object_object_add(object, "ranges", ranges);
	return object;
}

static struct json_object *kernel_json(const struct procdump_kernel *kernel)
{
	struct json_object *object = json_object_new_object();

	kernel_add_note(object, kernel);
	return object;
}

static struct json_object *thread_json(const struct core_thread *thread)
{
	struct json_object *object = json_object_new_object();
	const struct procdump_note_thread *note = &thread->note;

	json_add_int(object, "tid", thread->tid);
	json_add_int(object, "signal", thread->signal);
	if (!thread->has_note)
		return object;
	json_add_text(object, "comm", note->comm, sizeof(note->comm));
	json_add_int(object, "dumper_tid", note->tid);
	json_add_text(object, "state", &note->state, 1);
	json_add_string(object, "caught", procdump_caught_name(note->caught));
	json_add_number(object, "start_time_ns", note->start_time_ns);
	json_add_text(object, "wchan", note->wchan, sizeof(note->wchan));
	if (note->syscall >= 0)
		json_add_number(object, "syscall", (__u64)note->syscall);
	if (thread->stack)
		json_add_string(object, "stack", thread->stack);
	return object;
}

static struct json_object *threads_json(const struct core *core)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < core->thread_count; i++)
		json_object_array_add(array, thread_json(&core->threads[i]));
	return array;
}

static struct json_object *notes_json(const struct core *core)
{
	struct json_object *array = json_object_new_array();
	const struct core_kind *kind = core->kinds;
	struct json_object *object;
	char name[32];
	size_t i;

	for (i = 0; i < core->kind_count; i++, kind++) {
		object = json_object_new_object();
		json_add_text(object, "owner", kind->owner,
			      sizeof(kind->owner));
		json_add_number(object, "type", kind->type);
		json_add_string(object, "name",
				info_note(kind, name, sizeof(name)));
		json_add_number(object, "count", kind->count);
		json_add_number(object, "bytes", kind->bytes);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *segments_json(const struct core *core)
{
	struct json_object *array = json_object_new_array();
	const struct core_segment *segment = core->segments;
	struct json_object *object;
	char flags[4];
	size_t i;

	for (i = 0; i < core->segment_count; i++, segment++) {
		if (segment->type != PT_LOAD)
			continue;
		object = json_object_new_object();
		info_flags(segment->flags, flags);
		json_add_address(object, "start", segment->start);
		json_add_address(object, "end",
				 segment->start + segment->memory_bytes);
		json_add_string(object, "flags", flags);
		json_add_number(object, "offset", segment->offset);
		json_add_number(object, "memory_bytes", segment->memory_bytes);
		json_add_number(object, "file_bytes", segment->file_bytes);
		if (core->holes_known)
			json_add_number(object, "data_bytes",
					segment->data_bytes);
		json_object_array_add(array, object);
	}
	return array;
}

/**
 * info_json() - what is in a core, but for its threads, notes and segments
 * @core: the core
 * @path: its file
 *
 * Return: the object; the caller owns it.
 */
struct json_object *info_json(const struct core *core, const char *path)
{
	struct json_object *top = json_object_new_object();
	char machine[32];

	json_add_string(top, "version", PROCDUMP_VERSION);
	json_add_path(top, path);
	json_add_string(top, "format", core->format);
	json_add_int(top, "class", core->bits);
	json_add_string(top, "byte_order", core->big_endian ? "big" : "little");
	json_add_string(top, "machine",
			info_machine(core, machine, sizeof(machine)));
	json_add_number(top, "bytes", core->length);
	json_add_string(top, "complete", info_complete(core));
	json_add_string(top, "reason", core->reason);
	if (core->has_process)
		json_object_object_add(top, "process",
				       process_json(&core->process));
	if (core->has_dump)
		json_object_object_add(top, "dump", dump_json(&core->dump));
	if (core->has_end)
		json_object_object_add(top, "end", end_json(&core->end));
	if (core->has_kernel)
		json_object_object_add(top, "kernel",
				       kernel_json(&core->kernel));
	return top;
}

/**
 * info_print_json() - print what is in a core
 * @core: the core
 * @path: its file
 */
void info_print_json(const struct core *core, const char *path)
{
	struct json_object *top = info_json(core, path);

	json_object_object_add(top, "threads", threads_json(core));
	json_object_object_add(top, "notes", notes_json(core));
	json_object_object_add(top, "segments", segments_json(core));
	json_print(top, stdout);
}
