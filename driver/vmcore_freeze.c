// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs stand still for a moment: a rendezvous with a deadline.
 *
 * stop_machine() waits for every CPU without an end, with the others held: one
 * that spins on a lock forever would take the machine down. Here each CPU gets
 * an interrupt, saves its registers, and waits to be given work or to be let
 * go. One that does not come by the deadline is left out; an NMI gets its
 * registers where the platform can send one.
 *
 * Promises:
 *
 * - A CPU waits for no longer than twice the budget, whatever becomes of the
 *   dumper.
 * - Between begin and end nothing is allocated, locked or printed here, and
 *   only memory is touched that is known to be mapped or read without faults.
 * - When procdump_freeze_end() returns, no CPU runs a job any more.
 *
 * The state of a CPU goes ASKED -> IN -> LEFT, or ASKED -> MISSED, with IN ->
 * BUSY -> IN for each job. All that race for it use cmpxchg. A CPU that missed
 * still has its request in its queue, hence these are static, and the module
 * cannot go before they have drained.
 *
 * Locks: none. A freeze, from the ping to the last look at the registers, belongs to
 * the dumper who has the slot for a dump of the kernel, of which there is one (slot.c).
 * The lock of CPU hotplug is not taken, as its holder may be what is to be debugged.
 * The CPUs are those that are online when interrupts are off here, and none of them
 * can go before they are on again: for that, stop_machine() needs all of them. One
 * that comes up meanwhile counts as one that did not stop. Behind that only the static
 * data of the CPUs is used.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kexec.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "vmcore_freeze.h"
#include "vmcore_regs.h"

/* Longer than a CPU has its interrupts off as a rule. */
#define PING_MS		10

enum state { OUT, ASKED, IN, BUSY, LEFT, MISSED };

/*
 * An NMI goes WANTED -> COMES -> NO, or WANTED -> LATE -> NO: one that comes
 * when nobody waits for it any more is ours too, and not of unknown reason.
 */
enum nmi { NO, WANTED, COMES, LATE };

/*
 * @csd: the request to come
 * @ping: a request for an answer only
 */
struct freeze_cpu {
	call_single_data_t csd;
	call_single_data_t ping;
	int state;
	int nmi;
	struct procdump_freeze_regs saved;
};

static DEFINE_PER_CPU(struct freeze_cpu, freeze_cpus);
static struct cpumask freeze_cpumask;
static void (*freeze_job)(void *arg);
static void *freeze_arg;
static u64 freeze_began;
static u64 freeze_deadline;
static u64 freeze_safety;
static bool freeze_done;
static bool freeze_whole;
static unsigned long freeze_flags;

static u64 now(void)
{
	/* The only clock that does not wait for who updates it. */
	return ktime_get_mono_fast_ns();
}

static void come(void *arg)
{
	struct freeze_cpu *cpu = this_cpu_ptr(&freeze_cpus);

	if (READ_ONCE(cpu->state) != ASKED)
		return;
	/* Here, where the stack stays as it is while we stand still. */
	crash_setup_regs(&cpu->saved.regs, NULL);
	procdump_kregs_came(&cpu->saved);
	if (cmpxchg(&cpu->state, ASKED, IN) != ASKED)
		return;
	for (;;) {
		/* The job was set before BUSY was. */
		if (smp_load_acquire(&cpu->state) == BUSY) {
			freeze_job(freeze_arg);
			/* Pairs with any_is(): the job's work is seen. */
			smp_store_release(&cpu->state, IN);
		}
		if ((READ_ONCE(freeze_done) || now() > freeze_safety) &&
		    cmpxchg(&cpu->state, IN, LEFT) == IN)
			return;
		cpu_relax();
	}
}

static int come_by_nmi(unsigned int type, struct pt_regs *regs)
{
	struct freeze_cpu *cpu = this_cpu_ptr(&freeze_cpus);
	int nmi = cmpxchg(&cpu->nmi, WANTED, COMES);

	if (nmi == NO)
		return NMI_DONE;
	if (nmi == WANTED)
		procdump_kregs_nmi(&cpu->saved, regs);
	/* The registers are complete: see settle(). */
	smp_store_release(&cpu->nmi, NO);
	return NMI_HANDLED;
}

static void answer(void *arg)
{
}

/**
 * procdump_freeze_init() - get ready for NMIs
 *
 * Not later: to take the handler away waits for RCU, which waits for a CPU
 * that is stuck.
 *
 * Context: Process context, module initialisation.
 * Return: 0 or -ENOMEM.
 */
int procdump_freeze_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		INIT_CSD(&per_cpu(freeze_cpus, cpu).csd, come, NULL);
		INIT_CSD(&per_cpu(freeze_cpus, cpu).ping, answer, NULL);
	}
	return register_nmi_handler(NMI_LOCAL, come_by_nmi, 0, "procdump");
}

/**
 * procdump_freeze_exit() - wait until no CPU can come any more
 *
 * Context: Process context, module exit. Sleeps for as long as a CPU is stuck.
 */
