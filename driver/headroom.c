// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is there memory enough for a copy-on-write copy? Each page that the target
 * writes while there is one is doubled, and whoever finds no memory then is the
 * target, not the dumper.
 *
 * Where it is taken from: the nodes that a cpuset, or the policy of the
 * process, lets it have (numactl --membind), and each memory cgroup above it.
 * Policies of single mappings, by mbind(2), are not looked at.
 *
 * Locks: the alloc_lock of a task, within RCU.
 */
#include <linux/memcontrol.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/sched/coredump.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "headroom.h"
#include "ksym.h"

/*
 * Pages that a copy leaves alone in any case: what a target can write in the
 * time between two looks.
 */
#define RESERVE		(SZ_16M >> PAGE_SHIFT)

#if defined(CONFIG_MEMCG) && defined(CONFIG_NUMA)
static void nodes_of_task(struct task_struct *task, nodemask_t *nodes)
{
	const struct mempolicy *policy;

	task_lock(task);
#ifdef CONFIG_CPUSETS
	nodes_and(*nodes, *nodes, task->mems_allowed);
#endif
	policy = task->mempolicy;
	if (policy && policy->mode == MPOL_BIND)
		nodes_and(*nodes, *nodes, policy->nodes);
	task_unlock(task);
}

static void allowed_nodes(struct mm_struct *mm, nodemask_t *nodes)
{
	struct task_struct *owner;

	*nodes = node_states[N_MEMORY];
	rcu_read_lock();
	owner = rcu_dereference(mm->owner);
	if (owner)
		nodes_of_task(owner, nodes);
	rcu_read_unlock();
}
#else
static void allowed_nodes(struct mm_struct *mm, nodemask_t *nodes)
{
	*nodes = node_states[N_MEMORY];
}
#endif

static long node_pages(const pg_data_t *node, enum node_stat_item item)
{
	return max(atomic_long_read(&node->vm_stat[item]), 0L);
}

/* As si_mem_available() has it: what can be had without swapping. */
static long available_on_node(int nid)
{
	pg_data_t *node = NODE_DATA(nid);
	long cache, free = 0, low = 0;
	int i;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		struct zone *zone = &node->node_zones[i];

		if (!populated_zone(zone))
			continue;
		free += zone_page_state(zone, NR_FREE_PAGES);
		low += low_wmark_pages(zone);
	}
	free -= node->totalreserve_pages;
	cache = node_pages(node, NR_ACTIVE_FILE) +
		node_pages(node, NR_INACTIVE_FILE);
	return max(free + cache - min(cache / 2, low), 0L);
}

static long available(struct mm_struct *mm)
{
	nodemask_t nodes;
	long pages = 0;
	int nid;

	allowed_nodes(mm, &nodes);
	if (nodes_subset(node_states[N_MEMORY], nodes))
		return si_mem_available();
	for_each_node_mask(nid, nodes)
		pages += available_on_node(nid);
	return min(pages, si_mem_available());
}

#ifdef CONFIG_MEMCG
/*
 * Room for @pages in each cgroup that the memory of @mm is charged to, or for a
 * @part of the cgroup's limit, if that is less.
 */
static bool cgroups_have_room(struct mm_struct *mm, unsigned long pages,
			      unsigned int part)
{
	struct mem_cgroup *first = get_mem_cgroup_from_mm(mm), *memcg;
	unsigned long limit;
	bool room = true;

	for (memcg = first; memcg && room; memcg = parent_mem_cgroup(memcg)) {
		limit = min(READ_ONCE(memcg->memory.max),
			    READ_ONCE(memcg->memory.high));
		room = page_counter_read(&memcg->memory) +
		       min(pages, limit / part) <= limit;
	}
	mem_cgroup_put(first);
	return room;
}
#else
static bool cgroups_have_room(struct mm_struct *mm, unsigned long pages,
			      unsigned int part)
{
	return true;
}
#endif

/**
 * procdump_headroom_for_copy() - would a copy of its memory fit?
 * @mm: the target's memory
 *
 * Context: Process context.
 * Return: true if all anonymous memory of the target could be doubled, and
 * memory is not committed strictly.
 */
bool procdump_headroom_for_copy(struct mm_struct *mm)
{
	unsigned long tables = (mm_pgtables_bytes(mm) >> PAGE_SHIFT) + RESERVE;
	unsigned long pages = tables + compat_get_mm_counter_sum(mm,
								 MM_ANONPAGES);

	/* The copy's own tables are charged to the dumper. */
	return procdump_ksym_overcommit() != OVERCOMMIT_NEVER &&
	       available(mm) > (long)pages &&
	       cgroups_have_room(mm, pages, 1) &&
	       cgroups_have_room(current->mm, tables, 1);
}

/**
 * procdump_headroom_gone() - must a copy be dropped for the target's sake?
 * @mm: the target's memory
 *
 * Context: Process context.
 * Return: true if free memory, or room in a cgroup of the target, is nearly used
 * up, or the OOM killer has chosen the target.
 */
bool procdump_headroom_gone(struct mm_struct *mm)
{
	return test_bit(MMF_UNSTABLE, &mm->flags) ||
	       test_bit(MMF_OOM_SKIP, &mm->flags) ||
	       available(mm) < (long)RESERVE ||
	       !cgroups_have_room(mm, RESERVE, 32);
}
