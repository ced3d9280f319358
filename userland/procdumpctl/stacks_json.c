// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb stacks, as JSON.
 */
#include <string.h>

#include "core.h"
#include "dump.h"
#include "json.h"
#include "procdumpctl.h"

static struct json_object *args_json(const struct procdump_note_thread *note)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(note->args); i++)
		json_object_array_add(array,
				      json_object_new_uint64(note->args[i]));
	return array;
}

static struct json_object *frames_json(const char *stack)
{
	struct json_object *array = json_object_new_array();
	const char *end;

	for (; stack; stack = end + 1) {
		end = strchr(stack, '\n');
		if (!end)
			break;
		json_object_array_add(array, json_object_new_string_len(
						     stack, (int)(end - stack)));
	}
	return array;
}

static struct json_object *thread_json(const struct core_thread *thread)
{
	struct json_object *object = json_object_new_object();
	const struct procdump_note_thread *note = &thread->note;

	json_add_int(object, "tid", note->tid);
	json_add_text(object, "comm", note->comm, sizeof(note->comm));
	json_add_text(object, "state", &note->state, 1);
	json_add_string(object, "caught", procdump_caught_name(note->caught));
	json_add_text(object, "wchan", note->wchan, sizeof(note->wchan));
	if (note->syscall >= 0) {
		json_object_object_add(object, "syscall",
				       json_object_new_int64(note->syscall));
		json_object_object_add(object, "args", args_json(note));
	}
	if (thread->stack)
		json_object_object_add(object, "stack",
				       frames_json(thread->stack));
	return object;
}

/**
 * stacks_json() - what each thread does in the kernel
 * @core: a dump in mode threads
 * @target: whose
 * @req: the request, with the driver's report
 */
struct json_object *stacks_json(const struct core *core,
				const struct target *target,
				const struct procdump_dump *req)
{
	struct json_object *object = json_object_new_object();
	struct json_object *threads = json_object_new_array();
	size_t i;

	for (i = 0; i < core->thread_count; i++)
		json_object_array_add(threads, thread_json(&core->threads[i]));
	json_add_int(object, "pid", (int)target->tgid);
	json_add_text(object, "comm", target->comm, strlen(target->comm));
	json_add_number(object, "pause_ns", req->out_pause_ns);
	json_object_object_add(object, "threads", threads);
	return object;
}
