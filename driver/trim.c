// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of the memory goes into a core that has to be small. In this order, as
 * far as there is room:
 *
 *	1. the stack of each thread, from its stack pointer up, and where its
 *	   thread pointer points
 *	2. what a debugger needs to find programs and libraries: small mappings
 *	   of files that were written to, with the .bss behind, ELF headers, the
 *	   vDSO, the link maps of the dynamic linker
 *	3. pages that registers and stacks point at
 *	4. what is around these, in growing steps
 *	5. the rest, the smallest mapping first
 *
 * A mini core has 1 to 3, however much 1 and 2 are, and some megabytes of 3.
 *
 * A mapping of which only parts are kept is split: what is left out is a segment
 * without bytes in the file, like one that a filter has left out.
 *
 * What is read from the target here is not trusted: lists have an end, and an
 * address is only good for a look.
 *
 * Locks: the target's mmap_lock for reading, by procdump_page_copy().
 */
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/elfcore-compat.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "hold.h"
#include "linkmap.h"
#include "page.h"
#include "procdump.h"
#include "segment.h"
#include "span.h"
#include "trim.h"

/* Of one stack. */
#define STACK_MAX	((unsigned long)SZ_1M)
/* Below the stack pointer. */
#define RED_ZONE	128
/* Around a thread pointer. */
#define THREAD_AREA	((unsigned long)SZ_4K)
/* Mappings of files, and the memory behind, up to this size. */
#define SMALL		((unsigned long)SZ_1M)
/* Words that are followed, of all threads together and least of one. */
#define POINTERS	32768U
#define POINTERS_LEAST	64U
/* Pages and ends of pages that are pointed at, of all threads together. */
#define POINTED		65536U
/* Of those, the ones that were found last: the same are found all the time. */
#define RECENT_BITS	9
/* A mini core has so much that is pointed at. */
#define MINI_POINTED	((u64)SZ_8M)
/* What a range costs in the file: it may split a mapping in three. */
#define EACH		(2 * sizeof(struct elf64_phdr))

/*
 * struct trim - what is kept so far
 * @wanted: next, in order
 * @pointed: pages that were found to be pointed at, POINTED at most
 * @recent: some of them
 * @full: something did not fit
 */
struct trim {
	struct procdump_segments *segs;
	struct mm_struct *mm;
	struct procdump_hold *hold;
	u64 limit;
	struct procdump_spans kept;
	struct procdump_spans wanted;
	struct procdump_spans pointed;
	unsigned long recent[1 << RECENT_BITS];
	bool full;
};

