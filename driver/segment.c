// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mappings of the target and what of them goes into the core.
 *
 * What is kept of a mapping is decided in policy.c. Every mapping becomes a
 * PT_LOAD segment, also one of which nothing is kept.
 *
 * A large hole in memory is not in the file, not even as zeros: the
 * mapping is split, so that each part has the bytes first and then the hole,
 * as memory behind p_filesz. README.md tells why so.
 *
 * Locks: the target's mmap_lock for reading, by procdump_page_lock(), only
 * while the list is made. Files are kept by references.
 */
#include <linux/dax.h>
#include <linux/elf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hugetlb_inline.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "hold.h"
#include "hole.h"
#include "ksym.h"
#include "page.h"
#include "procdump.h"
#include "segment.h"
#include "span.h"

/* The least hole that is worth a segment, unless there are too many. */
#define HOLE_LEAST	((unsigned long)SZ_1M)
/* Segments that holes may add. */
#define EXTRA_MAX	65536U

static void describe(struct vm_area_struct *vma, bool gate,
		     struct procdump_mapping *map)
{
	struct inode *inode = vma->vm_file ? file_inode(vma->vm_file) : NULL;

	*map = (struct procdump_mapping) {
		.flags = vma->vm_flags,
		.special = gate || (vma->vm_ops && vma->vm_ops->name &&
				    vma->vm_ops->name(vma)),
		.dax = vma_is_dax(vma),
		.written = vma->anon_vma,
		.file = inode,
		.unlinked = inode && inode->i_nlink == 0,
		.start_of_file = vma->vm_pgoff == 0,
		.executable = inode && (READ_ONCE(inode->i_mode) & 0111),
	};
}

static void add(struct procdump_segments *segs, struct vm_area_struct *vma,
		bool gate, unsigned long filter, bool all)
{
	struct procdump_segment *seg = &segs->seg[segs->count++];
	struct procdump_mapping map;
	enum procdump_keep policy;

	describe(vma, gate, &map);
	policy = procdump_segment_policy(&map, filter, all);
	*seg = (struct procdump_segment) {
		.start = vma->vm_start,
		.end = vma->vm_end,
		.flags = (vma->vm_flags & VM_READ ? PF_R : 0) |
			 (vma->vm_flags & VM_WRITE ? PF_W : 0) |
			 (vma->vm_flags & VM_EXEC ? PF_X : 0),
		.pgoff = vma->vm_pgoff,
		.alone = vma->vm_flags & (VM_DONTCOPY | VM_WIPEONFORK),
		.live = (vma->vm_flags & VM_SHARED) &&
			(vma->vm_flags & VM_MAYWRITE),
		.if_elf = policy == PROCDUMP_KEEP_IF_ELF,
		.sparse = procdump_hole_known(vma),
	};
	if (vma->vm_file)
		seg->file = get_file(vma->vm_file);
	if (policy == PROCDUMP_KEEP_ALL)
		seg->size = seg->end - seg->start;
	else if (policy != PROCDUMP_KEEP_NONE)
		seg->size = PAGE_SIZE;
}

/* Returns false if the list does not fit. */
static bool walk(struct procdump_segments *segs, struct mm_struct *mm,
		 unsigned long filter, bool all)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *gate = procdump_ksym_gate_vma(mm);
	struct vm_area_struct *vma;

	lockdep_assert_held(&mm->mmap_lock);
	if (mm->map_count + 1 > segs->room)
		return false;
	for_each_vma(vmi, vma) {
		if (segs->count + 1 >= segs->room)
			return false;
		add(segs, vma, false, filter, all);
	}
	if (gate)
		add(segs, gate, true, filter, all);
	return true;
}

static void forget(struct procdump_segments *segs)
{
	while (segs->count) {
		struct procdump_segment *seg = &segs->seg[--segs->count];

		if (seg->file && !seg->part)
			fput(seg->file);
	}
}

static int resize(struct procdump_segments *segs, struct mm_struct *mm)
{
	unsigned int room = READ_ONCE(mm->map_count);

	room += room / 8 + 16;
	forget(segs);
	kvfree(segs->seg);
	segs->room = room;
	segs->seg = kvmalloc_array(room, sizeof(*segs->seg), PROCDUMP_GFP);
	return segs->seg ? 0 : -ENOMEM;
}

