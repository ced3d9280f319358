// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel functions that are not exported to modules. This is the only place
 * that looks for them.
 *
 * A kprobe that is registered on a function and taken away at once gives its
 * address. The call is made by a static call, never through a pointer: with
 * IBT the boot code removes the ENDBR from functions whose address is never
 * taken, and an indirect call to such a function ends in a control protection
 * fault. A static call is patched into a direct call.
 *
 * All look-ups happen once, in procdump_ksym_init(), before the device can be
 * opened; what was found never changes, so that readers need no lock. A
 * function that was not found has a documented way round for each user.
 *
 * The module parameter no_ksym takes names that are not to be found, so that
 * the ways round can be tested.
 */
#include <linux/compat.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <linux/stacktrace.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/task_work.h>

#include "ksym.h"

static char *no_ksym = "";
module_param(no_ksym, charp, 0400);
MODULE_PARM_DESC(no_ksym, "names of kernel functions, with commas, to do without (for tests)");

DECLARE_STATIC_CALL(procdump_cancel, task_work_cancel_match);
DECLARE_STATIC_CALL(procdump_may_access, ptrace_may_access);
DECLARE_STATIC_CALL(procdump_gate_vma, get_gate_vma);
DECLARE_STATIC_CALL(procdump_clone, kernel_clone);
DECLARE_STATIC_CALL(procdump_kallsyms, kallsyms_lookup_name);
DECLARE_STATIC_CALL(procdump_save_stack, stack_trace_save_tsk);
DECLARE_STATIC_CALL(procdump_in_sched, in_sched_functions);
#ifdef CONFIG_COMPAT
DECLARE_STATIC_CALL(procdump_siginfo32, copy_siginfo_to_external32);
DEFINE_STATIC_CALL_NULL(procdump_siginfo32, copy_siginfo_to_external32);
#endif
DEFINE_STATIC_CALL_NULL(procdump_cancel, task_work_cancel_match);
DEFINE_STATIC_CALL_NULL(procdump_may_access, ptrace_may_access);
DEFINE_STATIC_CALL_NULL(procdump_gate_vma, get_gate_vma);
DEFINE_STATIC_CALL_NULL(procdump_clone, kernel_clone);
DEFINE_STATIC_CALL_NULL(procdump_kallsyms, kallsyms_lookup_name);
DEFINE_STATIC_CALL_NULL(procdump_save_stack, stack_trace_save_tsk);
DEFINE_STATIC_CALL_NULL(procdump_in_sched, in_sched_functions);

static bool have_cancel __ro_after_init;
static bool have_may_access __ro_after_init;
static bool have_gate_vma __ro_after_init;
static bool have_clone __ro_after_init;
static bool have_save_stack __ro_after_init;
static bool have_in_sched __ro_after_init;
static bool have_siginfo32 __ro_after_init;
static const int *overcommit __ro_after_init;