void procdump_freeze_exit(void)
{
	while (procdump_freeze_owed())
		msleep(20);
	unregister_nmi_handler(NMI_LOCAL, "procdump");
	/* Requests are unlocked before they run, with interrupts off. */
	synchronize_rcu();
}

static bool owes(const call_single_data_t *csd)
{
	return READ_ONCE(csd->node.u_flags) & CSD_FLAG_LOCK;
}

/**
 * procdump_freeze_owed() - does a CPU owe an answer?
 *
 * Context: Any context.
 * Return: true if one has not answered to a freeze or a ping.
 */
bool procdump_freeze_owed(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (owes(&per_cpu(freeze_cpus, cpu).csd) ||
		    owes(&per_cpu(freeze_cpus, cpu).ping))
			return true;
	return false;
}

/**
 * procdump_freeze_ping() - ask all CPUs for an answer
 *
 * It waits for PING_MS, without sleeping: who sleeps may be woken on a CPU that is
 * stuck. procdump_freeze_owed() says then, and later, who has not answered.
 *
 * Context: Process context of the dumper, who has the slot.
 */
void procdump_freeze_ping(void)
{
	u64 end = now() + PING_MS * NSEC_PER_MSEC;
	struct freeze_cpu *at;
	int cpu;

	for_each_online_cpu(cpu) {
		at = &per_cpu(freeze_cpus, cpu);
		/* Not done where an answer to the last one is owed. */
		smp_call_function_single_async(cpu, &at->ping);
	}
	while (procdump_freeze_owed() && now() < end)
		cpu_relax();
}

static bool any_is(int state)
{
	int cpu;

	for_each_cpu(cpu, &freeze_cpumask)
		/* What a CPU did before it changed its state is seen. */
		if (smp_load_acquire(&per_cpu(freeze_cpus, cpu).state) == state)
			return true;
	return false;
}

static void ask(int self)
{
	struct freeze_cpu *at;
	int cpu;

	for_each_cpu(cpu, &freeze_cpumask) {
		at = &per_cpu(freeze_cpus, cpu);
		memset(&at->saved, 0, sizeof(at->saved));
		if (cpu == self) {
			at->state = OUT;
			continue;
		}
		at->state = ASKED;
		/*
		 * -EBUSY: it owes an answer to an earlier freeze. It may have
		 * given that since, and is IN.
		 */
		if (smp_call_function_single_async(cpu, &at->csd))
			cmpxchg(&at->state, ASKED, MISSED);
	}
}

static void ask_by_nmi(u64 end)
{
	struct freeze_cpu *at;
	bool wait = false;
	int cpu;

	for_each_cpu(cpu, &freeze_cpumask) {
		at = &per_cpu(freeze_cpus, cpu);
		if (at->state != MISSED)
			continue;
		/* It may owe one from an earlier freeze: that will do. */
		memset(&at->saved, 0, sizeof(at->saved));
		/* The memset() comes first. */
		if (xchg(&at->nmi, WANTED) == NO)
			/* Xen has no send_IPI(). */
			apic->send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
		wait = true;
	}
	while (wait && now() < end) {
		wait = false;
		for_each_cpu(cpu, &freeze_cpumask)
			wait |= READ_ONCE(per_cpu(freeze_cpus, cpu).nmi) != NO;
		cpu_relax();
	}
}

static void settle_nmi(struct freeze_cpu *at)
{
	int nmi = cmpxchg(&at->nmi, WANTED, LATE);

	if (nmi == WANTED)
		return;
	/* It is being served, and nothing can interrupt that. */
	while (nmi == COMES)
		/* The registers are seen. */
		nmi = smp_load_acquire(&at->nmi);
	at->saved.how = PROCDUMP_FREEZE_NMI;
}

/* Who came, who was late. Registers are waited for until @end. */
static void settle(int self, u64 end)
{
	struct freeze_cpu *at;
	int cpu, missed = 0;

	for_each_cpu(cpu, &freeze_cpumask) {
		at = &per_cpu(freeze_cpus, cpu);
		if (cpu == self)
			continue;
		cmpxchg(&at->state, ASKED, MISSED);
		if (READ_ONCE(at->state) == MISSED)
			missed++;
		else
			at->saved.how = PROCDUMP_FREEZE_CAME;
	}
	freeze_whole = !missed;
	if (!missed)
		return;
	ask_by_nmi(end);
	for_each_cpu(cpu, &freeze_cpumask) {
		at = &per_cpu(freeze_cpus, cpu);
		if (at->state == MISSED)
			settle_nmi(at);
	}
}

/**
 * procdump_freeze_begin() - bring all CPUs to a stand
 * @ms: budget for the whole freeze, in milliseconds; half of it is for
 *	waiting, and a quarter for the NMIs of those that did not come. 0 stops
 *	nobody: the caller's registers only
 * @regs: registers of the caller. From them who reads the dump walks the stack,
 *	which must be as it was then when it is copied, so they are not got here
 *
 * Interrupts are off then, unless @ms is 0, and procdump_freeze_end() must follow.
 *
 * Context: Process context of the dumper, who has the slot.
 */