/**
 * procdump_segments_init() - allocate for the mappings that there are now
 * @segs: the list, zeroed
 * @mm: the target's memory
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int procdump_segments_init(struct procdump_segments *segs, struct mm_struct *mm)
{
	return resize(segs, mm);
}

/**
 * procdump_segments_collect() - list the mappings and decide what is kept
 * @segs: after procdump_segments_init()
 * @mm: the target's memory
 * @hold: the hold of the target
 * @filter: bits as in /proc/PID/coredump_filter
 * @all: as for procdump_segment_policy()
 *
 * What @segs had before is forgotten.
 *
 * Context: Process context. May sleep, killably; takes and drops mmap_lock.
 * Return: 0; -ENOMEM; -EINTR if current was killed; -ETIMEDOUT if the hold
 * ended meanwhile. Sizes are not final before procdump_segments_settle().
 */
int procdump_segments_collect(struct procdump_segments *segs,
			      struct mm_struct *mm, struct procdump_hold *hold,
			      unsigned long filter, bool all)
{
	bool fits;
	int err;

	forget(segs);
	for (;;) {
		err = procdump_page_lock(mm, hold);
		if (err)
			return err;
		fits = walk(segs, mm, filter, all);
		mmap_read_unlock(mm);
		if (fits)
			return 0;
		err = resize(segs, mm);
		if (err)
			return err;
	}
}

/* Nothing is kept of what has no ELF header. */
static int check_elf(struct procdump_segment *seg, struct mm_struct *mm,
		     struct procdump_hold *hold)
{
	char magic[SELFMAG];
	int err;

	err = procdump_page_copy(mm, hold, seg->start, magic, sizeof(magic));
	if (err && err != -EFAULT)
		return err;
	if (err || memcmp(magic, ELFMAG, SELFMAG))
		seg->size = 0;
	return 0;
}

static int append(struct procdump_segments *segs,
		  const struct procdump_segment *seg)
{
	struct procdump_segment *more;
	unsigned int room = segs->room + segs->room / 2;

	if (segs->count == segs->room) {
		more = kvmalloc_array(room, sizeof(*more), PROCDUMP_GFP);
		if (!more)
			return -ENOMEM;
		memcpy(more, segs->seg, segs->count * sizeof(*more));
		kvfree(segs->seg);
		segs->seg = more;
		segs->room = room;
	}
	segs->seg[segs->count++] = *seg;
	return 0;
}

/*
 * Append the parts of @seg. Each begins with a page that is in the file, maybe
 * of zeros: what has no byte in a core reads as left out.
 */
static int split(struct procdump_segments *parts,
		 const struct procdump_segment *seg, struct mm_struct *mm,
		 struct procdump_hold *hold, unsigned long least,
		 unsigned int max)
{
	struct procdump_segment part = *seg;
	unsigned long from, to;
	int err;

	do {
		from = part.start + PAGE_SIZE;
		to = seg->end;
		err = procdump_hole_find(mm, hold, least, &from, &to);
		if (err)
			return err;
		part.size = from - part.start;
		part.end = to;
		if (parts->count >= max)
			return -E2BIG;
		err = append(parts, &part);
		part.start = to;
		part.pgoff += (to - from + part.size) >> PAGE_SHIFT;
		part.part = true;
	} while (!err && to < seg->end);
	return err;
}

static int split_all(struct procdump_segments *parts,
		     const struct procdump_segments *segs, struct mm_struct *mm,
		     struct mm_struct *alone, struct procdump_hold *hold,
		     unsigned long least)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < segs->count && !err; i++) {
		const struct procdump_segment *seg = &segs->seg[i];

		if (seg->sparse && seg->size > least)
			err = split(parts, seg, seg->alone ? alone : mm, hold,
				    least, segs->count + EXTRA_MAX);
		else
			err = append(parts, seg);
	}
	return err;
}

/* Take large holes out; only the largest, if there are very many. */
static int take_holes(struct procdump_segments *segs, struct mm_struct *mm,
		      struct mm_struct *alone, struct procdump_hold *hold)
{
	struct procdump_segments parts = { .room = segs->count + 64 };
	unsigned long least = HOLE_LEAST;
	int err;

	parts.seg = kvmalloc_array(parts.room, sizeof(*parts.seg),
				   PROCDUMP_GFP);
	if (!parts.seg)
		return -ENOMEM;
	do {
		parts.count = 0;
		err = split_all(&parts, segs, mm, alone, hold, least);
		least *= 8;
	} while (err == -E2BIG);
	if (err) {
		kvfree(parts.seg);
		return err;
	}
	kvfree(segs->seg);
	segs->seg = parts.seg;
	segs->count = parts.count;
	segs->room = parts.room;
	return 0;
}

