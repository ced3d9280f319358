// SPDX-License-Identifier: GPL-2.0-only
/* What of a mapping goes into a core: the rules of fs/coredump.c, case by case. */
#include "../policy.c"

#include <linux/kernel.h>

#include "suites.h"

/* Bits of /proc/PID/coredump_filter, by core(5). */
#define ANON_PRIVATE	0x01
#define ANON_SHARED	0x02
#define MAPPED_PRIVATE	0x04
#define MAPPED_SHARED	0x08
#define ELF_HEADERS	0x10
#define HUGE_PRIVATE	0x20
#define HUGE_SHARED	0x40
#define DAX_PRIVATE	0x80
#define DAX_SHARED	0x100
#define EVERY		0x1ff

#define NONE	PROCDUMP_KEEP_NONE
#define ALL	PROCDUMP_KEEP_ALL
#define PAGE	PROCDUMP_KEEP_PAGE
#define IF_ELF	PROCDUMP_KEEP_IF_ELF

/*
 * struct rule - one kind of mapping
 * @map: what it is
 * @bits: filter bits of which each alone keeps all of it
 * @header: what is kept with ELF_HEADERS alone
 * @all: what is kept when everything is asked for
 */
static const struct rule {
	struct procdump_mapping map;
	unsigned long bits;
	enum procdump_keep header;
	enum procdump_keep all;
} rules[] = {
	/* The kernel's own mappings, whatever the filter and the flags say. */
	{ { .special = true }, EVERY, ALL, ALL },
	{ { .special = true, .flags = VM_DONTDUMP | VM_IO }, EVERY, ALL, ALL },
	/* MADV_DONTDUMP */
	{ { .flags = VM_READ | VM_DONTDUMP, .written = true }, 0, NONE, ALL },
	{ { .flags = VM_READ | VM_DONTDUMP | VM_SHARED, .file = true },
	  0, NONE, ALL },
	/* Devices cannot be read without doing something. */
	{ { .flags = VM_READ | VM_IO, .written = true }, 0, NONE, NONE },
	{ { .flags = VM_READ | VM_IO | VM_SHARED, .file = true },
	  0, NONE, NONE },
	{ { .flags = VM_READ | VM_IO | VM_PFNMAP | VM_SHARED }, 0, NONE, NONE },
	/* Anonymous memory. */
	{ { .flags = VM_READ, .written = true }, ANON_PRIVATE, NONE, ALL },
	{ { .flags = VM_READ }, 0, NONE, ALL },
	{ { .flags = VM_READ | VM_SHARED, .file = true, .unlinked = true },
	  ANON_SHARED, NONE, ALL },
	/* Files. */
	{ { .flags = VM_READ | VM_SHARED, .file = true }, MAPPED_SHARED, NONE,
	  ALL },
	{ { .flags = VM_READ, .file = true, .written = true },
	  ANON_PRIVATE | MAPPED_PRIVATE, NONE, ALL },
	{ { .flags = VM_READ, .file = true }, MAPPED_PRIVATE, NONE, ALL },
	{ { .flags = VM_READ, .file = true, .start_of_file = true },
	  MAPPED_PRIVATE, IF_ELF, ALL },
	{ { .flags = VM_READ, .file = true, .start_of_file = true,
	    .executable = true }, MAPPED_PRIVATE, PAGE, ALL },
	{ { .file = true, .start_of_file = true, .executable = true },
	  MAPPED_PRIVATE, NONE, ALL },
	{ { .flags = VM_READ, .file = true, .executable = true },
	  MAPPED_PRIVATE, NONE, ALL },
	/* Huge pages and DAX have bits of their own, and only these count. */
	{ { .flags = VM_READ | VM_HUGETLB, .written = true, .file = true },
	  HUGE_PRIVATE, NONE, ALL },
	{ { .flags = VM_READ | VM_HUGETLB | VM_SHARED, .file = true },
	  HUGE_SHARED, NONE, ALL },
	{ { .flags = VM_READ, .dax = true, .written = true, .file = true },
	  DAX_PRIVATE, NONE, ALL },
	{ { .flags = VM_READ | VM_SHARED, .dax = true, .file = true },
	  DAX_SHARED, NONE, ALL },
};

static void check_rule(struct kunit *test, const struct rule *rule,
		       unsigned long filter)
{
	enum procdump_keep want = NONE;

	if (filter & rule->bits || rule->map.special)
		want = ALL;
	else if (filter & ELF_HEADERS)
		want = rule->header;
	KUNIT_EXPECT_EQ_MSG(test, (int)procdump_segment_policy(&rule->map,
							       filter, false),
			    (int)want, "rule %d, filter %#lx",
			    (int)(rule - rules), filter);
	KUNIT_EXPECT_EQ_MSG(test, (int)procdump_segment_policy(&rule->map,
							       filter, true),
			    (int)rule->all, "rule %d, filter %#lx, all",
			    (int)(rule - rules), filter);
}

/* Every rule with every filter that there can be. */
static void policy_rules(struct kunit *test)
{
	unsigned long filter;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		for (filter = 0; filter <= EVERY; filter++)
			check_rule(test, &rules[i], filter);
	}
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(policy_rules),
	{}
};

struct kunit_suite procdump_policy_suite = {
	.name = "procdump_policy",
	.test_cases = policy_cases,
};
