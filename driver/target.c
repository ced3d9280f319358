// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a pid to the process that is dumped: its task, its memory and the
 * permission to look at them.
 *
 * Lifetime: the task is held by a reference, and with it its signal_struct;
 * the address space by mmget(), so that it stays whole if the target exits or
 * executes another program meanwhile.
 *
 * Lock: signal->exec_update_lock, for reading, from the permission check until
 * procdump_target_exec_unlock(). An exec, which may gain privileges, waits for
 * it, killably; so what is read under it belongs to the program that the
 * check was made for. It is not held while the output is touched, which the
 * target itself may have to serve: the check is made once before, and again
 * before the hold.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/param.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>

#include "ksym.h"
#include "target.h"

/*
 * Who could not dump a process does not learn here whether it is there, what it
 * is, or when it started, which /proc may hide: every number gets one answer.
 */
static bool may_miss(void)
{
	return ns_capable_noaudit(task_active_pid_ns(current)->user_ns,
				  CAP_SYS_PTRACE);
}

static bool capable_over(struct task_struct *task)
{
	bool allowed;

	rcu_read_lock();
	allowed = ns_capable(__task_cred(task)->user_ns, CAP_SYS_PTRACE);
	rcu_read_unlock();
	return allowed;
}

/* Field 22 of /proc/PID/stat as current reads it. */
static u64 start_ticks(struct task_struct *task)
{
	u64 ns = timens_add_boottime_ns(task->start_boottime);

	return div_u64(ns, NSEC_PER_SEC / USER_HZ);
}

/**
 * procdump_target_find() - find the process of a request
 * @target: filled in
 * @pid: process or thread id in the pid namespace of current, 0 for current
 * @start_time: 0, or start time of that thread in clock ticks after boot, as
 *	in field 22 of /proc/PID/stat
 *
 * Context: Process context.
 * Return: 0, and the caller owes a procdump_target_put(); -ESRCH if there is
 * no such process or it started at another time; -EINVAL if it is a kernel
 * thread or @pid is negative; -EPERM, whatever it is, for a caller who has no
 * privilege over it.
 */
int procdump_target_find(struct procdump_target *target, pid_t pid,
			 u64 start_time)
{
	struct task_struct *task;

	if (pid < 0)
		return -EINVAL;
	if (pid) {
		rcu_read_lock();
		task = get_pid_task(find_vpid(pid), PIDTYPE_PID);
		rcu_read_unlock();
	} else {
		task = get_task_struct(current);
	}
	if (!task)
		return may_miss() ? -ESRCH : -EPERM;

	target->task = task;
	target->self = same_thread_group(task, current);
	if (!target->self && !capable_over(task))
		return -EPERM;
	if (start_time && start_ticks(task) != start_time)
		return -ESRCH;
	if (task->flags & PF_KTHREAD)
		return -EINVAL;
	return 0;
}

/*
 * The memory of the process, and a thread that has it: the one that the
 * request named may be a leader that ended before the others.
 */
static struct mm_struct *group_mm(struct task_struct *task,
				  struct task_struct **owner)
{
	struct mm_struct *mm = get_task_mm(task);
	struct task_struct *thread;

	if (mm) {
		*owner = get_task_struct(task);
		return mm;
	}
	rcu_read_lock();
	for_each_thread(task, thread) {
		mm = get_task_mm(thread);
		if (mm) {
			*owner = get_task_struct(thread);
			break;
		}
	}
	rcu_read_unlock();
	return mm;
}

static bool self_allowed(struct mm_struct *mm)
{
	return get_dumpable(mm) == SUID_DUMP_USER ||
	       ns_capable(mm->user_ns, CAP_SYS_PTRACE);
}

static bool other_allowed(struct task_struct *task, struct mm_struct *mm)
{
	if (!capable_over(task) || !ns_capable(mm->user_ns, CAP_SYS_PTRACE))
		return false;
	if (procdump_ksym_can_ptrace_check())
		return procdump_ksym_ptrace_may_access(task,
						       PTRACE_MODE_ATTACH_REALCREDS);
	return ns_capable(&init_user_ns, CAP_SYS_PTRACE);
}

static int check(struct procdump_target *target)
{
	struct task_struct *owner;
	struct mm_struct *mm = group_mm(target->task, &owner);
	bool allowed;

	if (!mm)
		return -ESRCH;
	allowed = target->self ? self_allowed(mm) : other_allowed(owner, mm);
	put_task_struct(owner);
	if (!target->mm) {
		target->mm = mm;
		return allowed ? 0 : -EPERM;
	}
	/* Another program by now: not what the request was for. */
	if (mm != target->mm) {
		mmput(mm);
		return -ESRCH;
	}
	mmput(mm);
	return allowed ? 0 : -EPERM;
}

/**
 * procdump_target_authorize() - may current dump the target?
 * @target: from procdump_target_find()
 *
 * On success the target's memory is held and its exec_update_lock is taken for
 * reading, until procdump_target_exec_unlock() or procdump_target_put(). May
 * be called again after the lock was dropped, and then makes sure that the
 * answer is still the same for the same memory.
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -EINTR if current was killed; -ESRCH if the target has no memory
 * any more, or other memory than before; -EPERM if it may not be dumped.
 */
int procdump_target_authorize(struct procdump_target *target)
{
	might_sleep();
	if (down_read_killable(&target->task->signal->exec_update_lock))
		return -EINTR;
	target->exec_locked = true;
	return check(target);
}

/**
 * procdump_target_exec_unlock() - let the target execute programs again
 * @target: the target; nothing happens if the lock is not held
 *
 * Context: Process context.
 */
void procdump_target_exec_unlock(struct procdump_target *target)
{
	if (!target->exec_locked)
		return;
	target->exec_locked = false;
	up_read(&target->task->signal->exec_update_lock);
}

/**
 * procdump_target_put() - give everything back
 * @target: the target; may be all zero
 *
 * Context: Process context. May sleep: the last reference to an address space
 * unmaps it.
 */
void procdump_target_put(struct procdump_target *target)
{
	procdump_target_exec_unlock(target);
	if (target->mm)
		mmput(target->mm);
	if (target->task)
		put_task_struct(target->task);
	target->mm = NULL;
	target->task = NULL;
}
