// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dynamic linker's list of libraries in a target, as a debugger finds it:
 * auxiliary vector, program headers, dynamic section, struct r_debug, list of
 * struct link_map.
 *
 * All of it is memory of the target and not trusted: each list has an end, and
 * an address is only good for a look.
 *
 * Locks: the target's mmap_lock for reading, by procdump_page_copy().
 */
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/mm.h>

#include "linkmap.h"
#include "page.h"

/* Objects of the dynamic linker; entries of a dynamic section. */
#define LINK_MAPS_MAX	4096
#define DYNAMIC_MAX	256

struct walk {
	struct mm_struct *mm;
	struct procdump_hold *hold;
};

static int copy(struct walk *walk, unsigned long addr, void *to, size_t len)
{
	return procdump_page_copy(walk->mm, walk->hold, addr, to, len);
}

static unsigned long auxv(const struct mm_struct *mm, unsigned long type)
{
	unsigned int i;

	for (i = 0; i + 1 < AT_VECTOR_SIZE && mm->saved_auxv[i]; i += 2)
		if (mm->saved_auxv[i] == type)
			return mm->saved_auxv[i + 1];
	return 0;
}

/* Where the program's dynamic section is. 0: it has none. */
static int find_dynamic(struct walk *walk, unsigned long *dynamic)
{
	unsigned long phdrs = auxv(walk->mm, AT_PHDR), bias = 0;
	unsigned long i, nr = min(auxv(walk->mm, AT_PHNUM), 64UL);
	struct elf64_phdr phdr;
	int err;

	*dynamic = 0;
	for (i = 0; i < nr && phdrs; i++) {
		err = copy(walk, phdrs + i * sizeof(phdr), &phdr, sizeof(phdr));
		if (err)
			return err;
		if (phdr.p_type == PT_PHDR)
			bias = phdrs - phdr.p_vaddr;
		else if (phdr.p_type == PT_DYNAMIC)
			*dynamic = bias + phdr.p_vaddr;
	}
	return 0;
}

/**
 * procdump_linkmap_walk() - tell of all that leads a debugger to the libraries
 * @mm: the target's memory, or a copy of it, of a 64-bit program
 * @hold: the hold of the target
 * @want: called with first address and address behind the last of each piece;
 *	an error that it returns ends the walk
 * @arg: for @want
 *
 * struct r_debug and the list of struct link_map, see link.h.
 *
 * Context: Process context. May sleep, killably.
 * Return: 0, also if there are none; -EFAULT if the list is broken; else as
 * procdump_page_copy().
 */
int procdump_linkmap_walk(struct mm_struct *mm, struct procdump_hold *hold,
			  int (*want)(void *arg, unsigned long start,
				      unsigned long end), void *arg)
{
	struct walk all = { .mm = mm, .hold = hold }, *walk = &all;
	unsigned long at, debug = 0, map[5] = {};
	unsigned int i;
	int err;

	err = find_dynamic(walk, &at);
	for (i = 0; i < DYNAMIC_MAX && at && !err && !debug; i++) {
		unsigned long entry[2];

		err = copy(walk, at + i * sizeof(entry), entry, sizeof(entry));
		if (!err && !entry[0])
			break;
		if (!err && entry[0] == DT_DEBUG)
			debug = entry[1];
	}
	if (err || !debug)
		return err;
	err = want(arg, debug, debug + sizeof(map));
	if (!err)
		err = copy(walk, debug, map, 2 * sizeof(long));
	at = map[1];
	for (i = 0; i < LINK_MAPS_MAX && at && !err; i++, at = map[3]) {
		err = copy(walk, at, map, sizeof(map));
		if (!err)
			err = want(arg, at, at + PAGE_SIZE);
		if (!err)
			err = want(arg, map[1], map[1] + 256);
		if (!err)
			err = want(arg, map[2], map[2] + 16 * DYNAMIC_MAX);
	}
	return err;
}
