// SPDX-License-Identifier: GPL-2.0-only
/*
 * The signal of a thread: what a tracer stopped it at. A process that is dumped
 * died of none, so that most threads have no signal, and zeros in their notes.
 *
 * It is read together with the registers, because the tracer may let the thread
 * go on as soon as it is not held any more.
 *
 * Locks: the target's siglock, inside procdump_thread.lock.
 */
#include <linux/compat.h>
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/elfcore-compat.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "hold.h"
#include "ksym.h"
#include "signal.h"

/**
 * procdump_signal_read() - read the signal that a thread is stopped at
 * @thread: its @siginfo is filled in, with all zeros if there is none
 *
 * Context: Process context, procdump_thread.lock held.
 */
void procdump_signal_read(struct procdump_thread *thread)
{
	struct task_struct *task = thread->task;
	struct sighand_struct *sighand;
	unsigned long flags;

	lockdep_assert_held(&thread->lock);
	clear_siginfo(&thread->siginfo);
	rcu_read_lock();
	sighand = rcu_dereference(task->sighand);
	if (sighand) {
		spin_lock_irqsave(&sighand->siglock, flags);
		if (sighand == rcu_access_pointer(task->sighand) &&
		    task->last_siginfo)
			copy_siginfo(&thread->siginfo, task->last_siginfo);
		spin_unlock_irqrestore(&sighand->siglock, flags);
	}
	rcu_read_unlock();
}

/**
 * procdump_signal_put() - put the signal of the process into NT_PRSTATUS
 * @thread: a thread whose notes were read; it is known which is the first
 *
 * It is that of the first thread, for all of them, as in the kernel's cores:
 * debuggers show that of any.
 *
 * Context: Any context.
 */
void procdump_signal_put(const struct procdump_thread *thread)
{
	int signo = procdump_hold_first(thread->hold)->siginfo.si_signo;
	struct elf_prstatus_common *status = thread->prstatus;

#ifdef CONFIG_COMPAT
	/* Both classes begin alike. */
	BUILD_BUG_ON(offsetof(struct compat_elf_prstatus_common, pr_cursig) !=
		     offsetof(struct elf_prstatus_common, pr_cursig));
#endif
	status->pr_info.si_signo = signo;
	status->pr_cursig = signo;
}

/**
 * procdump_signal_size() - bytes of the note of procdump_signal_note()
 *
 * Context: Any context.
 * Return: the size, the same for both classes.
 */
size_t procdump_signal_size(void)
{
	return procdump_note_size("CORE", sizeof(siginfo_t));
}

/**
 * procdump_signal_note() - append NT_SIGINFO
 * @notes: with room for procdump_signal_size()
 * @thread: whose signal, after procdump_signal_read()
 * @compat: the target is a 32-bit process
 *
 * Context: Any context.
 */
void procdump_signal_note(struct procdump_notes *notes,
			  const struct procdump_thread *thread, bool compat)
{
	siginfo_t *desc = procdump_note_add(notes, "CORE", NT_SIGINFO,
					    sizeof(*desc));

	if (WARN_ON_ONCE(!desc) || !thread->siginfo.si_signo)
		return;
	if (compat)
		procdump_ksym_siginfo32(desc, &thread->siginfo);
	else
		copy_siginfo_to_external(desc, &thread->siginfo);
}
