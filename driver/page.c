// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the pages of an address space that is not current's, without making
 * it larger: nothing is populated by being read.
 *
 * How a page is found depends on what is mapped:
 *
 *	anonymous	what was never touched is passed, see hole.c. The zero
 *			page is a hole, too. One in swap is read back.
 *	of a file	what is in the page tables. Else the page cache or the
 *			file, which have the same bytes: a private page that
 *			was written to is in the page tables, or in swap.
 *	shared memory	likewise; a page that the page cache does not know is
 *			a hole.
 *	anything else	by get_user_pages_remote(), which also refuses what
 *			must not be read, such as memfd_secret() and devices:
 *			there a page is missing.
 *
 * The walk over page tables decides only whether something is there. Contents
 * always come from get_user_pages_remote() or the page cache.
 *
 * Locks: the target's mmap_lock for reading, with trylock and the deadline of
 * the hold, because whoever has it may be waiting for us. It is dropped before
 * a file is read, which may need the target's help (FUSE).
 */
#include <linux/dax.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/hugetlb_inline.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>

#include "compat.h"
#include "hold.h"
#include "hole.h"
#include "ksym.h"
#include "page.h"
#include "pagecache.h"
#include "procdump.h"

/* Between two tries of a lock that the target may have. */
static int back_off(struct procdump_hold *hold, unsigned long *us)
{
	int err = procdump_hold_check(hold);

	if (err)
		return err;
	usleep_range(*us, *us * 2);
	*us = min(*us * 2, 1000UL);
	return 0;
}

/**
 * procdump_page_lock() - take an mmap_lock for reading
 * @mm: address space
 * @hold: hold of the target, whose deadline counts
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -EINTR if current was killed; -ETIMEDOUT if the hold ended first,
 * or the lock was not free for stall_ms.
 */
int procdump_page_lock(struct mm_struct *mm, struct procdump_hold *hold)
{
	ktime_t end = ktime_add_ms(ktime_get(), READ_ONCE(procdump_stall_ms));
	unsigned long us = 20;
	int err;

	might_sleep();
	while (!mmap_read_trylock(mm)) {
		err = back_off(hold, &us);
		if (!err && ktime_after(ktime_get(), end))
			err = -ETIMEDOUT;
		if (err)
			return err;
	}
	return 0;
}

/* What the page tables have for an address. */
enum entry {
	ENTRY_NONE,	/* nothing, see procdump_hole_is_none() */
	ENTRY_PRESENT,	/* a page, maybe the zero page */
	ENTRY_SWAP,	/* a place in swap, a page that moves, or another marker */
	ENTRY_MOVING,	/* a huge page that moves */
};

/* The entry of a huge page that is not there. */
static enum entry absent_entry(pte_t pte)
{
	if (procdump_hole_is_none(pte))
		return ENTRY_NONE;
	return is_migration_entry(pte_to_swp_entry(pte)) ? ENTRY_MOVING : ENTRY_SWAP;
}

/* Its lock is taken because an entry that is changed is none for a moment. */
static enum entry pte_entry(struct mm_struct *mm, pmd_t pmd, unsigned long addr)
{
	spinlock_t *lock = pte_lockptr(mm, &pmd);
	pte_t pte;

	spin_lock(lock);
	pte = READ_ONCE(*pte_offset_kernel(&pmd, addr));
	spin_unlock(lock);
	if (procdump_hole_is_none(pte))
		return ENTRY_NONE;
	return pte_present(pte) ? ENTRY_PRESENT : ENTRY_SWAP;
}

static enum entry pmd_entry(struct mm_struct *mm, pmd_t *pmdp,
			    unsigned long addr)
{
	pmd_t pmd = READ_ONCE(*pmdp);

	if (pmd_none(pmd))
		return ENTRY_NONE;
	if (!pmd_present(pmd))
		return absent_entry(__pte(pmd_val(pmd)));
	if (pmd_leaf(pmd))
		return ENTRY_PRESENT;
	return pte_entry(mm, pmd, addr);
}

static enum entry pud_entry(struct mm_struct *mm, p4d_t *p4d,
			    unsigned long addr)
{
	pud_t *pudp = pud_offset(p4d, addr);
	pud_t pud = READ_ONCE(*pudp);

	if (pud_none(pud))
		return ENTRY_NONE;
	if (!pud_present(pud))
		return absent_entry(__pte(pud_val(pud)));
	if (pud_leaf(pud))
		return ENTRY_PRESENT;
	return pmd_entry(mm, pmd_offset(pudp, addr), addr);
}

