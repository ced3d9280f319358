/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SEGMENT_H
#define _PROCDUMP_SEGMENT_H

#include <linux/types.h>

struct file;
struct mm_struct;
struct procdump_hold;
struct procdump_spans;

/* What of a mapping goes into a core. */
enum procdump_keep {
	PROCDUMP_KEEP_NONE,
	PROCDUMP_KEEP_ALL,
	PROCDUMP_KEEP_PAGE,	/* the first page */
	PROCDUMP_KEEP_IF_ELF,	/* the first page, if it is an ELF header */
};

/**
 * struct procdump_mapping - what the policy looks at
 * @flags: vm_flags
 * @special: named by the kernel: vDSO, vvar, vsyscall
 * @dax: of a DAX file
 * @written: a private mapping that was written to
 * @file: of a file
 * @unlinked: of a file without a name, such as anonymous shared memory
 * @start_of_file: the mapping begins at offset 0 of the file
 * @executable: the file has an execute permission bit
 */
struct procdump_mapping {
	unsigned long flags;
	bool special;
	bool dax;
	bool written;
	bool file;
	bool unlinked;
	bool start_of_file;
	bool executable;
};

enum procdump_keep procdump_segment_policy(const struct procdump_mapping *map,
					   unsigned long filter, bool all);

/**
 * struct procdump_segment - one mapping of the target, or a part of one
 * @start: first address
 * @end: address behind the last
 * @size: bytes of it that go into the core, from @start. If it is @sparse and
 *	is kept, the rest is a hole
 * @flags: PF_R, PF_W, PF_X
 * @pgoff: offset in @file, in pages
 * @file: what is mapped, a reference of our own, or NULL
 * @part: not the first part of a mapping, whose reference @file is
 * @alone: a copy of the address space does not have its contents
 * @live: nor can a copy hold them, because others can write to it
 * @if_elf: @size is kept only if an ELF header is there
 * @sparse: it is known which pages were never touched
 */
struct procdump_segment {
	unsigned long start;
	unsigned long end;
	unsigned long size;
	u32 flags;
	unsigned long pgoff;
	struct file *file;
	bool part;
	bool alone;
	bool live;
	bool if_elf;
	bool sparse;
};

/**
 * struct procdump_segments - all mappings of the target, by address
 * @seg: the mappings
 * @count: how many
 * @room: how many @seg has room for
 * @bytes: sum of their sizes, by procdump_segments_settle()
 * @live_bytes: of these, of segments that are live or alone
 * @left_bytes: left out by procdump_segments_keep()
 * @hole_bytes: of holes that are not in the file, likewise
 */
struct procdump_segments {
	struct procdump_segment *seg;
	unsigned int count;
	unsigned int room;
	u64 bytes;
	u64 live_bytes;
	u64 hole_bytes;
	u64 left_bytes;
};

int procdump_segments_init(struct procdump_segments *segs,
			   struct mm_struct *mm);
int procdump_segments_collect(struct procdump_segments *segs,
			      struct mm_struct *mm, struct procdump_hold *hold,
			      unsigned long filter, bool all);
int procdump_segments_settle(struct procdump_segments *segs,
			     struct mm_struct *mm, struct mm_struct *alone,
			     struct procdump_hold *hold);
int procdump_segments_keep(struct procdump_segments *segs,
			   const struct procdump_spans *kept);
void procdump_segments_empty(struct procdump_segments *segs);
void procdump_segments_uninit(struct procdump_segments *segs);

#endif /* _PROCDUMP_SEGMENT_H */
