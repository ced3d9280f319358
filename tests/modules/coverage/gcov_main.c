// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel/gcov as a module: /sys/kernel/debug/gcov, for kernels that were built
 * without. It keeps the counts of modules that are gone, and adds to them when
 * they come back. It does not unload.
 */
#include <linux/init.h>
#include <linux/module.h>

int gcov_main_base(void);	/* base.c: sees modules go */
int gcov_main_fs(void);		/* fs.c: the files */

static int __init gcov_main_init(void)
{
	int err = gcov_main_base();

	return err ?: gcov_main_fs();
}
module_init(gcov_main_init);

MODULE_DESCRIPTION("kernel/gcov");
MODULE_LICENSE("GPL");
