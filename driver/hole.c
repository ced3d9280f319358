// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holes: addresses that never got a page, where a core has zeros. What they
 * cost goes by the page tables that are there, not by addresses: levels that
 * are empty are passed whole.
 *
 * Only where the page tables, or for shared memory the page cache, know all
 * that there is. Of files and hugetlb they do not: those have no holes here.
 *
 * Locks: the target's mmap_lock for reading. Upper levels of page tables stay
 * while it is held, the last one within an RCU section. Its own lock is taken,
 * since an entry is cleared for a moment where it is changed: when its page is
 * moved, swapped out or copied.
 */
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>

#include "compat.h"
#include "hold.h"
#include "hole.h"
#include "page.h"
#include "range.h"

/* Runs of pages that are looked at under one hold of mmap_lock. */
#define RUNS	1024
/* Pages of the cache that are looked at within one RCU section. */
#define CACHE_RUN	16384UL

static unsigned long look_at_ptes(struct mm_struct *mm, pmd_t pmd,
				  unsigned long addr, unsigned long end,
				  bool *data)
{
	pte_t *pte = pte_offset_kernel(&pmd, addr);
	spinlock_t *lock = pte_lockptr(mm, &pmd);

	spin_lock(lock);
	*data = !procdump_hole_is_none(READ_ONCE(*pte));
	do {
		addr += PAGE_SIZE;
		pte++;
	} while (addr < end &&
		 !procdump_hole_is_none(READ_ONCE(*pte)) == *data);
	spin_unlock(lock);
	return addr;
}

/*
 * Is there something at @addr? Returns the end of the run of which the same
 * can be said. What is in swap or moves is something.
 */
static unsigned long look(struct mm_struct *mm, unsigned long addr,
			  unsigned long end, bool *data)
{
	unsigned long next = pgd_addr_end(addr, end);
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pudp, pud;
	pmd_t pmd;

	*data = false;
	if (pgd_none(READ_ONCE(*pgd)))
		return next;
	p4d = p4d_offset(pgd, addr);
	next = p4d_addr_end(addr, end);
	if (p4d_none(READ_ONCE(*p4d)))
		return next;
	pudp = pud_offset(p4d, addr);
	pud = READ_ONCE(*pudp);
	next = pud_addr_end(addr, end);
	if (pud_none(pud))
		return next;
	if (!pud_present(pud) || pud_leaf(pud)) {
		*data = true;
		return next;
	}
	pmd = READ_ONCE(*pmd_offset(pudp, addr));
	next = pmd_addr_end(addr, end);
	if (pmd_none(pmd))
		return next;
	if (!pmd_present(pmd) || pmd_leaf(pmd)) {
		*data = true;
		return next;
	}
	return look_at_ptes(mm, pmd, addr, next, data);
}

static unsigned long anonymous_end(struct mm_struct *mm, unsigned long addr,
				   unsigned long end)
{
	unsigned long next;
	bool data;

	for (; addr < end; addr = next) {
		rcu_read_lock();
		next = look(mm, addr, end, &data);
		rcu_read_unlock();
		if (data)
			return addr;
		cond_resched();
	}
	return end;
}

/* A private mapping has pages that the cache does not know. */
static bool is_shared_memory(const struct vm_area_struct *vma)
{
	return vma->vm_file && (vma->vm_flags & VM_MAYSHARE) &&
	       compat_shmem_mapping(vma->vm_file->f_mapping);
}

/* The page cache has also what is in swap. */
static unsigned long shmem_end(struct vm_area_struct *vma, unsigned long addr,
			       unsigned long end)
{
	unsigned long first = linear_page_index(vma, addr);
	unsigned long index = first;

	if (!xa_find(&vma->vm_file->f_mapping->i_pages, &index,
		     first + ((end - addr) >> PAGE_SHIFT) - 1, XA_PRESENT))
		return end;
	return index > first ? addr + ((index - first) << PAGE_SHIFT) : addr;
}

