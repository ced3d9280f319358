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
 * A cgroup at its limit is nothing unusual: the page cache of all that its
 * processes have read and written fills it, the core of a dump from within it
 * included. So where too little is free, page cache counts as room, as on a node.
 * Nothing has to be really free, not even of RESERVE: whoever is charged at the
 * limit takes clean cache away himself, at once and before he goes on. That is the
 * target's life there anyway, and it writes less between two looks because of it.
 * But only half of the cache counts. The rest may be in use, or dirty, which cannot
 * be had at once: the kernel stops those who write files at a fifth of the cgroup
 * (vm.dirty_ratio), or of the machine where the file system does not know cgroups.
 * What memory.min protects does not count. Nor do shared memory, and what is
 * locked: they are on other lists than page cache.
 *
 * Locks: the alloc_lock of a task, within RCU; RCU for the cgroups below one.
 */
#include <linux/cgroup.h>
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
/* The kernel has pages in lists by use, or by generation (MGLRU). */
#ifdef CONFIG_LRU_GEN
static unsigned long cache_by_generation(struct lruvec *lruvec, int zone)
{
	long pages = 0;
	int gen;

	for (gen = 0; gen < MAX_NR_GENS; gen++)
		pages += READ_ONCE(lruvec->lrugen.nr_pages[gen][LRU_GEN_FILE]
							  [zone]);
	return max(pages, 0L);
}
#else
static unsigned long cache_by_generation(struct lruvec *lruvec, int zone)
{
	return 0;
}
#endif

static unsigned long cache_by_use(struct lruvec *lruvec, int zone)
{
	return mem_cgroup_get_zone_lru_size(lruvec, LRU_ACTIVE_FILE, zone) +
	       mem_cgroup_get_zone_lru_size(lruvec, LRU_INACTIVE_FILE, zone);
}

/* Page cache that is charged to @memcg itself. */
static unsigned long cache_of(struct mem_cgroup *memcg)
{
	struct lruvec *lruvec;
	unsigned long pages = 0;
	int nid, zone;

	for_each_node_state(nid, N_MEMORY) {
		lruvec = &memcg->nodeinfo[nid]->lruvec;
		for (zone = 0; zone < MAX_NR_ZONES; zone++)
			pages += cache_by_use(lruvec, zone) +
				 cache_by_generation(lruvec, zone);
	}
	return pages;
}

/*
 * What of it can be had at once. The protection that counts may be less than
 * memory.min, or more, when it is inherited. Reclaim for the limit of a cgroup
 * does not spare that cgroup itself, but on 6.1 it may, by an old value.
 */
static unsigned long spare_cache(struct mem_cgroup *memcg)
{
	unsigned long usage = page_counter_read(&memcg->memory);
	unsigned long kept = max(READ_ONCE(memcg->memory.min),
				 READ_ONCE(memcg->memory.emin));

	return usage > kept ? min(cache_of(memcg) / 2, usage - kept) : 0;
}

/* Can @pages be had from the cache of @memcg and those below it? */
static bool cache_has(struct mem_cgroup *memcg, unsigned long pages)
{
	struct cgroup_subsys_state *css;
	unsigned long found = 0;

	rcu_read_lock();
	css_for_each_descendant_pre(css, &memcg->css) {
		found += spare_cache(mem_cgroup_from_css(css));
		if (found >= pages)
			break;
	}
	rcu_read_unlock();
	return found >= pages;
}

static bool has_room(struct mem_cgroup *memcg, unsigned long pages,
		     unsigned int part)
{
	unsigned long limit = min(READ_ONCE(memcg->memory.max),
				  READ_ONCE(memcg->memory.high));
	unsigned long need = page_counter_read(&memcg->memory) +
			     min(pages, limit / part);

	return need <= limit || cache_has(memcg, need - limit);
}

/*
 * Room for @pages in each cgroup that the memory of @mm is charged to, or for a
 * @part of the cgroup's limit, if that is less. There is none if the kernel was
 * booted without memory cgroups.
 */
static bool cgroups_have_room(struct mm_struct *mm, unsigned long pages,
			      unsigned int part)
{
	struct mem_cgroup *first = get_mem_cgroup_from_mm(mm), *memcg;
	bool room = true;

	for (memcg = first; memcg && room; memcg = parent_mem_cgroup(memcg))
		room = has_room(memcg, pages, part);
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
