// SPDX-License-Identifier: GPL-2.0-only
/*
 * One held thread to its notes: NT_PRSTATUS first, then each register set that
 * has a core note type, as fs/binfmt_elf.c does for a dying process.
 *
 * The caller holds procdump_thread.lock, a spinlock, and the thread is either
 * current or not running: see hold.c for why its stack and FPU state are
 * there. Buffers were allocated before. The I/O permission bitmap may be read
 * only from a parked thread: another could be changing it.
 *
 * Ids are those of the thread's own pid namespace, as in the kernel's cores,
 * because the memory of the target speaks of those.
 */
#include <linux/compat.h>
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/elfcore-compat.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/regset.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/slab.h>

#include <asm/syscall.h>

#include "compat.h"
#include "hold.h"
#include "ldt.h"
#include "procdump.h"
#include "regs.h"
#include "signal.h"

/* How much larger the sets of one view can be than those of the other. */
#define VIEW_SLACK	1024

static size_t regset_bytes(const struct user_regset *regset)
{
	return (size_t)regset->n * regset->size;
}

static bool is_ioperm(const struct user_regset *regset)
{
	return regset->core_note_type == NT_386_IOPERM;
}

static bool is_shadow_stack(const struct user_regset *regset)
{
#ifdef NT_X86_SHSTK
	return regset->core_note_type == NT_X86_SHSTK;
#else
	return false;
#endif
}

/**
 * procdump_regs_room() - bytes that the notes of any thread fit into
 *
 * Sized for the register sets of this machine, which are known at run time,
 * for a signal, and for the vendor note.
 *
 * Context: Process context.
 * Return: the size in bytes.
 */
size_t procdump_regs_room(void)
{
	const struct user_regset_view *view = task_user_regset_view(current);
	size_t room = VIEW_SLACK;
	unsigned int i;

	room += procdump_note_size("CORE", sizeof(struct elf_prstatus));
	for (i = 1; i < view->n; i++) {
		if (view->regsets[i].core_note_type &&
		    !is_ioperm(&view->regsets[i]))
			room += procdump_note_size("LINUX",
						   regset_bytes(&view->regsets[i]));
	}
	room += procdump_signal_size();
	room += procdump_note_size(PROCDUMP_NOTE_NAME,
				   sizeof(struct procdump_note_thread));
	return room;
}

/* The leader's times are those of the whole group, threads that ended too. */
static void group_times(struct task_struct *leader, struct procdump_status *status)
{
	struct signal_struct *sig = leader->signal;
	struct task_struct *task;
	unsigned int seq;

	rcu_read_lock();
	do {
		seq = read_seqbegin(&sig->stats_lock);
		status->utime = sig->utime;
		status->stime = sig->stime;
		for_each_thread(leader, task) {
			status->utime += READ_ONCE(task->utime);
			status->stime += READ_ONCE(task->stime);
		}
	} while (read_seqretry(&sig->stats_lock, seq));
	rcu_read_unlock();
}

static void read_status(struct task_struct *task, struct procdump_status *status)
{
	struct pid_namespace *ns;

	memset(status, 0, sizeof(*status));
	status->sigpend = READ_ONCE(task->pending.signal.sig[0]);
	status->sighold = READ_ONCE(task->blocked.sig[0]);
	rcu_read_lock();
	ns = task_active_pid_ns(task);
	if (ns) {
		status->pid = task_pid_nr_ns(task, ns);
		status->ppid = task_pid_nr_ns(rcu_dereference(task->real_parent), ns);
		status->pgrp = task_pgrp_nr_ns(task, ns);
		status->sid = task_session_nr_ns(task, ns);
	}
	rcu_read_unlock();
	if (thread_group_leader(task)) {
		group_times(task, status);
	} else {
		status->utime = READ_ONCE(task->utime);
		status->stime = READ_ONCE(task->stime);
	}
	status->cutime = READ_ONCE(task->signal->cutime);
	status->cstime = READ_ONCE(task->signal->cstime);
}

#define PUT_TIME(to, ns)						\
do {									\
	(to).tv_sec = div_u64(ns, NSEC_PER_SEC);			\
	(to).tv_usec = div_u64(ns, NSEC_PER_USEC) -			\
		       div_u64(ns, NSEC_PER_SEC) * USEC_PER_SEC;	\
} while (0)

#define PUT_STATUS(to, from)						\
do {									\
	(to)->pr_sigpend = (from)->sigpend;				\
	(to)->pr_sighold = (from)->sighold;				\
	(to)->pr_pid = (from)->pid;					\
	(to)->pr_ppid = (from)->ppid;					\
	(to)->pr_pgrp = (from)->pgrp;					\
	(to)->pr_sid = (from)->sid;					\
	PUT_TIME((to)->pr_utime, (from)->utime);			\
	PUT_TIME((to)->pr_stime, (from)->stime);			\
	PUT_TIME((to)->pr_cutime, (from)->cutime);			\
	PUT_TIME((to)->pr_cstime, (from)->cstime);			\
} while (0)