/* As look(), of shared memory. */
static unsigned long look_at_cache(struct vm_area_struct *vma,
				   unsigned long addr, unsigned long end,
				   bool *data)
{
	unsigned long first = linear_page_index(vma, addr), next, most;

	next = shmem_end(vma, addr, end);
	*data = next == addr;
	if (!*data)
		return next;
	most = min((end - addr) >> PAGE_SHIFT, CACHE_RUN);
	next = page_cache_next_miss(vma->vm_file->f_mapping, first, most);
	/* A page in swap is a miss, too. */
	return addr + (clamp(next - first, 1UL, most) << PAGE_SHIFT);
}

/**
 * procdump_hole_known() - is it known of a mapping what was never touched?
 * @vma: the mapping
 *
 * Context: Any context.
 * Return: true for anonymous and for shared memory.
 */
bool procdump_hole_known(const struct vm_area_struct *vma)
{
	return vma_is_anonymous((struct vm_area_struct *)vma) ||
	       is_shared_memory(vma);
}

/**
 * procdump_hole_end() - how far is there surely nothing?
 * @mm: address space
 * @vma: one of its mappings
 * @addr: address in it
 * @end: look no further than this, at most the end of @vma
 *
 * Context: Process context, mmap_lock held. May reschedule.
 * Return: the first address from @addr on that may have contents, or @end.
 */
unsigned long procdump_hole_end(struct mm_struct *mm,
				struct vm_area_struct *vma, unsigned long addr,
				unsigned long end)
{
	lockdep_assert_held(&mm->mmap_lock);
	if (vma_is_anonymous(vma))
		return anonymous_end(mm, addr, end);
	if (is_shared_memory(vma))
		return shmem_end(vma, addr, end);
	return addr;
}

/*
 * Goes on from @addr, and from @hole, where the hole that it is in began, for
 * as long as mmap_lock may be held. True if there is one that has ended, from
 * @hole to @addr.
 */
static bool find_some(struct mm_struct *mm, unsigned long least,
		      unsigned long *hole, unsigned long *addr,
		      unsigned long end)
{
	struct vm_area_struct *vma = vma_lookup(mm, *addr);
	unsigned int runs;
	unsigned long next;
	bool data;

	lockdep_assert_held(&mm->mmap_lock);
	if (!vma || !procdump_hole_known(vma)) {
		/* Unmapped meanwhile: not for us to say. */
		*hole = end;
		*addr = end;
		return false;
	}
	end = min(end, vma->vm_end);
	for (runs = 0; runs < RUNS && *addr < end; runs++) {
		rcu_read_lock();
		next = vma_is_anonymous(vma) ?
		       look(mm, *addr, end, &data) :
		       look_at_cache(vma, *addr, end, &data);
		rcu_read_unlock();
		if (procdump_range_hole(least, hole, addr, next, data))
			return true;
	}
	return false;
}

/**
 * procdump_hole_find() - find the next large hole
 * @mm: address space
 * @hold: hold of the target, whose deadline counts
 * @least: bytes that it must have
 * @from: where to begin; then where the hole begins
 * @to: where to end; then where the hole ends. The same as @from, and as it
 *	was, if there is none
 *
 * Context: Process context. May sleep, killably; takes and drops mmap_lock.
 * Return: 0; -EINTR if current was killed; -ETIMEDOUT if the hold ended first.
 */
int procdump_hole_find(struct mm_struct *mm, struct procdump_hold *hold,
		       unsigned long least, unsigned long *from,
		       unsigned long *to)
{
	unsigned long addr = *from, hole = addr;
	bool found = false;
	int err;

	while (!found && addr < *to) {
		err = procdump_page_lock(mm, hold);
		if (err)
			return err;
		found = find_some(mm, least, &hole, &addr, *to);
		mmap_read_unlock(mm);
		err = procdump_hold_extend(hold);
		if (err)
			return err;
		cond_resched();
	}
	if (addr > hole && addr - hole >= least) {
		*from = hole;
		*to = addr;
	} else {
		*from = *to;
	}
	return 0;
}
