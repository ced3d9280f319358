// SPDX-License-Identifier: GPL-2.0-only
/*
 * Idle CPUs poll while this is loaded, for tests: they take requests of other
 * CPUs without an interrupt, as they do on real machines, where they wait by
 * MWAIT. The emulated ones halt.
 */
#include <linux/cpuidle.h>
#include <linux/module.h>

static struct cpuidle_driver idle_poll = {
	.name = "idle_poll",	/* no .owner: it would keep the module */
	.state_count = 1,
};

static int __init idle_poll_init(void)
{
	cpuidle_poll_state_init(&idle_poll);
	return cpuidle_register(&idle_poll, NULL);
}
module_init(idle_poll_init);

static void __exit idle_poll_exit(void)
{
	cpuidle_unregister(&idle_poll);
}
module_exit(idle_poll_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Idle CPUs poll, for tests of procdump");
