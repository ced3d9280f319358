// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report on a kernel, as text that needs no debug symbols: what each CPU
 * executes; tasks in state D and those that wait for locks, with their stacks
 * and the owners of the locks; cycles among them; the kernel's log.
 *
 * Made when all CPUs run again, from what was collected (vmcore_task.c), so
 * no task is followed here. Names come from kallsyms, which takes no lock.
 *
 * Locks: none.
 */
#include <linux/kallsyms.h>
#include <linux/kmsg_dump.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include <linux/procdump.h>

#include "procdump.h"
#include "table.h"
#include "vmcore_task.h"
#include "vmcore_text.h"

/* Bytes for the head, for each task, and for the end of the log. */
#define ROOM_HEAD	8192
#define ROOM_TASK	3072
#define ROOM_LOG	(256 << 10)

enum kind { NOTHING, UNKNOWN, MUTEX, RWSEM, SEMAPHORE };

static const char *const kinds[] = {
	[UNKNOWN] = "lock",
	[MUTEX] = "mutex",
	[RWSEM] = "rw_semaphore",
	[SEMAPHORE] = "semaphore",
};

static const char *const hows[] = {
	[PROCDUMP_FREEZE_NOT] = "did not stop",
	[PROCDUMP_FREEZE_SELF] = "takes this report",
	[PROCDUMP_FREEZE_CAME] = "stood still",
	[PROCDUMP_FREEZE_NMI] = "did not stop; an NMI got its registers",
};

static __printf(2, 3) void put(struct procdump_text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text->size += vscnprintf(text->buf + text->size,
				 text->room - text->size, fmt, args);
	va_end(args);
}

/* Which kind of lock it is, only the functions on the stack say. */
static enum kind kind_of(const struct procdump_task *task)
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned int i;

	if (!task->lock.node)
		return NOTHING;
	for (i = 0; i < task->frames; i++) {
		snprintf(symbol, sizeof(symbol), "%ps", (void *)task->frame[i]);
		if (strstr(symbol, "mutex_lock"))
			return MUTEX;
		if (strstr(symbol, "rwsem_down"))
			return RWSEM;
		if (!strncmp(symbol, "__down", 6))
			return SEMAPHORE;
	}
	return UNKNOWN;
}

/* Whom does each wait for? */
static void resolve(struct procdump_tasks *tasks)
{
	const struct task_struct *owner;
	struct procdump_task *task;

	for (task = tasks->task; task < tasks->task + tasks->count; task++) {
		task->kind = kind_of(task);
		owner = NULL;
		if (task->kind == MUTEX)
			owner = task->lock.mutex_owner;
		else if (task->kind == RWSEM)
			owner = task->lock.rwsem_owner;
		/* Both have it in the same place, as a rule. */
		else if (task->kind == UNKNOWN &&
			 task->lock.mutex_owner == task->lock.rwsem_owner)
			owner = task->lock.mutex_owner;
		if (owner)
			task->owner = procdump_tasks_find(tasks, owner);
		cond_resched();
	}
}

/* The owner is only the last that got it, and may have given it back. */
static bool is_hint(const struct procdump_task *task)
{
	return task->kind == RWSEM && task->lock.rwsem_reading;
}

static void put_stack(struct procdump_text *text,
		      const struct procdump_task *task)
{
	unsigned int i;

	for (i = 0; i < task->frames; i++)
		put(text, "    %pB\n", (void *)task->frame[i]);
	if (!task->frames)
		put(text, "    no stack in the kernel\n");
}

static void put_name(struct procdump_text *text,
		     const struct procdump_task *task)
{
	put(text, "%d (%*pE)", task->pid, (int)strlen(task->comm), task->comm);
}

static void put_lock(struct procdump_text *text,
		     const struct procdump_task *task)
{
	enum kind kind = task->kind;

	put(text, "    waits for %s", kinds[kind]);
	if (task->lock.list && (kind == MUTEX || kind == RWSEM))
		put(text, " %pS",
		    (void *)procdump_lock_address(&task->lock, kind == RWSEM));
	if (kind == RWSEM)
		put(text, " to %s", task->lock.type ? "read" : "write");
	if (!task->owner) {
		put(text, ", owner not known\n");
		return;
	}
	put(text, ", held by %s", is_hint(task) ? "readers, the last of them " :
						  "");
	put_name(text, task->owner);
	put(text, "\n");
}

static void put_task(struct procdump_text *text,
		     const struct procdump_task *task)
{
	put(text, "task ");
	put_name(text, task);
	put(text, " of process %d, state %c", task->tgid, task->state);
	if (task->cpu >= 0)
		put(text, ", on CPU %d", task->cpu);
	put(text, "\n");
	if (task->lock.node)
		put_lock(text, task);
	put_stack(text, task);
}

/* It came, and did not stay until all was copied. */
static bool left(const struct procdump_task *task,
		 const struct procdump_kernel *req)
{
	return task->how == PROCDUMP_FREEZE_CAME &&
	       task->cpu < PROCDUMP_KERNEL_CPUS &&
	       req->out_cpus_missing[task->cpu / 64] >> task->cpu % 64 & 1;
}