static const struct user_regset_view *native_view __ro_after_init;

/* False if it has to be tried again. */
static bool read_general(struct procdump_thread *thread, void *to, size_t size)
{
	const struct user_regset_view *view = thread->hold->view;

	if (view == native_view && procdump_ldt_needed(thread->task))
		return procdump_ldt_regs(thread->task, thread->hold->mm,
					 &view->regsets[0], to);
	regset_get(thread->task, &view->regsets[0], size, to);
	return true;
}

/*
 * NT_PRSTATUS of either class: they differ in the sizes of their members. *@regs
 * says whether to read registers, and then whether they were.
 */
#define ADD_PRSTATUS(thread, type, regs)				\
do {									\
	type *prstatus = procdump_note_add(&(thread)->notes, "CORE",	\
					   NT_PRSTATUS, sizeof(type));	\
									\
	PUT_STATUS(&prstatus->common, &(thread)->status);		\
	(thread)->prstatus = prstatus;					\
	if (!*(regs))							\
		break;							\
	*(regs) = read_general(thread, &prstatus->pr_reg,		\
			       sizeof(prstatus->pr_reg));		\
	prstatus->pr_fpvalid = !compat_foreign_fpu((thread)->task);	\
} while (0)

static bool put_prstatus(struct procdump_thread *thread, bool regs)
{
	thread->notes.size = 0;
	thread->ioperm.size = 0;
	procdump_signal_read(thread);
#ifdef CONFIG_COMPAT
	if (procdump_hold_compat(thread->hold))
		ADD_PRSTATUS(thread, struct i386_elf_prstatus, &regs);
	else
#endif
		ADD_PRSTATUS(thread, struct elf_prstatus, &regs);
	thread->notes_first = thread->notes.size;
	return regs;
}

static void put_regset(struct procdump_thread *thread,
		       struct procdump_notes *notes,
		       const struct user_regset *regset)
{
	int type = regset->core_note_type, got;
	size_t size = regset_bytes(regset);
	void *desc;

	desc = procdump_note_add(notes, type == NT_PRFPREG ? "CORE" : "LINUX",
				 type, size);
	if (WARN_ON_ONCE(!desc))
		return;
	got = regset_get(thread->task, regset, size, desc);
	procdump_note_trim(notes, max(got, 0));
}

/**
 * procdump_regs_init() - find the register sets of 64-bit processes
 *
 * Context: Process context, module initialisation.
 */
void __init procdump_regs_init(void)
{
	native_view = task_user_regset_view(current);
	if (native_view->e_machine == EM_386)
		native_view = NULL;
}

/**
 * procdump_regs_view() - the register sets of a process
 * @mm: its memory
 *
 * The class of a process is that of its address space. The view that a thread
 * has is that of the code segment it is in, which a 64-bit process can change.
 *
 * Context: Any context.
 * Return: the view, or NULL if only a thread can tell.
 */
const struct user_regset_view *procdump_regs_view(const struct mm_struct *mm)
{
	return mm->task_size > U32_MAX ? native_view : NULL;
}

/* A gated thread has its stack. */
static void choose_view(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;

	if (!hold->view)
		hold->view = task_user_regset_view(thread->task);
}

static const struct user_regset *find_ioperm(void)
{
	const struct user_regset_view *view = native_view;
	unsigned int i;

	for (i = 1; view && i < view->n; i++) {
		if (is_ioperm(&view->regsets[i]))
			return &view->regsets[i];
	}
	return NULL;
}

/**
 * procdump_regs_prepare() - read and allocate what must not wait
 * @thread: a thread that will be read
 *
 * Its identity and times; a buffer for its I/O permissions, which few threads
 * have and which are as large as all else.
 *
 * Context: Process context, no lock held. May sleep.
 */
void procdump_regs_prepare(struct procdump_thread *thread)
{
	const struct user_regset *ioperm = find_ioperm();
	struct procdump_notes *notes = &thread->ioperm;

	might_sleep();
	read_status(thread->task, &thread->status);
	if (!ioperm || notes->buf || !compat_has_io_bitmap(thread->task))
		return;
	notes->room = procdump_note_size("LINUX", regset_bytes(ioperm));
	notes->buf = kvmalloc(notes->room, PROCDUMP_GFP);
}

/*
 * Is the set among what can be read of the thread now? To ask the set itself is to
 * look at what goes when the thread exits.
 */
