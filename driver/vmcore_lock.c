// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which lock does a task wait for, and who has it? Nothing in a task says so,
 * but a waiter for a mutex, a rw_semaphore or a semaphore has an entry for the
 * lock's list of waiters on its stack, which begins alike for all of them: the
 * list, then the task. The entry is found by its task, and proven by its
 * neighbours in the list pointing back to it. The one entry of the list that
 * is on no stack is the head, and that is within the lock.
 *
 * Promises: no lock is taken, nothing is written. Whatever is followed is read
 * without faults, and a task is only believed when its id leads back to it, so
 * that garbage gives a wrong answer at worst. Loops are bounded.
 *
 * Context of all: within rcu_read_lock(), any context but NMI. The answers are
 * right when all CPUs stand still.
 */
#include <linux/memory_hotplug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/pgtable.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "vmcore_lock.h"

/* Waiters of one lock that are passed on the way to its head. */
#define WAITERS_MAX	512

/* How mutex_waiter, rwsem_waiter and semaphore_waiter begin. */
struct waiter {
	struct list_head list;
	struct task_struct *task;
	u32 type;
};

/* The flags that the locks keep in the lower bits of a pointer to a task. */
#define MUTEX_BITS	7UL
#define RWSEM_BITS	3UL
#define RWSEM_READING	1UL

/*
 * A garbage pointer may lead to a device's registers, also those in the fixmap
 * above the modules: only memory is read. And it may be an address that no page
 * table has: copy_from_kernel_nofault() refuses these by what the processor can
 * do, which with 5 levels is more than a kernel that uses 4 of them may read,
 * and the exception of that is a warning in the log.
 */
static bool is_memory(unsigned long addr)
{
	struct page *page;

	if (addr >= __START_KERNEL_map && addr < MODULES_END)
		return true;
	if (is_vmalloc_addr((void *)addr))
		page = vmalloc_to_page((void *)addr);
	else
		page = virt_addr_valid(addr) ? virt_to_page(addr) : NULL;
	if (page)
		page = pfn_to_online_page(page_to_pfn(page));
	/* The first MiB has the memory of a graphics card in it. */
	return page && page_to_pfn(page) >= PFN_DOWN(SZ_1M) &&
	       !PageOffline(page) && !PageHWPoison(page);
}

/* Nothing is read where @addr is no multiple of @size: it could end elsewhere. */
static bool read_garbage(void *to, unsigned long addr, size_t size)
{
	return IS_ALIGNED(addr, size) && is_memory(addr) &&
	       !copy_from_kernel_nofault(to, (void *)addr, size);
}

static unsigned long word_at(unsigned long addr)
{
	unsigned long word;

	return read_garbage(&word, addr, sizeof(word)) ? word : 0;
}

static bool is_task(struct task_struct *task)
{
	pid_t pid;

	return read_garbage(&pid, (unsigned long)&task->pid, sizeof(pid)) &&
	       pid > 0 &&
	       pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID) == task;
}

static bool is_on_stack(unsigned long addr, struct task_struct *task)
{
	unsigned long stack = (unsigned long)task_stack_page(task);

	return addr >= stack && addr < stack + THREAD_SIZE;
}

static bool is_waiter(unsigned long node)
{
	struct task_struct *task;

	task = (void *)word_at(node + offsetof(struct waiter, task));
	return is_task(task) && is_on_stack(node, task);
}

static bool is_linked(unsigned long node, unsigned long next,
		      unsigned long prev)
{
	return next != node &&
	       word_at(next + offsetof(struct list_head, prev)) == node &&
	       word_at(prev + offsetof(struct list_head, next)) == node;
}

static unsigned long find_head(unsigned long node)
{
	unsigned long at = word_at(node);
	unsigned int tries;

	for (tries = WAITERS_MAX; tries && at && at != node; tries--) {
		if (!is_waiter(at))
			return at;
		at = word_at(at);
	}
	return 0;
}

static struct task_struct *owner_of(unsigned long word, unsigned long bits)
{
	struct task_struct *task = (void *)(word & ~bits);

	return is_task(task) ? task : NULL;
}

/* With PREEMPT_RT both locks are made of others, which have a tree. */
static void find_owners(struct procdump_lock *lock)
{
#ifndef CONFIG_PREEMPT_RT
	unsigned long word;

	word = word_at(procdump_lock_address(lock, false) +
		       offsetof(struct mutex, owner));
	lock->mutex_owner = owner_of(word, MUTEX_BITS);
	word = word_at(procdump_lock_address(lock, true) +
		       offsetof(struct rw_semaphore, owner));
	lock->rwsem_owner = owner_of(word, RWSEM_BITS);
	lock->rwsem_reading = word & RWSEM_READING;
#endif
}

/**
 * procdump_lock_address() - where a lock begins
 * @lock: one with a list
 * @rwsem: it is an rw_semaphore; else a mutex
 *
 * Context: Any context.
 * Return: its address.
 */
unsigned long procdump_lock_address(const struct procdump_lock *lock,
				    bool rwsem)
{
#ifndef CONFIG_PREEMPT_RT
	return lock->list - (rwsem ? offsetof(struct rw_semaphore, wait_list) :
				     offsetof(struct mutex, wait_list));
#else
	return lock->list;
#endif
}

/**
 * procdump_lock_find() - what does a task wait for?
 * @lock: filled in
 * @task: a task that does not run
 * @room: PROCDUMP_LOCK_DEPTH bytes to work with
 *
 * Context: As all in this file.
 */
void procdump_lock_find(struct procdump_lock *lock, struct task_struct *task,
			unsigned long *room)
{
	unsigned long stack = (unsigned long)task_stack_page(task);
	unsigned long sp = READ_ONCE(task->thread.sp);
	unsigned int i, count;

	memset(lock, 0, sizeof(*lock));
	if (!stack || !IS_ALIGNED(sp, sizeof(*room)) || !is_on_stack(sp, task))
		return;
	count = min_t(unsigned long, stack + THREAD_SIZE - sp,
		      PROCDUMP_LOCK_DEPTH) / sizeof(*room);
	if (copy_from_kernel_nofault(room, (void *)sp, count * sizeof(*room)))
		return;
	for (i = 2; i + 1 < count; i++) {
		unsigned long node = sp + (i - 2) * sizeof(*room);

		if (room[i] != (unsigned long)task ||
		    !is_linked(node, room[i - 2], room[i - 1]))
			continue;
		lock->node = node;
		lock->type = room[i + 1];
		lock->list = find_head(node);
		if (lock->list)
			find_owners(lock);
		return;
	}
}
