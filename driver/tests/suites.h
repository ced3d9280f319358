/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KUnit suites of the pure parts of the driver. Each includes the source that
 * it tests, so that the module under test need not be loaded and static
 * functions can be reached. tests/host builds the same files as a program.
 */
#ifndef _PROCDUMP_TESTS_SUITES_H
#define _PROCDUMP_TESTS_SUITES_H

#include <kunit/test.h>
#include <linux/types.h>

extern struct kunit_suite procdump_elf_suite;
extern struct kunit_suite procdump_note_suite;
extern struct kunit_suite procdump_policy_suite;
extern struct kunit_suite procdump_range_suite;
extern struct kunit_suite procdump_request_suite;
extern struct kunit_suite procdump_frame_suite;
extern struct kunit_suite procdump_span_suite;

/* The same numbers in every run. Constants of Numerical Recipes. */
static inline u32 suite_random(u32 *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 16;
}

#endif /* _PROCDUMP_TESTS_SUITES_H */