static bool readable(const struct procdump_thread *thread,
		     const struct user_regset *regset, bool parked)
{
	lockdep_assert_held(&thread->lock);
	if (!regset->core_note_type)
		return false;
	if (is_ioperm(regset) && (!parked || !thread->ioperm.buf))
		return false;
	if (compat_foreign_fpu(thread->task) && !is_ioperm(regset) &&
	    regset->core_note_type != NT_386_TLS)
		return false;
	if (regset->active && regset->active(thread->task, regset) <= 0)
		return false;
	return !is_shadow_stack(regset) || !compat_shadow_stack_gone(thread->task);
}

/* What the thread asked of the kernel, or asked last if it is on its way out. */
static void read_syscall(struct procdump_thread *thread)
{
	struct pt_regs *regs = task_pt_regs(thread->task);
	unsigned long args[6];
	unsigned int i;

	thread->syscall = syscall_get_nr(thread->task, regs);
	if (thread->syscall < 0)
		return;
	syscall_get_arguments(thread->task, regs, args);
	for (i = 0; i < ARRAY_SIZE(args); i++)
		thread->args[i] = args[i];
}

/**
 * procdump_regs_read() - encode the identity and all registers of a thread
 * @thread: held or current, after procdump_regs_prepare(); its @notes are
 *	written anew
 * @parked: it cannot change by itself, so that its I/O bitmap may be read
 *
 * A thread that runs a virtual machine has the guest's FPU state loaded while
 * it is in the kernel; that is not its own, and is left out.
 *
 * Context: Process context, procdump_thread.lock held.
 * Return: true; false if somebody changes the LDT of the target, and it has to be
 * tried again. Not of current.
 */
bool procdump_regs_read(struct procdump_thread *thread, bool parked)
{
	struct procdump_hold *hold = thread->hold;
	const struct user_regset *regset;
	unsigned int i;

	lockdep_assert_held(&thread->lock);
	choose_view(thread);
	if (!put_prstatus(thread, true))
		return false;
	read_syscall(thread);
	for (i = 1; i < hold->view->n; i++) {
		regset = &hold->view->regsets[i];
		if (readable(thread, regset, parked))
			put_regset(thread, is_ioperm(regset) ? &thread->ioperm :
				   &thread->notes, regset);
	}
	return true;
}

/**
 * procdump_regs_blank() - encode the identity of a thread, no registers
 * @thread: a thread of the target that did not leave the kernel
 *
 * Context: Process context, procdump_thread.lock held.
 */
void procdump_regs_blank(struct procdump_thread *thread)
{
	lockdep_assert_held(&thread->lock);
	if (thread->gate == PROCDUMP_GATE_QUEUED ||
	    thread->gate == PROCDUMP_GATE_PARKED)
		choose_view(thread);
	put_prstatus(thread, false);
}

#ifdef COMPAT_XSAVE_LAYOUT
#define CPUID_XSTATE	0xd

/* Components behind x87 and SSE, which have no choice of a place. */
static u64 xsave_features(void)
{
	if (!boot_cpu_has(X86_FEATURE_OSXSAVE))
		return 0;
	return xgetbv(XCR_XFEATURE_ENABLED_MASK) & ~3ULL;
}

/**
 * procdump_regs_layout_size() - bytes of the note of procdump_regs_layout()
 *
 * Context: Any context.
 * Return: the size, 0 if this kernel has no such note.
 */
size_t procdump_regs_layout_size(void)
{
	return procdump_note_size("LINUX", hweight64(xsave_features()) *
				  sizeof(struct x86_xfeat_component));
}

/**
 * procdump_regs_layout() - append NT_X86_XSAVE_LAYOUT
 * @notes: with room for procdump_regs_layout_size()
 *
 * It is no register set, but the same for all threads: places and sizes are
 * those that the CPU reports, see CPUID in the manual of the architecture.
 *
 * Context: Any context.
 */
void procdump_regs_layout(struct procdump_notes *notes)
{
	unsigned long features = xsave_features();
	struct x86_xfeat_component *part;
	u32 size, offset, flags, unused;
	unsigned int i;

	part = procdump_note_add(notes, "LINUX", NT_X86_XSAVE_LAYOUT,
				 hweight64(features) * sizeof(*part));
	for_each_set_bit(i, &features, 64) {
		cpuid_count(CPUID_XSTATE, i, &size, &offset, &flags, &unused);
		*part++ = (struct x86_xfeat_component) {
			.type = i,
			.size = size,
			.offset = offset,
		};
	}
}
#else
size_t procdump_regs_layout_size(void)
{
	return 0;
}

void procdump_regs_layout(struct procdump_notes *notes)
{
}
#endif
