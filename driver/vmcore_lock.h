/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_LOCK_H
#define _PROCDUMP_VMCORE_LOCK_H

#include <linux/types.h>

struct task_struct;

/* Bytes of a stack that are searched, from the innermost frame on. */
#define PROCDUMP_LOCK_DEPTH	4096

/**
 * struct procdump_lock - what a task waits for, if that has a list of waiters
 * @node: the task's own entry in the list; 0 if it waits for no such thing
 * @list: the list's head, which is within the lock; 0 if it was not found
 * @type: a waiter for an rw_semaphore wants to: 0 write, 1 read
 * @mutex_owner: if the lock is a mutex, the task that has it, or NULL
 * @rwsem_owner: if it is an rw_semaphore, the task that has it, or the last
 *	that got it for reading
 * @rwsem_reading: then, it is held for reading
 *
 * Which of the two it is, the names of the functions on the stack tell.
 */
struct procdump_lock {
	unsigned long node;
	unsigned long list;
	u32 type;
	struct task_struct *mutex_owner;
	struct task_struct *rwsem_owner;
	bool rwsem_reading;
};

void procdump_lock_find(struct procdump_lock *lock, struct task_struct *task,
			unsigned long *room);
unsigned long procdump_lock_address(const struct procdump_lock *lock,
				    bool rwsem);

#endif /* _PROCDUMP_VMCORE_LOCK_H */