static bool __init denied(const char *name)
{
	size_t len = strlen(name);
	const char *at = no_ksym;

	while ((at = strstr(at, name))) {
		if ((at == no_ksym || at[-1] == ',') &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

static void *__init find(const char *name)
{
	struct kprobe probe = { .symbol_name = name };
	void *addr;

	if (denied(name) || register_kprobe(&probe))
		return NULL;
	addr = probe.addr;
	unregister_kprobe(&probe);
	return addr;
}

/*
 * With IBT the address is the one behind the function's ENDBR: the right place
 * for a direct call as well.
 */
#define FIND(call, have, func)						\
do {									\
	typeof(func) *addr = find(#func);				\
									\
	if (addr) {							\
		static_call_update(call, addr);				\
		(have) = true;						\
	}								\
} while (0)

/* Variables have no probes: their addresses come from the symbol table. */
static void __init find_overcommit(void)
{
	static const char name[] = "sysctl_overcommit_memory";
	bool have = false;

	FIND(procdump_kallsyms, have, kallsyms_lookup_name);
	if (have && !denied(name))
		overcommit = (int *)static_call(procdump_kallsyms)(name);
}

/**
 * procdump_ksym_init() - find what the kernel does not export
 *
 * Context: Process context, module initialisation. May sleep.
 */
void __init procdump_ksym_init(void)
{
	FIND(procdump_cancel, have_cancel, task_work_cancel_match);
	FIND(procdump_may_access, have_may_access, ptrace_may_access);
	FIND(procdump_gate_vma, have_gate_vma, get_gate_vma);
	FIND(procdump_clone, have_clone, kernel_clone);
	FIND(procdump_save_stack, have_save_stack, stack_trace_save_tsk);
	FIND(procdump_in_sched, have_in_sched, in_sched_functions);
#ifdef CONFIG_COMPAT
	FIND(procdump_siginfo32, have_siginfo32, copy_siginfo_to_external32);
#endif
	find_overcommit();
}

/**
 * procdump_ksym_can_cancel() - can queued task works be taken back?
 *
 * Context: Any context.
 * Return: true if procdump_ksym_cancel() works.
 */
bool procdump_ksym_can_cancel(void)
{
	return have_cancel;
}

/**
 * procdump_ksym_cancel() - task_work_cancel_match()
 * @task: task whose queue is searched
 * @match: called for each work, with a spinlock held and interrupts off
 * @data: handed to @match
 *
 * Context: Any context but NMI.
 * Return: the work that was taken out of the queue. NULL if there was none:
 * it has run, or runs now, or works cannot be taken back on this kernel.
 */
struct callback_head *
procdump_ksym_cancel(struct task_struct *task,
		     bool (*match)(struct callback_head *work, void *data),
		     void *data)
{
	return have_cancel ? static_call(procdump_cancel)(task, match, data) : NULL;
}

/**
 * procdump_ksym_can_ptrace_check() - can ptrace_may_access() be asked?
 *
 * Context: Any context.
 * Return: true if procdump_ksym_ptrace_may_access() gives real answers.
 */
bool procdump_ksym_can_ptrace_check(void)
{
	return have_may_access;
}

/**
 * procdump_ksym_ptrace_may_access() - ptrace_may_access()
 * @task: the task that current wants to look into
 * @mode: PTRACE_MODE_*
 *
 * Context: Process context. Takes the task's alloc_lock.
 * Return: true if access is allowed; false if not, or if the question cannot
 * be asked on this kernel.
 */
bool procdump_ksym_ptrace_may_access(struct task_struct *task,
				     unsigned int mode)
{
	return have_may_access && static_call(procdump_may_access)(task, mode);
}

/**
 * procdump_ksym_can_clone() - can an address space be copied?
 *
 * Context: Any context.
 * Return: true if procdump_ksym_kernel_clone() works, and what a copy must
 * look at before can be found.
 */
bool procdump_ksym_can_clone(void)
{
	return have_clone && overcommit;
}

/**
 * procdump_ksym_kernel_clone() - kernel_clone()
 * @args: what to clone
 *
 * Context: Process context. May sleep.
 * Return: pid of the clone or a negative errno; -EOPNOTSUPP if it cannot be
 * called on this kernel.
 */
pid_t procdump_ksym_kernel_clone(struct kernel_clone_args *args)
{
	return have_clone ? static_call(procdump_clone)(args) : -EOPNOTSUPP;
}

/**
 * procdump_ksym_overcommit() - vm.overcommit_memory
 *
 * Context: Any context.
 * Return: OVERCOMMIT_*; OVERCOMMIT_NEVER if it cannot be known.
 */
int procdump_ksym_overcommit(void)
{
	return overcommit ? READ_ONCE(*overcommit) : OVERCOMMIT_NEVER;
}

/**
 * procdump_ksym_gate_vma() - get_gate_vma()
 * @mm: address space
 *
 * Context: Any context.
 * Return: the pseudo mapping of the vsyscall page, NULL if @mm has none or
 * if that cannot be known on this kernel.
 */
struct vm_area_struct *procdump_ksym_gate_vma(struct mm_struct *mm)
{
	return have_gate_vma ? static_call(procdump_gate_vma)(mm) : NULL;
}

/**
 * procdump_ksym_save_stack() - stack_trace_save_tsk()
 * @task: a thread that does not run
 * @addr: filled in with return addresses, the innermost first
 * @room: how many @addr has room for
 *
 * Context: Any context.
 * Return: how many there are; 0 if they cannot be had on this kernel.
 */
unsigned int procdump_ksym_save_stack(struct task_struct *task,
				      unsigned long *addr, unsigned int room)
{
	if (!have_save_stack)
		return 0;
	return static_call(procdump_save_stack)(task, addr, room, 0);
}

/**
 * procdump_ksym_is_scheduler() - in_sched_functions()
 * @addr: address in the kernel
 *
 * Context: Any context.
 * Return: true if it is in a function that only waits; false if not, or if
 * that cannot be known on this kernel.
 */
bool procdump_ksym_is_scheduler(unsigned long addr)
{
	return have_in_sched && static_call(procdump_in_sched)(addr);
}

/**
 * procdump_ksym_siginfo32() - copy_siginfo_to_external32()
 * @to: zeroed, as large as a siginfo_t; filled in as of a 32-bit process
 * @from: a signal
 *
 * What every signal has is there in any case, the rest only if that function
 * was found.
 *
 * Context: Any context.
 */
void procdump_ksym_siginfo32(void *to, const struct kernel_siginfo *from)
{
	s32 *words = to;

#ifdef CONFIG_COMPAT
	if (have_siginfo32) {
		static_call(procdump_siginfo32)(to, from);
		return;
	}
#endif
	words[0] = from->si_signo;
	words[1] = from->si_errno;
	words[2] = from->si_code;
}
