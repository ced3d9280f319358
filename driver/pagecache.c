// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of mapped files that are in no page table: from the page cache, or else
 * from the file.
 *
 * The file may be on a disk that hangs, or on a file system whose server does not
 * answer: often this is why there is a dump, and the page that is read is the one
 * that the target itself waits for. To wait for it may be something that no signal
 * ends (a FUSE server that has the request, a page that somebody else has locked).
 * So a page that the cache does not have is read by an errand (errand.c). The dumper
 * waits for it killably, for stall_ms, and where the target is held for half of what
 * is left of it, at most half in all: then the page is missing, and the hold whole.
 *
 * Once somebody has given up to wait for a file system, nobody waits for it before
 * that read has come back: a dump of a process with a thousand such pages
 * waits once, the next dump not at all, and threads do not pile up in the kernel.
 *
 * Shared memory is read by the dumper itself: it has no server but swap.
 *
 * Locks: the errand takes invalidate_lock of the mapping, as a page fault does: it
 * keeps pages of a file from being filled while their blocks are given away. The
 * dumper takes none.
 */
#include <linux/dax.h>
#include <linux/fadvise.h>
#include <linux/fs.h>
#include <linux/hugetlb_inline.h>
#include <linux/ktime.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>

#include "compat.h"
#include "errand.h"
#include "hold.h"
#include "pagecache.h"
#include "procdump.h"

/* Milliseconds between two looks at the hold. */
#define LOOK_MS		20
/* How often a page may be reclaimed before we see it. */
#define TRIES		3

/*
 * How long a page may take. Where the target is held: with whatever else hangs it must
 * not come to the end of the hold. If the pause budget ends it, it does.
 */
static ktime_t patience(struct procdump_hold *hold)
{
	ktime_t stall = ms_to_ktime(READ_ONCE(procdump_stall_ms));

	if (READ_ONCE(hold->released))
		return stall;
	return min(stall, procdump_hold_left(hold)) / 2;
}

/* The file system; they share one where the file is a block device. */
static const void *server_of(const struct address_space *mapping)
{
	if (S_ISBLK(mapping->host->i_mode))
		return mapping;
	return mapping->host->i_sb;
}

/* Has somebody waited for this file, or its file system, so long that we need not? */
static bool hangs(const struct address_space *mapping)
{
	return procdump_errand_hangs(mapping) ||
	       procdump_errand_hangs(server_of(mapping));
}

static bool is_inside(const struct address_space *mapping, pgoff_t index)
{
	return index < DIV_ROUND_UP(i_size_read(mapping->host), PAGE_SIZE);
}

static int read_one(struct file *file, pgoff_t index,
		    struct procdump_errand *errand)
{
	struct address_space *mapping = file->f_mapping;
	struct page *page = NULL;

	/* Somebody may have it who truncates the file: that says nothing of others. */
	procdump_errand_wants(errand, mapping);
	filemap_invalidate_lock_shared(mapping);
	procdump_errand_wants(errand, server_of(mapping));
	if (is_inside(mapping, index))
		page = read_mapping_page(mapping, index, file);
	filemap_invalidate_unlock_shared(mapping);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (page)
		put_page(page);
	return 0;
}

/*
 * The errand: have the page at @pos read, and with it what comes behind it. That is
 * not asked of the file system (vfs_fadvise()), which may take locks of writers.
 */
static int bring(struct file *file, loff_t pos, size_t len,
		 struct procdump_errand *errand)
{
	/* Readahead takes it, too, and then waits for the disk. */
	filemap_invalidate_lock_shared(file->f_mapping);
	filemap_invalidate_unlock_shared(file->f_mapping);
	procdump_errand_wants(errand, server_of(file->f_mapping));
	if (len > PAGE_SIZE)
		generic_fadvise(file, pos, len, POSIX_FADV_WILLNEED);
	if (procdump_errand_left(errand))
		return 0;
	return read_one(file, pos >> PAGE_SHIFT, errand);
}

/* Returns 0 if it came. */
static int wait_for(struct procdump_errand *errand, struct procdump_hold *hold)
{
	ktime_t end = ktime_add(ktime_get(), patience(hold));
	int err;

	while (!procdump_errand_wait_ms(errand, LOOK_MS)) {
		err = procdump_hold_check(hold);
		if (err)
			return err;
		if (ktime_after(ktime_get(), end)) {
			procdump_errand_give_up(errand);
			return -ETIMEDOUT;
		}
	}
	return 0;
}

static int have_read(struct file *file, pgoff_t index, unsigned long pages,
		     struct procdump_hold *hold)
{
	struct procdump_errand *errand;
	int err, late;

	if (hangs(file->f_mapping))
		return -ETIMEDOUT;
	errand = procdump_errand_create(bring, (loff_t)index << PAGE_SHIFT,
					pages << PAGE_SHIFT);
	if (!errand)
		return -ENOMEM;
	procdump_errand_wants(errand, file->f_mapping);
	procdump_errand_start(errand, file);
	late = wait_for(errand, hold);
	err = procdump_errand_put(errand);
	return late ? late : err;
}

/* Returns NULL if the cache has not got it. */
static struct page *find_uptodate(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_get_page(mapping, index);

	if (!page || PageUptodate(page))
		return page;
	put_page(page);
	return NULL;
}

/**
 * procdump_pagecache_has() - can pages that are not mapped be had from the file?
 * @vma: a mapping
 *
 * Context: mmap_lock held.
 * Return: whether procdump_pagecache_read() may be asked for them.
 */
bool procdump_pagecache_has(struct vm_area_struct *vma)
{
	struct address_space *mapping;
	umode_t mode;

	if (!vma->vm_file || vma_is_anonymous(vma) || vma_is_dax(vma) ||
	    is_vm_hugetlb_page(vma))
		return false;
	mapping = vma->vm_file->f_mapping;
	mode = mapping->host->i_mode;
	if (!S_ISREG(mode) && !S_ISBLK(mode))
		return false;
	return compat_shmem_mapping(mapping) || mapping->a_ops->read_folio;
}

/**
 * procdump_pagecache_read() - a page of a file
 * @file: a file of which procdump_pagecache_has() is true
 * @index: offset in pages
 * @pages: how many from there on will be asked for
 * @hold: hold of the target, whose deadline counts
 *
 * Context: Process context of the dumper, no lock held. May sleep, killably.
 * Return: the page, with a reference; NULL for a hole; ERR_PTR(): -EINTR if current
 * was killed; -ETIMEDOUT if the hold ended first, or the page did not come in time;
 * -ENOMEM; the file system's error.
 */
struct page *procdump_pagecache_read(struct file *file, pgoff_t index,
				     unsigned long pages,
				     struct procdump_hold *hold)
{
	struct address_space *mapping = file->f_mapping;
	bool shmem = compat_shmem_mapping(mapping);
	unsigned int tries;
	struct page *page;
	int err;

	might_sleep();
	for (tries = 0; tries < TRIES; tries++) {
		if (!is_inside(mapping, index))
			return NULL;
		/* What has no other place than the cache would be made by a look. */
		if ((shmem || mapping->host->i_sb->s_magic == RAMFS_MAGIC) &&
		    !xa_load(&mapping->i_pages, index))
			return NULL;
		if (shmem)
			return shmem_read_mapping_page_gfp(mapping, index,
							   mapping_gfp_mask(mapping));
		page = find_uptodate(mapping, index);
		if (page)
			return page;
		err = have_read(file, index, pages, hold);
		if (err)
			return ERR_PTR(err);
	}
	return ERR_PTR(-EIO);
}
