// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU that spins on a spinlock which is never released, for tests: insmod
 * stuck.ko seconds=N [irqs_off=1]. When Y is written to the parameter go, CPU 1
 * spins in stuck_spin(), for so long that a test can look at it; then the machine
 * is whole again. (It must not before insmod has ended, which waits for all
 * CPUs.)
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

static unsigned int seconds = 10;
module_param(seconds, uint, 0400);
static bool go;
module_param(go, bool, 0600);
static bool irqs_off;
module_param(irqs_off, bool, 0400);
static bool spinning;
module_param(spinning, bool, 0400);

static DEFINE_RAW_SPINLOCK(stuck_lock);
static struct task_struct *stuck_task;

static noinline void stuck_spin(u64 end)
{
	while (!raw_spin_trylock(&stuck_lock))
		if (ktime_get_mono_fast_ns() > end)
			return;
	raw_spin_unlock(&stuck_lock);
}

static int stuck_run(void *arg)
{
	unsigned long flags = 0;
	u64 end;

	while (!READ_ONCE(go) && !kthread_should_stop())
		schedule_timeout_interruptible(1);
	end = ktime_get_mono_fast_ns() + seconds * NSEC_PER_SEC;
	if (irqs_off)
		local_irq_save(flags);
	else
		preempt_disable();
	WRITE_ONCE(spinning, true);
	stuck_spin(end);
	WRITE_ONCE(spinning, false);
	if (irqs_off)
		local_irq_restore(flags);
	else
		preempt_enable();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	return 0;
}

static int __init stuck_init(void)
{
	stuck_task = kthread_create(stuck_run, NULL, "stuck");
	if (IS_ERR(stuck_task))
		return PTR_ERR(stuck_task);
	kthread_bind(stuck_task, 1);
	/* Held by nobody that will ever give it back, until we go. */
	arch_spin_lock(&stuck_lock.raw_lock);
	wake_up_process(stuck_task);
	return 0;
}

static void __exit stuck_exit(void)
{
	kthread_stop(stuck_task);
	arch_spin_unlock(&stuck_lock.raw_lock);
}

module_init(stuck_init);
module_exit(stuck_exit);

MODULE_DESCRIPTION("procdump tests: a CPU that is stuck");
MODULE_LICENSE("GPL");
