// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: parameters, the device node, loading and unloading.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "errand.h"
#include "gate.h"
#include "ioctl.h"
#include "ksym.h"
#include "pool.h"
#include "procdump.h"
#include "regs.h"
#include "slot.h"
#include "snapshot.h"
#include "table.h"
#include "vmcore_freeze.h"

unsigned int procdump_max_dumps = 1;

/* There may be more from now on. */
static int max_dumps_set(const char *text, const struct kernel_param *param)
{
	int err = param_set_uint(text, param);

	if (!err)
		procdump_slot_wake();
	return err;
}

static const struct kernel_param_ops max_dumps_ops = {
	.set = max_dumps_set,
	.get = param_get_uint,
};

module_param_cb(max_dumps, &max_dumps_ops, &procdump_max_dumps, 0644);
__MODULE_PARM_TYPE(max_dumps, "uint");
MODULE_PARM_DESC(max_dumps, "dumps of processes that may be in progress at once (default 1)");

unsigned int procdump_stall_ms = 10000;
module_param_named(stall_ms, procdump_stall_ms, uint, 0644);
MODULE_PARM_DESC(stall_ms, "milliseconds without progress after which a target is released (default 10000)");

unsigned int procdump_catch_ms = 1000;
module_param_named(catch_ms, procdump_catch_ms, uint, 0644);
MODULE_PARM_DESC(catch_ms, "milliseconds to wait for threads that run inside the kernel (default 1000)");

unsigned int procdump_pool_mib = 32;
module_param_named(pool_mib, procdump_pool_mib, uint, 0644);
MODULE_PARM_DESC(pool_mib, "MiB of buffers for the compression of one dump (default 32)");

bool procdump_zero_copy = true;
module_param_named(zero_copy, procdump_zero_copy, bool, 0644);
MODULE_PARM_DESC(zero_copy, "hand pages to the output as they are (default Y); if not, they are copied first, which survives memory errors that nobody has found yet");

const struct file_operations procdump_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = procdump_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "procdump",
	.fops = &procdump_fops,
	.mode = 0600,
};

static int __init procdump_init(void)
{
	int err;

	procdump_ksym_init();
	procdump_regs_init();
	err = procdump_pool_init();
	if (err)
		return err;
	err = procdump_errand_init();
	if (err)
		goto pool;
	err = procdump_snapshot_init();
	if (err)
		goto errand;
	err = procdump_freeze_init();
	if (err)
		goto snapshot;
	err = misc_register(&device);
	if (err)
		goto freeze;
	return 0;
freeze:
	procdump_freeze_exit();
snapshot:
	procdump_snapshot_exit();
errand:
	procdump_errand_exit();
pool:
	procdump_pool_exit();
	return err;
}

static void __exit procdump_exit(void)
{
	misc_deregister(&device);
	procdump_freeze_exit();
	procdump_snapshot_exit();
	procdump_gate_drain();
	procdump_errand_exit();
	procdump_pool_exit();
	procdump_table_exit();
}

module_init(procdump_init);
module_exit(procdump_exit);

MODULE_DESCRIPTION("ELF cores of running processes");
MODULE_LICENSE("GPL");
