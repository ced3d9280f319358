// SPDX-License-Identifier: GPL-2.0-only
/* All suites. They run when the module is loaded; results are in debugfs. */
#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&procdump_elf_suite, &procdump_note_suite,
		  &procdump_policy_suite, &procdump_range_suite,
		  &procdump_request_suite, &procdump_frame_suite,
		  &procdump_span_suite);

MODULE_DESCRIPTION("KUnit suites of procdump");
MODULE_LICENSE("GPL");