/*
 * Tables that map files may be freed without mmap_lock, but not within an RCU
 * section. Not for shared hugetlb, whose tables belong to others as well.
 */
static enum entry entry_of(struct mm_struct *mm, unsigned long addr)
{
	enum entry entry = ENTRY_NONE;
	pgd_t *pgd;
	p4d_t *p4d;

	rcu_read_lock();
	pgd = pgd_offset(mm, addr);
	if (!pgd_none(READ_ONCE(*pgd))) {
		p4d = p4d_offset(pgd, addr);
		if (!p4d_none(READ_ONCE(*p4d)))
			entry = pud_entry(mm, p4d, addr);
	}
	rcu_read_unlock();
	return entry;
}

/* A file without a page cache, behind its end: there never was anything. */
static bool behind_dax(struct vm_area_struct *vma, unsigned long addr)
{
	struct inode *inode;

	if (!vma->vm_file || !vma_is_dax(vma))
		return false;
	inode = vma->vm_file->f_mapping->host;
	return S_ISREG(inode->i_mode) &&
	       linear_page_index(vma, addr) >=
	       DIV_ROUND_UP(i_size_read(inode), PAGE_SIZE);
}

/* Its tables belong to others as well. */
static bool is_shared_hugetlb(struct vm_area_struct *vma)
{
	return is_vm_hugetlb_page(vma) && vma->vm_flags & VM_MAYSHARE;
}

/*
 * Can the zero page be there? get_user_pages_remote() has the same error for it as
 * for what it does not give away: memfd_secret(2), which is always shared, and
 * memory of a device. In a private mapping of a file the zero page is there by KSM
 * (use_zero_pages), which leaves mappings of devices alone, or by UFFDIO_ZEROPAGE;
 * with DAX it is a hole of the file.
 */
static bool may_be_zero_page(struct vm_area_struct *vma)
{
	return vma_is_anonymous(vma) || vma_is_dax(vma) ||
	       !(vma->vm_flags & (VM_MAYSHARE | VM_PFNMAP | VM_MIXEDMAP));
}

/* @err is why @addr has no page to read, and @entry what is there. */
static u8 state_of(struct vm_area_struct *vma, bool cache, long err,
		   enum entry entry, unsigned long addr)
{
	if (is_shared_hugetlb(vma))
		return err == -EFAULT && !userfaultfd_minor(vma) ?
		       PROCDUMP_PAGE_HOLE : PROCDUMP_PAGE_MISSING;

	switch (entry) {
	case ENTRY_NONE:
		if (cache)
			return PROCDUMP_PAGE_CACHE;
		return err == -EFAULT && (vma_is_anonymous(vma) ||
					  is_vm_hugetlb_page(vma) ||
					  behind_dax(vma, addr)) ?
		       PROCDUMP_PAGE_HOLE : PROCDUMP_PAGE_MISSING;
	case ENTRY_PRESENT:
		/* A poisoned one has another error. */
		return err == -EFAULT && may_be_zero_page(vma) ?
		       PROCDUMP_PAGE_HOLE : PROCDUMP_PAGE_MISSING;
	default:
		return PROCDUMP_PAGE_MISSING;
	}
}

#define READ_FLAGS	(FOLL_FORCE | FOLL_DUMP | FOLL_GET | FOLL_HWPOISON)

/*
 * One page that could not be read at first. What is in swap is read back, a
 * huge page that moves is waited for: moving it does not need mmap_lock. One
 * that is there now may have come since: it is the zero page if it cannot be
 * read now, either. @entry becomes what there was before the last try.
 */
static long read_again(struct mm_struct *mm, struct vm_area_struct *vma,
		       bool cache, unsigned long addr, struct page **page,
		       enum entry *entry)
{
	bool present = false;
	unsigned int tries;
	long got = -EFAULT;

	for (tries = 0; tries < 50 && got == -EFAULT; tries++) {
		*entry = entry_of(mm, addr);
		if (*entry == ENTRY_NONE || (*entry == ENTRY_SWAP && !cache) ||
		    (*entry == ENTRY_PRESENT && present))
			break;
		present = *entry == ENTRY_PRESENT;
		if (tries)
			usleep_range(200, 1000);
		got = compat_get_user_pages_remote(mm, addr, 1, READ_FLAGS |
						   (cache && present ?
						    FOLL_NOFAULT : 0), page);
	}
	return got;
}

