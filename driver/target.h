/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_TARGET_H
#define _PROCDUMP_TARGET_H

#include <linux/types.h>

struct mm_struct;
struct task_struct;

/**
 * struct procdump_target - the process that is dumped
 * @task: the thread that the request named, a reference of our own; it may be
 *	a zombie while other threads live
 * @mm: the address space, held by mmget(); NULL before
 *	procdump_target_authorize()
 * @self: current is a thread of the target
 * @exec_locked: signal->exec_update_lock is held for reading
 */
struct procdump_target {
	struct task_struct *task;
	struct mm_struct *mm;
	bool self;
	bool exec_locked;
};

int procdump_target_find(struct procdump_target *target, pid_t pid,
			 u64 start_time);
int procdump_target_authorize(struct procdump_target *target);
void procdump_target_exec_unlock(struct procdump_target *target);
void procdump_target_put(struct procdump_target *target);

#endif /* _PROCDUMP_TARGET_H */
