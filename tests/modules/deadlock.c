// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deadlocks to look at, for tests. Words written to the parameter "make" (not
 * earlier: insmod itself needs all CPUs) bring them about, in this order:
 *
 *	mutex		deadlock-a has a mutex and wants that of deadlock-b, which
 *			wants the first; deadlock-c waits to read what deadlock-a
 *			has locked for writing
 *	garbage		deadlock-d waits for a semaphore; where a mutex has its owner
 *			is an address that no kernel with 4 levels of page tables has
 *	spin		CPU 1 spins on a spinlock that nobody will release
 *	spin_irqs_off	the same, with interrupts off
 *	spin_idle	the same in an interrupt of the idle task: the CPU looks idle
 *	hotplug		who takes a CPU offline waits, with the lock of CPU hotplug
 *	none		give all back
 *
 * A CPU spins for as many seconds as "seconds" says at most, so that a test
 * that has gone wrong ends.
 */
#include <linux/completion.h>
#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/semaphore.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static unsigned int seconds = 40;
module_param(seconds, uint, 0600);
MODULE_PARM_DESC(seconds, "how long a CPU may spin (default 40)");

static bool spinning;
module_param(spinning, bool, 0400);
MODULE_PARM_DESC(spinning, "a CPU spins now");

static struct mutex deadlock_mutex_a;
static struct mutex deadlock_mutex_b;
static struct rw_semaphore deadlock_rwsem;

/*
 * What is before the semaphore is read as the owner, as long as it could be a
 * mutex, or an rw_semaphore.
 */
static struct {
	unsigned long garbage[8];
	struct semaphore semaphore;
} deadlock_garbage;

static int hotplug_state = CPUHP_INVALID;
static DECLARE_COMPLETION(hotplug_goes_on);
static DECLARE_COMPLETION(a_has);
static DECLARE_COMPLETION(b_has);

/* None of the kinds with checks: no lock order is to be complained about. */
static arch_spinlock_t deadlock_spinlock = __ARCH_SPIN_LOCK_UNLOCKED;
static bool spinlock_taken;
static bool irqs_off;

enum { A, B, C, D, RESCUE, SPIN, THREADS };

static struct task_struct *thread[THREADS];

/* What these do is wrong, and lockdep need not say so. */
static void begin(void)
{
	lockdep_off();
	allow_signal(SIGKILL);
}

static void wait_for_stop(void)
{
	flush_signals(current);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
}

static int run_a(void *unused)
{
	begin();
	mutex_lock(&deadlock_mutex_a);
	down_write(&deadlock_rwsem);
	complete_all(&a_has);
	wait_for_completion(&b_has);
	if (!mutex_lock_killable(&deadlock_mutex_b))
		mutex_unlock(&deadlock_mutex_b);
	up_write(&deadlock_rwsem);
	mutex_unlock(&deadlock_mutex_a);
	wait_for_stop();
	return 0;
}

static int run_b(void *unused)
{
	begin();
	mutex_lock(&deadlock_mutex_b);
	complete_all(&b_has);
	wait_for_completion(&a_has);
	if (!mutex_lock_killable(&deadlock_mutex_a))
		mutex_unlock(&deadlock_mutex_a);
	mutex_unlock(&deadlock_mutex_b);
	wait_for_stop();
	return 0;
}

static int run_c(void *unused)
{
	begin();
	wait_for_completion(&a_has);
	if (!down_read_killable(&deadlock_rwsem))
		up_read(&deadlock_rwsem);
	wait_for_stop();
	return 0;
}

static int run_d(void *unused)
{
	begin();
	down(&deadlock_garbage.semaphore);
	if (!down_killable(&deadlock_garbage.semaphore))
		up(&deadlock_garbage.semaphore);
	up(&deadlock_garbage.semaphore);
	wait_for_stop();
	return 0;
}

static noinline void deadlock_spin(void)
{
	WRITE_ONCE(spinning, true);
	arch_spin_lock(&deadlock_spinlock);
	WRITE_ONCE(spinning, false);
	arch_spin_unlock(&deadlock_spinlock);
}

static void spin_in_call(void *unused)
{
	deadlock_spin();
}

static int stop_hotplug(unsigned int cpu)
{
	wait_for_completion_timeout(&hotplug_goes_on, seconds * HZ);
	return 0;
}

static int run_spin(void *unused)
{
	unsigned long flags;

	if (irqs_off) {
		local_irq_save(flags);
		deadlock_spin();
		local_irq_restore(flags);
	} else {
		preempt_disable();
		deadlock_spin();
		preempt_enable();
	}
	wait_for_stop();
	return 0;
}