static void put_cpus(struct procdump_text *text,
		     const struct procdump_tasks *tasks,
		     const struct procdump_kernel *req)
{
	const struct procdump_task *task;
	int cpu;

	for_each_cpu(cpu, &text->cpus) {
		for (task = tasks->task; task < tasks->task + tasks->count;
		     task++)
			if (task->cpu == cpu)
				break;
		if (task == tasks->task + tasks->count) {
			put(text, "CPU %d: did not stop\n", cpu);
			continue;
		}
		put(text, "CPU %d: %s%s: ", cpu, hows[task->how],
		    left(task, req) ? ", not until the end" : "");
		put_name(text, task);
		put(text, ", process %d, state %c\n", task->tgid, task->state);
		put_stack(text, task);
	}
}

static void put_waits(struct procdump_text *text,
		      const struct procdump_tasks *tasks)
{
	const struct procdump_task *task;

	for (task = tasks->task; task < tasks->task + tasks->count; task++) {
		if (!task->owner)
			continue;
		put_name(text, task);
		put(text, " waits for ");
		put_name(text, task->owner);
		put(text, "\n");
	}
}

/*
 * Each task waits for one other at most, so a cycle is found by going on from
 * one of its tasks until that comes again. It is told of from the first of them
 * in the order of the tasks.
 */
static bool put_cycle(struct procdump_text *text,
		      const struct procdump_tasks *tasks,
		      const struct procdump_task *task)
{
	const struct procdump_task *at = task->owner;
	unsigned int tries = tasks->count;
	bool hint = is_hint(task);

	while (at != task) {
		if (!at || at < task || !tries--)
			return false;
		hint |= is_hint(at);
		at = at->owner;
	}
	put(text, hint ? "cycle, if those that read have it still: " :
			 "cycle: ");
	put_name(text, task);
	do {
		at = at->owner;
		put(text, " -> ");
		put_name(text, at);
	} while (at != task);
	put(text, "\n");
	return true;
}

static void put_cycles(struct procdump_text *text,
		       const struct procdump_tasks *tasks)
{
	const struct procdump_task *task;
	bool found = false;

	for (task = tasks->task; task < tasks->task + tasks->count; task++)
		found |= put_cycle(text, tasks, task);
	if (!found)
		put(text, "no cycle\n");
}

/* As much of the log as there is room for, its end. */
static void put_log(struct procdump_text *text)
{
	struct kmsg_dump_iter iter;
	size_t len = 0;

	kmsg_dump_rewind(&iter);
	if (kmsg_dump_get_buffer(&iter, false, text->buf + text->size,
				 text->room - text->size, &len))
		text->size += len;
}

static void put_head(struct procdump_text *text,
		     const struct procdump_tasks *tasks,
		     const struct procdump_kernel *req)
{
	put(text, "procdump kernel report 1\n");
	put(text, "release: %s\nversion: %s\n", init_utsname()->release,
	    init_utsname()->version);
	put(text, "CPUs: %u, %u stood still, %u more gave registers, for %llu ns\n",
	    req->out_cpus, req->out_cpus_stopped, req->out_cpus_nmi,
	    req->out_freeze_ns);
	put(text, "tasks: %u seen, %u left out%s\n", tasks->seen,
	    tasks->left_out, tasks->torn || tasks->late ? ", not all in time" : "");
}

/**
 * procdump_text_init() - make room for the report
 * @text: filled in, also if there is an error
 * @tasks: what it will tell of
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM. The caller owes a procdump_text_uninit() either way.
 */
int procdump_text_init(struct procdump_text *text,
		       const struct procdump_tasks *tasks)
{
	text->size = 0;
	text->room = ROOM_HEAD + ROOM_TASK * (size_t)tasks->count + ROOM_LOG;
	text->buf = procdump_table_alloc(1, text->room);
	return text->buf ? 0 : -ENOMEM;
}

/**
 * procdump_text_uninit() - free the report
 * @text: the report, or all zero
 *
 * Context: Process context. May sleep.
 */
void procdump_text_uninit(struct procdump_text *text)
{
	procdump_table_free(text->buf);
}

/**
 * procdump_text_make() - write the report
 * @text: after procdump_text_init(), with @cpus set
 * @tasks: after procdump_tasks_collect()
 * @req: what is known of the dump so far
 *
 * Context: Process context.
 */
void procdump_text_make(struct procdump_text *text,
			struct procdump_tasks *tasks,
			const struct procdump_kernel *req)
{
	const struct procdump_task *task;

	resolve(tasks);
	put_head(text, tasks, req);
	put(text, "\n-- CPUs\n");
	put_cpus(text, tasks, req);
	put(text, "\n-- tasks\n");
	for (task = tasks->task; task < tasks->task + tasks->count; task++) {
		if (task->cpu < 0)
			put_task(text, task);
		cond_resched();
	}
	put(text, "\n-- who waits for whom\n");
	put_waits(text, tasks);
	put_cycles(text, tasks);
	put(text, "\n-- log\n");
	put_log(text);
}
