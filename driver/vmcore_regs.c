// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers and the stack of a CPU, saved by itself: when it comes, in the
 * NMI that reached it, or as it takes the dump. And the stack of a task
 * that does not run.
 *
 * Promises: nothing is allocated, locked or printed. The unwinder stays within
 * the stacks of its task.
 *
 * Locks: none.
 */
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/unwind.h>

#include "vmcore_regs.h"

/*
 * From @ip on, if that is not 0, and @state. An NMI may come in between and do
 * the same.
 */
static void save_stack(struct procdump_freeze_regs *saved,
		       struct unwind_state *state, unsigned long ip)
{
	unsigned int count = 0;
	unsigned long addr;

	if (ip)
		saved->frame[count++] = ip;
	while (!unwind_done(state) && count < PROCDUMP_FREEZE_FRAMES) {
		addr = unwind_get_return_address(state);
		if (!addr)
			break;
		saved->frame[count++] = addr;
		unwind_next_frame(state);
	}
	saved->frames = count;
}

/**
 * procdump_kregs_came() - save what this CPU was doing
 * @saved: the registers of the caller; becomes those of what was interrupted,
 *	and the stack below them
 *
 * The idle loop calls functions that others ask for by itself when it polls or
 * waits by MWAIT, so that it needs no interrupt. The registers of the caller
 * count then, and the stack down to the idle loop.
 *
 * Context: A function that another CPU asked for, interrupts off.
 */
void procdump_kregs_came(struct procdump_freeze_regs *saved)
{
	struct unwind_state state;
	struct pt_regs *regs;
	bool partial = false;

	saved->task = current;
	for (unwind_start(&state, current, NULL, NULL); !unwind_done(&state);
	     unwind_next_frame(&state)) {
		regs = unwind_get_entry_regs(&state, &partial);
		if (regs && !partial) {
			saved->regs = *regs;
			save_stack(saved, &state, 0);
			return;
		}
	}
	unwind_start(&state, current, NULL, NULL);
	save_stack(saved, &state, 0);
}

/**
 * procdump_kregs_nmi() - the same in an NMI
 * @saved: filled in
 * @regs: the registers
 *
 * Context: NMI.
 */
void procdump_kregs_nmi(struct procdump_freeze_regs *saved,
			struct pt_regs *regs)
{
	struct unwind_state state;

	saved->task = current;
	saved->regs = *regs;
	unwind_start(&state, current, regs, NULL);
	/* It begins with the caller of where @regs are. */
	save_stack(saved, &state, user_mode(regs) ? 0 : regs->ip);
}

/**
 * procdump_kregs_self() - those of who takes the dump
 * @saved: filled in
 * @regs: the registers of a caller that does not return meanwhile
 *
 * Context: Any context.
 */
void procdump_kregs_self(struct procdump_freeze_regs *saved,
			 const struct pt_regs *regs)
{
	struct unwind_state state;

	saved->task = current;
	saved->how = PROCDUMP_FREEZE_SELF;
	saved->regs = *regs;
	unwind_start(&state, current, NULL, NULL);
	save_stack(saved, &state, 0);
}

/**
 * procdump_kregs_task() - the stack of a task that does not run
 * @task: the task; its stack stays
 * @frame: filled in, PROCDUMP_FREEZE_FRAMES addresses, the innermost first
 *
 * Context: All CPUs stand still.
 * Return: how many there are.
 */
unsigned int procdump_kregs_task(struct task_struct *task,
				 unsigned long *frame)
{
	struct procdump_freeze_regs saved;
	struct unwind_state state;

	unwind_start(&state, task, NULL, NULL);
	saved.frames = 0;
	save_stack(&saved, &state, 0);
	memcpy(frame, saved.frame, saved.frames * sizeof(*frame));
	return saved.frames;
}