/*
 * Pages of one mapping, mmap_lock held. First only what is mapped, where the
 * rest can come from the file.
 */
static int read_mapped(struct procdump_batch *batch, struct mm_struct *mm,
		       struct vm_area_struct *vma, unsigned long addr)
{
	bool cache = procdump_pagecache_has(vma);
	unsigned int flags = READ_FLAGS | (cache ? FOLL_NOFAULT : 0);
	unsigned long i = 0;
	long got;

	while (i < batch->pages) {
		unsigned long at = addr + i * PAGE_SIZE;
		enum entry entry = ENTRY_NONE;

		got = compat_get_user_pages_remote(mm, at, batch->pages - i,
						   flags, &batch->page[i]);
		if (got == -EFAULT && !is_shared_hugetlb(vma))
			got = read_again(mm, vma, cache, at, &batch->page[i],
					 &entry);
		else if (got <= 0 && !is_shared_hugetlb(vma))
			entry = entry_of(mm, at);
		if (got > 0) {
			memset(&batch->state[i], PROCDUMP_PAGE_DATA, got);
			i += got;
			continue;
		}
		batch->page[i] = NULL;
		batch->state[i] = state_of(vma, cache, got, entry, at);
		i++;
		if (fatal_signal_pending(current)) {
			batch->pages = i;
			return -EINTR;
		}
	}
	return 0;
}

/* How many from @i on are not mapped. */
static unsigned long unmapped(const struct procdump_batch *batch, unsigned long i)
{
	unsigned long end = i;

	while (end < batch->pages && batch->state[end] == PROCDUMP_PAGE_CACHE)
		end++;
	return end - i;
}

/* The rest, from @file, no lock held. */
static int read_unmapped(struct procdump_batch *batch, struct file *file,
			 pgoff_t index, struct procdump_hold *hold)
{
	unsigned long i;
	struct page *page;
	int err = 0;

	for (i = 0; i < batch->pages; i++) {
		if (batch->state[i] != PROCDUMP_PAGE_CACHE)
			continue;
		if (!err)
			err = procdump_hold_check(hold);
		page = err ? ERR_PTR(err) :
			     procdump_pagecache_read(file, index + i,
						     unmapped(batch, i), hold);
		if (IS_ERR(page)) {
			batch->state[i] = PROCDUMP_PAGE_MISSING;
			/* Is it the hold that did not last? */
			err = procdump_hold_check(hold);
		} else {
			batch->state[i] = page ? PROCDUMP_PAGE_DATA :
						 PROCDUMP_PAGE_HOLE;
			batch->page[i] = page;
		}
	}
	return err;
}

static void all_missing(struct procdump_batch *batch)
{
	memset(batch->state, PROCDUMP_PAGE_MISSING, sizeof(batch->state));
	memset(batch->page, 0, sizeof(batch->page));
}

static unsigned long pages_to(unsigned long addr, unsigned long end)
{
	return (end - addr) >> PAGE_SHIFT;
}

/* No mapping there: the vsyscall page, or it was unmapped meanwhile. */
static int read_outside(struct procdump_batch *batch, struct mm_struct *mm,
			unsigned long addr, unsigned long end)
{
	struct vm_area_struct *gate = procdump_ksym_gate_vma(mm);
	struct vm_area_struct *next = find_vma(mm, addr);

	if (next)
		end = min(end, next->vm_start);
	batch->pages = min_t(unsigned long, pages_to(addr, end), PROCDUMP_BATCH);
	all_missing(batch);
	if (!gate || addr < gate->vm_start || addr >= gate->vm_end)
		return 0;
	batch->pages = 1;
	if (!(gate->vm_flags & VM_READ))
		batch->state[0] = PROCDUMP_PAGE_HOLE;
	else if (compat_get_user_pages_remote(mm, addr, 1,
					      FOLL_FORCE | FOLL_GET,
					      batch->page) == 1)
		batch->state[0] = PROCDUMP_PAGE_DATA;
	return 0;
}