static void add_up(struct procdump_segments *segs)
{
	unsigned int i;

	segs->bytes = 0;
	segs->live_bytes = 0;
	segs->hole_bytes = 0;
	for (i = 0; i < segs->count; i++) {
		struct procdump_segment *seg = &segs->seg[i];

		segs->bytes += seg->size;
		if (seg->alone || seg->live)
			segs->live_bytes += seg->size;
		if (seg->sparse && seg->size)
			segs->hole_bytes += seg->end - seg->start - seg->size;
	}
}

/**
 * procdump_segments_settle() - look at contents, where that decides
 * @segs: after procdump_segments_collect()
 * @mm: the target's memory, or a copy of it
 * @alone: the target's memory, for what a copy does not have
 * @hold: the hold of the target
 *
 * Context: Process context. May sleep, killably.
 * Return: as procdump_page_copy(), or -ENOMEM.
 */
int procdump_segments_settle(struct procdump_segments *segs,
			     struct mm_struct *mm, struct mm_struct *alone,
			     struct procdump_hold *hold)
{
	unsigned int i;
	int err;

	err = take_holes(segs, mm, alone, hold);
	if (err)
		return err;
	for (i = 0; i < segs->count && !err; i++) {
		if (segs->seg[i].if_elf)
			err = check_elf(&segs->seg[i], mm, hold);
	}
	add_up(segs);
	return err;
}

/* Append @seg without its memory, from @start to @end. */
static int append_empty(struct procdump_segments *parts,
			struct procdump_segment seg, unsigned long start,
			unsigned long end)
{
	if (start == end)
		return 0;
	seg.start = start;
	seg.end = end;
	seg.size = 0;
	return append(parts, &seg);
}

/* Append the parts of @seg. @range is the first that ends behind its start. */
static int keep_parts(struct procdump_segments *parts,
		      const struct procdump_segment *seg,
		      const struct procdump_span **range,
		      const struct procdump_span *last)
{
	unsigned long end = seg->start + seg->size, addr = seg->start;
	struct procdump_segment part = *seg;
	int err = 0;

	part.file = NULL;
	for (; *range < last && (*range)->start < end && !err; ++*range) {
		part.start = max((*range)->start, seg->start);
		part.size = min((*range)->end, end) - part.start;
		part.end = part.start + part.size;
		err = append_empty(parts, part, addr, part.start);
		/* The hole behind its memory stays with it. */
		if (part.end == end)
			part.end = seg->end;
		addr = part.end;
		if (!err)
			err = append(parts, &part);
		if ((*range)->end > end)
			break;
	}
	return err ? err : append_empty(parts, part, addr, seg->end);
}

/**
 * procdump_segments_keep() - leave memory out
 * @segs: after procdump_segments_settle(), and after the notes were made of
 *	them: the parts of a mapping do not have its file
 * @kept: what stays, in order and without overlaps, all of it in @segs
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM; then nothing has changed.
 */
int procdump_segments_keep(struct procdump_segments *segs,
			   const struct procdump_spans *kept)
{
	struct procdump_segments parts = { .room = segs->count + 64 };
	const struct procdump_span *range = kept->span;
	u64 bytes = segs->bytes;
	unsigned int i;
	int err = 0;

	parts.seg = kvmalloc_array(parts.room, sizeof(*parts.seg),
				   PROCDUMP_GFP);
	if (!parts.seg)
		return -ENOMEM;
	for (i = 0; i < segs->count && !err; i++)
		err = keep_parts(&parts, &segs->seg[i], &range,
				 kept->span + kept->count);
	if (err) {
		kvfree(parts.seg);
		return err;
	}
	forget(segs);
	kvfree(segs->seg);
	*segs = parts;
	add_up(segs);
	segs->left_bytes = bytes - segs->bytes;
	return 0;
}

/**
 * procdump_segments_empty() - keep the list of mappings, and none of the memory
 * @segs: after procdump_segments_collect()
 *
 * Context: Any context.
 */
void procdump_segments_empty(struct procdump_segments *segs)
{
	unsigned int i;

	for (i = 0; i < segs->count; i++) {
		segs->seg[i].size = 0;
		segs->seg[i].if_elf = false;
	}
}

/**
 * procdump_segments_uninit() - free the list
 * @segs: the list; may be all zero
 *
 * Context: Process context. May sleep: the last reference to a file closes it.
 */
void procdump_segments_uninit(struct procdump_segments *segs)
{
	forget(segs);
	kvfree(segs->seg);
	segs->seg = NULL;
}
