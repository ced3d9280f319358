// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many dumps there may be at once: max_dumps of processes, one of a target,
 * and one of the kernel, for which those that hang are a reason and no obstacle.
 *
 * A slot lives on the stack of the dumper and is in the list from
 * procdump_slot_get() to procdump_slot_put(). The list and its slots are
 * guarded by one lock, a leaf.
 */
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "procdump.h"
#include "slot.h"

static LIST_HEAD(slots);
static unsigned int active;
static unsigned int active_kernel;
static DEFINE_SPINLOCK(slots_lock);
static DECLARE_WAIT_QUEUE_HEAD(slots_wait);

static bool try_get(struct procdump_slot *slot)
{
	bool free;

	spin_lock(&slots_lock);
	free = slot->kernel ? !active_kernel :
			      active < READ_ONCE(procdump_max_dumps);
	if (free) {
		++*(slot->kernel ? &active_kernel : &active);
		slot->target = NULL;
		list_add(&slot->node, &slots);
	}
	spin_unlock(&slots_lock);
	return free;
}

static bool try_claim(struct procdump_slot *slot,
		      const struct signal_struct *target)
{
	struct procdump_slot *other;
	bool free = true;

	spin_lock(&slots_lock);
	list_for_each_entry(other, &slots, node)
		free &= other->target != target;
	if (free)
		slot->target = target;
	spin_unlock(&slots_lock);
	return free;
}

/**
 * procdump_slot_get() - begin a dump
 * @slot: owned by the caller until procdump_slot_put()
 * @kernel: it is one of the kernel
 * @wait: wait for a free one
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -EBUSY if all are taken and @wait is false; -EINTR if current was
 * killed.
 */
int procdump_slot_get(struct procdump_slot *slot, bool kernel, bool wait)
{
	slot->kernel = kernel;
	if (!wait)
		return try_get(slot) ? 0 : -EBUSY;
	return wait_event_killable(slots_wait, try_get(slot)) ? -EINTR : 0;
}

/**
 * procdump_slot_claim() - no other dump of this target
 * @slot: from procdump_slot_get()
 * @target: signal_struct of the target; the caller holds a reference of one of
 *	its tasks until procdump_slot_put()
 * @wait: wait for the end of another dump of it
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -EBUSY if there is one and @wait is false; -EINTR if current was
 * killed.
 */
int procdump_slot_claim(struct procdump_slot *slot,
			const struct signal_struct *target, bool wait)
{
	if (!wait)
		return try_claim(slot, target) ? 0 : -EBUSY;
	return wait_event_killable(slots_wait, try_claim(slot, target)) ?
		-EINTR : 0;
}

/**
 * procdump_slot_put() - the dump has ended
 * @slot: from procdump_slot_get()
 *
 * Context: Process context.
 */
void procdump_slot_put(struct procdump_slot *slot)
{
	spin_lock(&slots_lock);
	list_del(&slot->node);
	--*(slot->kernel ? &active_kernel : &active);
	spin_unlock(&slots_lock);
	procdump_slot_wake();
}

/**
 * procdump_slot_wake() - whoever waits for a slot looks again
 *
 * Context: Any context.
 */
void procdump_slot_wake(void)
{
	wake_up_all(&slots_wait);
}

/**
 * procdump_slot_active() - dumps in progress
 *
 * Context: Any context.
 * Return: how many.
 */
unsigned int procdump_slot_active(void)
{
	return READ_ONCE(active) + READ_ONCE(active_kernel);
}