void procdump_freeze_begin(unsigned int ms, const struct pt_regs *regs)
{
	struct freeze_cpu *at;
	int self, cpu;

	local_irq_save(freeze_flags);
	cpumask_copy(&freeze_cpumask, cpu_online_mask);
	self = smp_processor_id();
	freeze_began = now();
	freeze_deadline = freeze_began + ms * NSEC_PER_MSEC;
	freeze_safety = freeze_deadline + ms * NSEC_PER_MSEC;
	WRITE_ONCE(freeze_done, false);
	freeze_whole = false;
	if (ms) {
		ask(self);
		while (any_is(ASKED) && now() - freeze_began <
		       (u64)ms * NSEC_PER_MSEC / 2)
			cpu_relax();
		settle(self, now() + (u64)ms * NSEC_PER_MSEC / 4);
	} else {
		for_each_cpu(cpu, &freeze_cpumask) {
			at = &per_cpu(freeze_cpus, cpu);
			at->state = OUT;
			memset(&at->saved, 0, sizeof(at->saved));
		}
		freeze_deadline = U64_MAX;
	}
	procdump_kregs_self(&per_cpu(freeze_cpus, self).saved, regs);
	if (!ms)
		local_irq_restore(freeze_flags);
}

/**
 * procdump_freeze_over() - is the budget used up?
 *
 * Context: Within a freeze.
 * Return: true if it is.
 */
bool procdump_freeze_over(void)
{
	return now() > freeze_deadline;
}

/**
 * procdump_freeze_parallel() - do a job on all CPUs that came
 * @job: called once on each, with interrupts off; it shares the work by itself
 *	and looks at procdump_freeze_over()
 * @arg: for @job
 *
 * Context: The dumper, within a freeze. Returns when all are done.
 */
void procdump_freeze_parallel(void (*job)(void *arg), void *arg)
{
	int cpu;

	freeze_job = job;
	freeze_arg = arg;
	for_each_cpu(cpu, &freeze_cpumask)
		cmpxchg(&per_cpu(freeze_cpus, cpu).state, IN, BUSY);
	job(arg);
	while (any_is(BUSY))
		cpu_relax();
}

/* CPUs that came up meanwhile did not stop. */
static void add_new(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (cpumask_test_and_set_cpu(cpu, &freeze_cpumask))
			continue;
		per_cpu(freeze_cpus, cpu).state = OUT;
		memset(&per_cpu(freeze_cpus, cpu).saved, 0,
		       sizeof(struct procdump_freeze_regs));
	}
}

/**
 * procdump_freeze_end() - let all CPUs go
 *
 * Context: The dumper, within a freeze.
 * Return: nanoseconds from the first that was stopped until now; 0 if none was.
 */
u64 procdump_freeze_end(void)
{
	struct freeze_cpu *at;
	int cpu;

	/* Not in time for all that was copied. */
	for_each_cpu(cpu, &freeze_cpumask) {
		at = &per_cpu(freeze_cpus, cpu);
		at->saved.left = READ_ONCE(at->state) == LEFT;
	}
	WRITE_ONCE(freeze_done, true);
	while (any_is(IN))
		cpu_relax();
	add_new();
	if (freeze_deadline == U64_MAX)
		return 0;
	local_irq_restore(freeze_flags);
	return now() - freeze_began;
}

/**
 * procdump_freeze_cpus() - the CPUs of a freeze
 *
 * Context: The dumper, after procdump_freeze_begin(). It may get more when the freeze
 * ends.
 * Return: all that were online.
 */
const struct cpumask *procdump_freeze_cpus(void)
{
	return &freeze_cpumask;
}

/**
 * procdump_freeze_regs() - the registers of a CPU
 * @cpu: one of procdump_freeze_cpus()
 *
 * Context: The dumper, after procdump_freeze_begin().
 * Return: what was saved.
 */
const struct procdump_freeze_regs *procdump_freeze_regs(int cpu)
{
	return &per_cpu(freeze_cpus, cpu).saved;
}

/**
 * procdump_freeze_stack() - the stack of a task that does not run
 * @task: the task
 * @frame: filled in, PROCDUMP_FREEZE_FRAMES addresses, the innermost first
 *
 * Unlike stack_trace_save_tsk() it does not leave out the functions that only
 * wait, among them those that take locks.
 *
 * Context: The dumper, within a freeze.
 * Return: how many there are; 0 if a CPU runs, which could free the stack.
 */
unsigned int procdump_freeze_stack(struct task_struct *task,
				   unsigned long *frame)
{
	if (!freeze_whole || !task_stack_page(task) ||
	    !cpumask_equal(&freeze_cpumask, cpu_online_mask))
		return 0;
	return procdump_kregs_task(task, frame);
}