static void release_spinlock(void)
{
	if (xchg(&spinlock_taken, false))
		arch_spin_unlock(&deadlock_spinlock);
}

static int run_rescue(void *unused)
{
	long left = seconds * HZ;

	while (left && !kthread_should_stop())
		left = schedule_timeout_interruptible(left);
	release_spinlock();
	wait_for_stop();
	return 0;
}

static int start(unsigned int index, int (*run)(void *), const char *name,
		 int cpu)
{
	struct task_struct *task = kthread_create(run, NULL, "%s", name);

	if (IS_ERR(task))
		return PTR_ERR(task);
	if (cpu >= 0)
		kthread_bind(task, cpu);
	thread[index] = task;
	wake_up_process(task);
	return 0;
}

static void make_none(void)
{
	unsigned int i;

	release_spinlock();
	complete_all(&hotplug_goes_on);
	if (hotplug_state > 0)
		cpuhp_remove_state_nocalls(hotplug_state);
	hotplug_state = CPUHP_INVALID;
	complete_all(&a_has);
	complete_all(&b_has);
	for (i = 0; i < ARRAY_SIZE(thread); i++)
		if (thread[i])
			send_sig(SIGKILL, thread[i], 1);
	for (i = 0; i < ARRAY_SIZE(thread); i++) {
		if (thread[i])
			kthread_stop(thread[i]);
		thread[i] = NULL;
	}
	reinit_completion(&hotplug_goes_on);
	reinit_completion(&a_has);
	reinit_completion(&b_has);
}

/* On CPU 0, in case that the other one will spin. */
static int make_mutex(void)
{
	int err;

	err = start(A, run_a, "deadlock-a", 0);
	if (!err)
		err = start(B, run_b, "deadlock-b", 0);
	if (!err)
		err = start(C, run_c, "deadlock-c", 0);
	return err;
}

static int begin_spin(void)
{
	int err = start(RESCUE, run_rescue, "deadlock-rescue", 0);

	if (err)
		return err;
	arch_spin_lock(&deadlock_spinlock);
	spinlock_taken = true;
	return 0;
}

static int make_spin(bool off)
{
	int err;

	irqs_off = off;
	err = begin_spin();
	return err ? err : start(SPIN, run_spin, "deadlock-spin", 1);
}

static int make_spin_idle(void)
{
	int err = begin_spin();

	return err ? err : smp_call_function_single(1, spin_in_call, NULL, 0);
}

static int make_hotplug(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "deadlock",
					      NULL, stop_hotplug);

	if (state < 0)
		return state;
	hotplug_state = state;
	return 0;
}

static int make_one(const char *word)
{
	if (!*word || !strcmp(word, "none"))
		return 0;
	if (!strcmp(word, "mutex"))
		return make_mutex();
	if (!strcmp(word, "garbage"))
		return start(D, run_d, "deadlock-d", 0);
	if (!strcmp(word, "spin"))
		return make_spin(false);
	if (!strcmp(word, "spin_irqs_off"))
		return make_spin(true);
	if (!strcmp(word, "spin_idle"))
		return make_spin_idle();
	if (!strcmp(word, "hotplug"))
		return make_hotplug();
	return -EINVAL;
}

static int make(const char *words, const struct kernel_param *param)
{
	char text[64], *rest = text, *word;
	int err = 0;

	make_none();
	if (strscpy(text, words, sizeof(text)) < 0)
		return -EINVAL;
	while (!err && (word = strsep(&rest, "\n ")))
		err = make_one(word);
	if (err)
		make_none();
	return err;
}

static const struct kernel_param_ops make_ops = { .set = make };
module_param_cb(make, &make_ops, NULL, 0200);
MODULE_PARM_DESC(make, "mutex, garbage, spin, spin_irqs_off, spin_idle, hotplug or none");

static int __init deadlock_init(void)
{
	mutex_init(&deadlock_mutex_a);
	mutex_init(&deadlock_mutex_b);
	init_rwsem(&deadlock_rwsem);
	sema_init(&deadlock_garbage.semaphore, 1);
	memset64((u64 *)deadlock_garbage.garbage, 0xff37c536aa61b000,
		 ARRAY_SIZE(deadlock_garbage.garbage));
	return 0;
}

static void __exit deadlock_exit(void)
{
	make_none();
}

module_init(deadlock_init);
module_exit(deadlock_exit);

MODULE_DESCRIPTION("procdump tests: deadlocks");
MODULE_LICENSE("GPL");
