// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked to the driver's objects when they count what runs: tells gcov.ko about
 * each. GCC would have constructors do it, which Debian's kernels do not call
 * in modules. The linker's --wrap has us called in the place of what the driver
 * calls first when it loads. gcov.ko sees by itself that a module goes, also
 * when it could not be loaded.
 */
#include <linux/init.h>
#include <linux/types.h>

#include "ksym.h"

struct gcov_info;

void __gcov_init(struct gcov_info *info);

/* gcov.lds: one pointer for each object */
extern struct gcov_info *procdump_gcov_start[];
extern struct gcov_info *procdump_gcov_end[];

void __real_procdump_ksym_init(void);
void __wrap_procdump_ksym_init(void);
void __init __wrap_procdump_ksym_init(void)
{
	struct gcov_info **info;

	for (info = procdump_gcov_start; info < procdump_gcov_end; info++)
		__gcov_init(*info);
	__real_procdump_ksym_init();
}