static int read_locked(struct procdump_batch *batch, struct mm_struct *mm,
		       unsigned long addr, unsigned long end,
		       struct file **file, pgoff_t *index)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	unsigned long next;

	lockdep_assert_held(&mm->mmap_lock);
	batch->hole = false;
	if (!vma)
		return read_outside(batch, mm, addr, end);

	end = min(end, vma->vm_end);
	if (vma->vm_flags & VM_IO) {
		batch->pages = pages_to(addr, end);
		batch->hole = true;
		return 0;
	}
	next = procdump_hole_end(mm, vma, addr, end);
	if (next > addr) {
		batch->pages = pages_to(addr, next);
		batch->hole = true;
		return 0;
	}
	batch->pages = min_t(unsigned long, pages_to(addr, end), PROCDUMP_BATCH);
	if (procdump_pagecache_has(vma)) {
		*file = get_file(vma->vm_file);
		*index = linear_page_index(vma, addr);
	}
	return read_mapped(batch, mm, vma, addr);
}

/**
 * procdump_page_read() - read pages from an address on
 * @batch: filled in; the caller owes a procdump_page_put(), also on error
 * @mm: address space
 * @hold: hold of the target, whose deadline counts
 * @addr: first address, on a page boundary
 * @end: read no further than this
 *
 * Reads as much as is easily done at once, at least one page.
 *
 * Context: Process context. May sleep, killably; takes and drops mmap_lock.
 * Return: 0; -EINTR if current was killed; -ETIMEDOUT if the hold ended first.
 */
int procdump_page_read(struct procdump_batch *batch, struct mm_struct *mm,
		       struct procdump_hold *hold, unsigned long addr,
		       unsigned long end)
{
	struct file *file = NULL;
	pgoff_t index = 0;
	int err;

	batch->pages = 0;
	batch->hole = true;
	err = procdump_page_lock(mm, hold);
	if (err)
		return err;
	err = read_locked(batch, mm, addr, end, &file, &index);
	mmap_read_unlock(mm);
	if (file) {
		if (!err)
			err = read_unmapped(batch, file, index, hold);
		fput(file);
	}
	return err;
}

/**
 * procdump_page_put() - drop the pages of a batch
 * @batch: after procdump_page_read()
 *
 * Context: Process context.
 */
void procdump_page_put(struct procdump_batch *batch)
{
	unsigned long i;

	for (i = 0; !batch->hole && i < batch->pages; i++) {
		if (batch->state[i] == PROCDUMP_PAGE_DATA)
			put_page(batch->page[i]);
	}
	batch->pages = 0;
	batch->hole = true;
}

/**
 * procdump_page_fetch() - copy a page that was read
 * @to: room for a page
 * @page: the page
 *
 * Context: Any context.
 * Return: 0, or -EIO if the memory has an error; then @to is all zeros.
 */
int procdump_page_fetch(void *to, struct page *page)
{
	void *from = kmap_local_page(page);
	unsigned long left = copy_mc_to_kernel(to, from, PAGE_SIZE);

	kunmap_local(from);
	if (!left)
		return 0;
	memset(to, 0, PAGE_SIZE);
	return -EIO;
}

static int copy_one(struct mm_struct *mm, struct procdump_hold *hold,
		    unsigned long addr, void *buf, size_t len)
{
	unsigned long page = addr & PAGE_MASK;
	struct procdump_batch batch;
	int err;

	err = procdump_page_read(&batch, mm, hold, page, page + PAGE_SIZE);
	if (!err) {
		if (batch.hole || batch.state[0] == PROCDUMP_PAGE_HOLE)
			memset(buf, 0, len);
		else if (batch.state[0] == PROCDUMP_PAGE_DATA)
			memcpy_from_page(buf, batch.page[0],
					 offset_in_page(addr), len);
		else
			err = -EFAULT;
	}
	procdump_page_put(&batch);
	return err;
}

/**
 * procdump_page_copy() - copy a few bytes
 * @mm: address space
 * @hold: hold of the target, whose deadline counts
 * @addr: first address
 * @buf: where to
 * @len: how many
 *
 * Context: as procdump_page_read().
 * Return: as procdump_page_read(), and -EFAULT if a page cannot be read.
 */
int procdump_page_copy(struct mm_struct *mm, struct procdump_hold *hold,
		       unsigned long addr, void *buf, size_t len)
{
	size_t part;
	int err = 0;

	while (len && !err) {
		part = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		err = copy_one(mm, hold, addr, buf, part);
		addr += part;
		buf += part;
		len -= part;
	}
	return err;
}
