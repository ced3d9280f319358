/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_TASK_H
#define _PROCDUMP_VMCORE_TASK_H

#include <linux/sched.h>

#include "vmcore_lock.h"
#include "vmcore_regs.h"

/**
 * struct procdump_task - a task worth telling of
 * @task: where it is; not to be followed any more
 * @pid: its id, in the initial namespace; 0 for one that idles
 * @tgid: that of its process
 * @comm: its name
 * @state: the letter for its state in /proc/PID/stat
 * @cpu: what it executes on, or -1
 * @how: then, how its registers were got
 * @lock: what it waits for
 * @frame: the addresses on its stack, the innermost first
 * @frames: how many
 * @kind: enum of vmcore_text.c: what sort of lock it is
 * @owner: whom it waits for, one of those that are told of; or NULL
 */
struct procdump_task {
	struct task_struct *task;
	pid_t pid;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
	char state;
	int cpu;
	enum procdump_freeze_how how;
	struct procdump_lock lock;
	unsigned long frame[PROCDUMP_FREEZE_FRAMES];
	unsigned int frames;
	int kind;
	const struct procdump_task *owner;
};

/**
 * struct procdump_tasks - the tasks worth telling of
 * @task: those that execute, by CPU; then those in state D, and those that wait
 *	for a lock; then those that have one of these
 * @count: how many
 * @room: entries of @task
 * @seen: tasks that were looked at
 * @torn: not all were: too many, or the time was up
 * @late: the time was up before all owners of locks were
 * @left_out: tasks that there was no room for
 */
struct procdump_tasks {
	struct procdump_task *task;
	unsigned int count;
	unsigned int room;
	unsigned int seen;
	unsigned int left_out;
	bool torn;
	bool late;

	/* private: */
	unsigned long *stack;
};

int procdump_tasks_init(struct procdump_tasks *tasks);
void procdump_tasks_uninit(struct procdump_tasks *tasks);
void procdump_tasks_collect(struct procdump_tasks *tasks);
struct procdump_task *procdump_tasks_find(const struct procdump_tasks *tasks,
					  const struct task_struct *task);

#endif /* _PROCDUMP_VMCORE_TASK_H */
