// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tasks that a deadlock is made of: those that execute, those in state D,
 * those that wait for a lock in whatever state, and those that have one of
 * these locks. Collected while all CPUs stand still, told of later (see
 * vmcore_text.c).
 *
 * Promises: procdump_tasks_collect() allocates and locks nothing, and ends
 * when the time for the freeze is up.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "ksym.h"
#include "procdump.h"
#include "vmcore_freeze.h"
#include "table.h"
#include "vmcore_task.h"

/* Most tasks that are told of, and most that are looked at. */
#define ROOM_MAX	4096
#define SEEN_MAX	BIT(23)

/**
 * procdump_tasks_init() - make room
 * @tasks: filled in, also if there is an error
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM. The caller owes a procdump_tasks_uninit() either way.
 */
int procdump_tasks_init(struct procdump_tasks *tasks)
{
	struct task_struct *process, *thread;
	unsigned int room = num_possible_cpus() + 64;

	memset(tasks, 0, sizeof(*tasks));
	rcu_read_lock();
	for_each_process_thread(process, thread)
		room++;
	rcu_read_unlock();
	room = min_t(unsigned int, room, ROOM_MAX + num_possible_cpus());
	tasks->stack = kmalloc(PROCDUMP_LOCK_DEPTH, PROCDUMP_GFP);
	tasks->task = procdump_table_alloc(room, sizeof(*tasks->task));
	if (!tasks->stack || !tasks->task)
		return -ENOMEM;
	tasks->room = room;
	return 0;
}

/**
 * procdump_tasks_uninit() - free what procdump_tasks_init() allocated
 * @tasks: the tasks, or all zero
 *
 * Context: Process context. May sleep.
 */
void procdump_tasks_uninit(struct procdump_tasks *tasks)
{
	procdump_table_free(tasks->task);
	kfree(tasks->stack);
}

static struct procdump_task *add(struct procdump_tasks *tasks,
				 struct task_struct *task)
{
	struct procdump_task *to = tasks->task + tasks->count;

	if (tasks->count == tasks->room) {
		tasks->left_out++;
		return NULL;
	}
	tasks->count++;
	to->task = task;
	to->pid = task->pid;
	to->tgid = task->tgid;
	memcpy(to->comm, task->comm, sizeof(to->comm));
	to->comm[sizeof(to->comm) - 1] = '\0';
	to->state = task_state_to_char(task);
	to->cpu = -1;
	return to;
}

static void add_sleeper(struct procdump_tasks *tasks, struct task_struct *task,
			const struct procdump_lock *lock)
{
	struct procdump_task *to = add(tasks, task);

	if (!to)
		return;
	to->lock = *lock;
	to->frames = procdump_freeze_stack(task, to->frame);
	if (!to->frames)
		to->frames = procdump_ksym_save_stack(task, to->frame,
						      ARRAY_SIZE(to->frame));
}

/* One on a CPU that gave no registers is told of without a stack. */
static void look_at(struct procdump_tasks *tasks, struct task_struct *task)
{
	struct procdump_lock lock;
	struct procdump_task *to;

	if (READ_ONCE(task->on_cpu)) {
		if (procdump_tasks_find(tasks, task))
			return;
		to = add(tasks, task);
		if (to)
			to->cpu = task_cpu(task);
		return;
	}
	procdump_lock_find(&lock, task, tasks->stack);
	if (lock.node || task_state_to_char(task) == 'D')
		add_sleeper(tasks, task, &lock);
}

static void add_owner(struct procdump_tasks *tasks, struct task_struct *task)
{
	static const struct procdump_lock none;

	if (task && !READ_ONCE(task->on_cpu) &&
	    !procdump_tasks_find(tasks, task))
		add_sleeper(tasks, task, &none);
}

/* Those that are told of already and those on a CPU have been dealt with. */
static void add_owners(struct procdump_tasks *tasks)
{
	unsigned int i, count = tasks->count;

	for (i = 0; i < count && !procdump_freeze_over(); i++) {
		add_owner(tasks, tasks->task[i].lock.mutex_owner);
		add_owner(tasks, tasks->task[i].lock.rwsem_owner);
	}
	tasks->late = i < count;
}

static void add_cpus(struct procdump_tasks *tasks)
{
	const struct procdump_freeze_regs *saved;
	struct procdump_task *to;
	int cpu;

	for_each_cpu(cpu, procdump_freeze_cpus()) {
		saved = procdump_freeze_regs(cpu);
		to = saved->task ? add(tasks, saved->task) : NULL;
		if (!to)
			continue;
		to->cpu = cpu;
		to->how = saved->how;
		to->frames = saved->frames;
		memcpy(to->frame, saved->frame, sizeof(to->frame));
	}
}

/**
 * procdump_tasks_find() - has a task been told of?
 * @tasks: the tasks
 * @task: what to look for
 *
 * Context: Any context.
 * Return: its entry, or NULL.
 */
struct procdump_task *procdump_tasks_find(const struct procdump_tasks *tasks,
					  const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < tasks->count; i++)
		if (tasks->task[i].task == task)
			return &tasks->task[i];
	return NULL;
}

/**
 * procdump_tasks_collect() - look at all tasks
 * @tasks: after procdump_tasks_init()
 *
 * Context: The dumper, between procdump_freeze_begin() and _end().
 */
void procdump_tasks_collect(struct procdump_tasks *tasks)
{
	struct task_struct *process, *thread;

	rcu_read_lock();
	add_cpus(tasks);
	for_each_process_thread(process, thread) {
		if (++tasks->seen > SEEN_MAX || procdump_freeze_over()) {
			tasks->torn = true;
			goto out;
		}
		look_at(tasks, thread);
	}
out:
	add_owners(tasks);
	rcu_read_unlock();
}