/* The first segment that ends behind @addr. */
static unsigned int find(const struct procdump_segments *segs,
			 unsigned long addr)
{
	unsigned int low = 0, high = segs->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (segs->seg[middle].end > addr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static const struct procdump_segment *segment_at(const struct trim *trim,
						 unsigned long addr)
{
	unsigned int i = find(trim->segs, addr);
	const struct procdump_segment *seg = &trim->segs->seg[i];

	if (i == trim->segs->count || addr < seg->start ||
	    addr >= seg->start + seg->size)
		return NULL;
	return seg;
}

/* Add to @spans what the core would have from @start to @end, whole pages. */
static int want_in(struct trim *trim, struct procdump_spans *spans,
		   unsigned long start, unsigned long end)
{
	unsigned int i;
	int err = 0;

	start &= PAGE_MASK;
	end = max(PAGE_ALIGN(end), end);
	for (i = find(trim->segs, start); i < trim->segs->count && !err; i++) {
		const struct procdump_segment *seg = &trim->segs->seg[i];
		unsigned long from = max(start, seg->start);
		unsigned long to = min(end, seg->start + seg->size);

		if (seg->start >= end)
			break;
		if (from < to)
			err = procdump_span_add(spans, from, to);
	}
	return err;
}

static int want(struct trim *trim, unsigned long start, unsigned long end)
{
	return want_in(trim, &trim->wanted, start, end);
}

static int take(struct trim *trim, u64 limit)
{
	int err;

	err = procdump_hold_extend(trim->hold);
	if (!err)
		err = procdump_span_take(&trim->kept, &trim->wanted, limit,
					 EACH);
	if (err != -EFBIG)
		return err;
	trim->full = true;
	return 0;
}

/*
 * struct registers - of one thread
 * @words: all of them, @bytes in the size of the target's words
 * @sp: stack pointer
 * @tp: thread pointer, 0 if it is not known
 */
struct registers {
	const void *words;
	size_t bytes;
	unsigned long sp;
	unsigned long tp;
};

/* From the thread's first note. */
static void read_registers(const struct trim *trim,
			   const struct procdump_thread *thread,
			   struct registers *regs)
{
	const void *desc = thread->notes.buf + sizeof(struct elf_note) +
			   ALIGN(sizeof("CORE"), 4);
	const struct elf_prstatus *status = desc;
	const struct user_regs_struct *user = (const void *)&status->pr_reg;

#ifdef CONFIG_COMPAT
	if (procdump_hold_compat(trim->hold)) {
		const struct i386_elf_prstatus *compat = desc;

		regs->words = &compat->pr_reg;
		regs->bytes = sizeof(compat->pr_reg);
		regs->sp = (u32)compat->pr_reg.esp;
		regs->tp = 0;
		return;
	}
#endif
	regs->words = user;
	regs->bytes = sizeof(status->pr_reg);
	regs->sp = user->sp;
	regs->tp = user->fs_base;
}

static unsigned long stack_end(const struct trim *trim, unsigned long sp)
{
	const struct procdump_segment *seg = segment_at(trim, sp);

	return seg ? min(seg->start + seg->size, sp + STACK_MAX) : 0;
}

static int want_stacks(struct trim *trim)
{
	struct procdump_thread *thread;
	struct registers regs;
	int err = 0;

	procdump_for_each_thread(trim->hold, thread) {
		read_registers(trim, thread, &regs);
		if (stack_end(trim, regs.sp))
			err = want(trim, regs.sp - RED_ZONE,
				   stack_end(trim, regs.sp));
		if (!err && regs.tp)
			err = want(trim, regs.tp - THREAD_AREA,
				   regs.tp + THREAD_AREA);
		if (err)
			break;
	}
	return err;
}

static int want_files(struct trim *trim)
{
	const struct procdump_segment *seg, *last = NULL;
	unsigned int i;
	int err = 0;

	for (i = 0; i < trim->segs->count && !err; i++, last = seg) {
		bool bss;

		seg = &trim->segs->seg[i];
		bss = last && last->file && last->end == seg->start;
		if (seg->size <= SMALL && (!seg->sparse || bss))
			err = want(trim, seg->start, seg->start + seg->size);
	}
	return err;
}

static int copy(struct trim *trim, unsigned long addr, void *to, size_t len)
{
	return procdump_page_copy(trim->mm, trim->hold, addr, to, len);
}

static int point_at(struct trim *trim, unsigned long addr)
{
	/* A string or a structure may go on in the next page. */
	unsigned long end = addr + 512, page = addr >> PAGE_SHIFT;
	bool two = page != (end - 1) >> PAGE_SHIFT;
	unsigned long key = page << 2 | 2 | two;
	unsigned long *recent = &trim->recent[hash_long(key, RECENT_BITS)];

	if (*recent == key)
		return 0;
	*recent = key;
	return want_in(trim, &trim->pointed, addr, end);
}

/* Words of the target, @len bytes at @words, that may be addresses. */
static int follow(struct trim *trim, const void *words, size_t len,
		  unsigned int *left)
{
	bool compat = procdump_hold_compat(trim->hold);
	size_t at, step = compat ? sizeof(u32) : sizeof(unsigned long);
	int err = 0;

	for (at = 0; at + step <= len && *left && !err; at += step) {
		const void *word = words + at;
		unsigned long addr = compat ? *(const u32 *)word :
					      *(const unsigned long *)word;

		if (!segment_at(trim, addr))
			continue;
		--*left;
		err = point_at(trim, addr);
		if (trim->pointed.count >= POINTED)
			*left = 0;
	}
	return err;
}

/* Words of the stack, as many as a page has. */
static int follow_stack(struct trim *trim, unsigned long sp, void *page,
			unsigned int *left)
{
	unsigned long end = stack_end(trim, sp);
	int err;

	sp = ALIGN(sp, sizeof(long));
	while (sp < end && *left) {
		size_t len = min(end - sp, PAGE_SIZE - offset_in_page(sp));

		err = copy(trim, sp, page, len);
		if (err == -EFAULT)
			return 0;
		if (!err)
			err = follow(trim, page, len, left);
		if (!err)
			err = procdump_hold_extend(trim->hold);
		if (err)
			return err;
		sp += len;
	}
	return 0;
}

static int find_pointed(struct trim *trim)
{
	unsigned int each = POINTERS / max(trim->hold->count, 1U);
	struct procdump_thread *thread;
	struct registers regs;
	void *page;
	int err = 0;

	page = kmalloc(PAGE_SIZE, PROCDUMP_GFP);
	if (!page)
		return -ENOMEM;
	procdump_for_each_thread(trim->hold, thread) {
		unsigned int left = max(each, POINTERS_LEAST);

		read_registers(trim, thread, &regs);
		err = follow(trim, regs.words, regs.bytes, &left);
		if (!err)
			err = follow_stack(trim, regs.sp, page, &left);
		if (err || trim->pointed.count >= POINTED)
			break;
	}
	kfree(page);
	return err;
}

/* Around each page that is pointed at; @size is a power of 2. */
static int want_around(struct trim *trim, unsigned long size)
{
	unsigned long last = 0;
	unsigned int i;
	int err = 0;

	for (i = 0; i < trim->pointed.count && !err; i++) {
		unsigned long start = trim->pointed.span[i].start;
		unsigned long end = trim->pointed.span[i].end;

		if (size > PAGE_SIZE) {
			start = round_down(start, size);
			end = start + size;
		}
		if (start != last)
			err = want(trim, start, end);
		last = start;
	}
	return err;
}

static int smaller(const void *a, const void *b)
{
	const struct procdump_span *one = a, *two = b;
	unsigned long sizes[2] = { one->end - one->start,
				   two->end - two->start };

	return sizes[0] < sizes[1] ? -1 : sizes[0] > sizes[1];
}

static int want_rest(struct trim *trim)
{
	int err = want(trim, 0, PAGE_MASK);

	if (!err && trim->wanted.count)
		sort(trim->wanted.span, trim->wanted.count,
		     sizeof(*trim->wanted.span), smaller, NULL);
	return err;
}

static int want_linked(void *trim, unsigned long start, unsigned long end)
{
	return want(trim, start, end);
}

static int choose(struct trim *trim, bool mini)
{
	u64 limit = trim->limit;
	unsigned long size;
	int err;

	err = want_stacks(trim);
	if (!err)
		err = want_files(trim);
	if (!err && !procdump_hold_compat(trim->hold))
		err = procdump_linkmap_walk(trim->mm, trim->hold,
					    want_linked, trim);
	/* A broken list of the target's is no error. */
	if (!err || err == -EFAULT)
		err = take(trim, limit);
	if (!err)
		err = find_pointed(trim);
	if (mini)
		limit = min(limit, procdump_span_bytes(&trim->kept, EACH) +
				   MINI_POINTED);
	for (size = PAGE_SIZE; size <= SZ_16M && !err && !trim->full;
	     size *= 16) {
		err = want_around(trim, size);
		if (!err)
			err = take(trim, limit);
		if (mini)
			break;
		/* From here on neighbours have to be found together. */
		procdump_span_sort(&trim->pointed);
	}
	if (mini || err || trim->full)
		return err;
	err = want_rest(trim);
	return err ? err : take(trim, limit);
}

/**
 * procdump_trim() - leave memory out of a core
 * @segs: after procdump_segments_settle(); what is left out has no size after
 * @mm: the target's memory, or a copy of it
 * @hold: the hold of the target, registers read
 * @limit: most bytes of memory that may stay
 * @mini: leave out all that a backtrace does not need
 *
 * Context: Process context. May sleep, killably.
 * Return: 0; -ENOMEM; -EINTR if current was killed; -ETIMEDOUT if the hold
 * ended first. With an error @segs is as it was.
 */
int procdump_trim(struct procdump_segments *segs, struct mm_struct *mm,
		  struct procdump_hold *hold, u64 limit, bool mini)
{
	struct trim *trim;
	int err;

	if (!mini && segs->bytes <= limit)
		return 0;
	trim = kzalloc(sizeof(*trim), PROCDUMP_GFP);
	if (!trim)
		return -ENOMEM;
	trim->segs = segs;
	trim->mm = mm;
	trim->hold = hold;
	trim->limit = limit;
	err = choose(trim, mini);
	if (!err)
		err = procdump_segments_keep(segs, &trim->kept);
	procdump_span_free(&trim->kept);
	procdump_span_free(&trim->wanted);
	procdump_span_free(&trim->pointed);
	kfree(trim);
	return err;
}
