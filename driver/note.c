// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notes of the process as a whole, as fs/binfmt_elf.c writes them:
 * NT_PRPSINFO, NT_SIGINFO, NT_AUXV, NT_FILE; and those of our own, described
 * in uapi/linux/procdump.h.
 *
 * Locks: signal->exec_update_lock is held by the caller, so that the names and
 * ids are those of the program that was authorised.
 */
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/elfcore-compat.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/regset.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "compat.h"
#include "hold.h"
#include "note.h"
#include "page.h"
#include "procdump.h"
#include "regs.h"
#include "segment.h"
#include "signal.h"
#include "target.h"

/* Allocations of more than INT_MAX are refused. */
#define FILE_NOTE_MAX	SZ_1G

/* What NT_PRPSINFO has, whatever the class. */
struct psinfo {
	char state;
	char sname;
	char nice;
	unsigned long flag;
	u32 uid;
	u32 gid;
	pid_t pid;
	pid_t ppid;
	pid_t pgrp;
	pid_t sid;
	char fname[TASK_COMM_LEN];
	char args[ELF_PRARGSZ];
};

static void read_args(struct mm_struct *mm, struct procdump_hold *hold,
		      char *args)
{
	unsigned long start, end, len, i;

	spin_lock(&mm->arg_lock);
	start = mm->arg_start;
	end = mm->arg_end;
	spin_unlock(&mm->arg_lock);
	len = min_t(unsigned long, end - start, ELF_PRARGSZ - 1);
	if (procdump_page_copy(mm, hold, start, args, len))
		len = 0;
	for (i = 0; i < len; i++) {
		if (!args[i])
			args[i] = ' ';
	}
	memset(args + len, 0, ELF_PRARGSZ - len);
}

/* What it did before it was held. The letters and numbers are the kernel's. */
static void read_state(struct task_struct *leader, struct procdump_hold *hold,
		       struct psinfo *info)
{
	static const char letters[] = "RSDTZW";
	struct procdump_thread *thread;
	const char *at;

	info->sname = task_state_to_char(leader);
	procdump_for_each_thread(hold, thread) {
		if (thread->task == leader)
			info->sname = thread->state;
	}
	at = strchr(letters, toupper(info->sname));
	info->state = at ? at - letters : 0;
}

static void read_psinfo(struct task_struct *leader, struct psinfo *info)
{
	struct pid_namespace *ns;
	const struct cred *cred;

	info->nice = task_nice(leader);
	info->flag = leader->flags;
	get_task_comm(info->fname, leader);
	rcu_read_lock();
	ns = task_active_pid_ns(leader);
	if (ns) {
		info->pid = task_pid_nr_ns(leader, ns);
		info->ppid = task_pid_nr_ns(rcu_dereference(leader->real_parent),
					    ns);
		info->pgrp = task_pgrp_nr_ns(leader, ns);
		info->sid = task_session_nr_ns(leader, ns);
	}
	cred = __task_cred(leader);
	info->uid = from_kuid_munged(cred->user_ns, cred->uid);
	info->gid = from_kgid_munged(cred->user_ns, cred->gid);
	rcu_read_unlock();
}

#define PUT_PSINFO(to, from)						\
do {									\
	(to)->pr_state = (from)->state;					\
	(to)->pr_sname = (from)->sname;					\
	(to)->pr_zomb = (from)->sname == 'Z';				\
	(to)->pr_nice = (from)->nice;					\
	(to)->pr_flag = (from)->flag;					\
	(to)->pr_pid = (from)->pid;					\
	(to)->pr_ppid = (from)->ppid;					\
	(to)->pr_pgrp = (from)->pgrp;					\
	(to)->pr_sid = (from)->sid;					\
	memcpy((to)->pr_fname, (from)->fname, sizeof((to)->pr_fname));	\
	memcpy((to)->pr_psargs, (from)->args, sizeof((to)->pr_psargs));	\
} while (0)

/* 16 bits for an id in the notes of a 32-bit process, as chown16() has it. */
static u16 short_id(u32 id)
{
	return id > U16_MAX ? 65534 : id;
}

static void add_psinfo(struct procdump_notes *notes,
		       const struct procdump_target *target,
		       struct procdump_hold *hold, bool memory)
{
	struct psinfo info = {};
	struct task_struct *leader;
	void *desc;

	/* The leader may have been replaced by an exec, or be gone. */
	rcu_read_lock();
	leader = get_pid_task(task_tgid(target->task), PIDTYPE_TGID);
	rcu_read_unlock();
	read_state(leader ?: target->task, hold, &info);
	read_psinfo(leader ?: target->task, &info);
	if (leader)
		put_task_struct(leader);
	/* Nothing is read from memory in mode threads, which must not wait. */
	if (memory)
		read_args(target->mm, hold, info.args);
	else
		strscpy(info.args, info.fname, sizeof(info.args));
	if (procdump_hold_compat(hold)) {
		struct compat_elf_prpsinfo *psinfo;

		desc = procdump_note_add(notes, "CORE", NT_PRPSINFO,
					 sizeof(*psinfo));
		psinfo = desc;
		PUT_PSINFO(psinfo, &info);
		psinfo->pr_uid = short_id(info.uid);
		psinfo->pr_gid = short_id(info.gid);
	} else {
		struct elf_prpsinfo *psinfo;

		desc = procdump_note_add(notes, "CORE", NT_PRPSINFO,
					 sizeof(*psinfo));
		psinfo = desc;
		PUT_PSINFO(psinfo, &info);
		psinfo->pr_uid = info.uid;
		psinfo->pr_gid = info.gid;
	}
}

static void add_auxv(struct procdump_notes *notes, const struct mm_struct *mm,
		     bool compat)
{
	size_t word = compat ? sizeof(u32) : sizeof(unsigned long);
	size_t size = 0, room = sizeof(mm->saved_auxv);
	const void *auxv = mm->saved_auxv;
	void *desc;
	u64 key;

	do {
		key = compat ? *(const u32 *)(auxv + size) :
			       *(const unsigned long *)(auxv + size);
		size += 2 * word;
	} while (key != AT_NULL && size + 2 * word <= room);
	desc = procdump_note_add(notes, "CORE", NT_AUXV, size);
	memcpy(desc, auxv, size);
}

static void put_word(void **at, u64 value, bool compat)
{
	if (compat)
		*(u32 *)*at = value;
	else
		*(u64 *)*at = value;
	*at += compat ? sizeof(u32) : sizeof(u64);
}

/* Calls d_path() for each file; returns bytes of all names, counts files. */
static size_t file_names_size(const struct procdump_segments *segs, char *path,
			      unsigned int *files)
{
	size_t size = 0;
	unsigned int i;
	char *name;

	*files = 0;
	for (i = 0; i < segs->count; i++) {
		if (!segs->seg[i].file)
			continue;
		name = file_path(segs->seg[i].file, path, PATH_MAX);
		size += (IS_ERR(name) ? 0 : strlen(name)) + 1;
		++*files;
		cond_resched();
	}
	return size;
}

/* The hole at the end of a part is memory, and not of the file. */
static unsigned long file_end(const struct procdump_segment *seg)
{
	return seg->sparse && seg->size ? seg->start + seg->size : seg->end;
}

/* A name that grew since it was measured is cut to what there is room for. */
static void put_files(const struct procdump_segments *segs, char *path,
		      unsigned int files, void *desc, size_t size, bool compat)
{
	char *names, *end = desc + size;
	void *at = desc;
	unsigned int i;
	char *name;

	names = desc + (2 + 3 * (size_t)files) * (compat ? 4 : 8);
	put_word(&at, files, compat);
	put_word(&at, PAGE_SIZE, compat);
	for (i = 0; i < segs->count; i++) {
		const struct procdump_segment *seg = &segs->seg[i];

		if (!seg->file)
			continue;
		put_word(&at, seg->start, compat);
		put_word(&at, file_end(seg), compat);
		put_word(&at, seg->pgoff, compat);
		name = file_path(seg->file, path, PATH_MAX);
		if (names < end)
			names += strscpy(names, IS_ERR(name) ? "" : name,
					 end - names) >= 0 ?
				 strlen(names) + 1 : end - names;
		cond_resched();
	}
}

static size_t room_for(const struct mm_struct *mm)
{
	return procdump_note_size("CORE", sizeof(struct elf_prpsinfo)) +
	       procdump_signal_size() +
	       procdump_note_size("CORE", sizeof(mm->saved_auxv)) +
	       procdump_regs_layout_size() +
	       procdump_note_size(PROCDUMP_NOTE_NAME,
				  sizeof(struct procdump_note_dump));
}

/**
 * procdump_note_process() - encode the notes of the process
 * @notes: filled in; the caller frees @buf with kvfree()
 * @target: the target, with its exec_update_lock held
 * @hold: its hold, after a successful catch
 * @info: contents of our own note
 *
 * All but NT_FILE.
 *
 * Context: Process context. May sleep, killably.
 * Return: 0 or -ENOMEM.
 */
int procdump_note_process(struct procdump_notes *notes,
			  const struct procdump_target *target,
			  struct procdump_hold *hold,
			  const struct procdump_note_dump *info)
{
	bool compat = procdump_hold_compat(hold);
	void *desc;

	notes->room = room_for(target->mm);
	notes->buf = kvzalloc(notes->room, PROCDUMP_GFP);
	if (!notes->buf)
		return -ENOMEM;
	add_psinfo(notes, target, hold, info->mode != PROCDUMP_MODE_THREADS);
	procdump_signal_note(notes, procdump_hold_first(hold), compat);
	add_auxv(notes, target->mm, compat);
	desc = procdump_note_add(notes, PROCDUMP_NOTE_NAME, PROCDUMP_NT_DUMP,
				 sizeof(*info));
	memcpy(desc, info, sizeof(*info));
	procdump_regs_layout(notes);
	return 0;
}

/**
 * procdump_note_files() - encode NT_FILE
 * @notes: filled in; the caller frees @buf with kvfree()
 * @segs: the mappings, after procdump_segments_settle()
 * @compat: the target is a 32-bit process
 *
 * Without one if it would be larger than 1 GiB. Of a mapping with large holes
 * each part has an entry, and the holes have none.
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int procdump_note_files(struct procdump_notes *notes,
			const struct procdump_segments *segs, bool compat)
{
	unsigned int files;
	int err = -ENOMEM;
	size_t size;
	char *path;

	path = kmalloc(PATH_MAX, PROCDUMP_GFP);
	if (!path)
		return -ENOMEM;
	size = file_names_size(segs, path, &files);
	size += (2 + 3 * (size_t)files) * (compat ? 4 : 8);
	if (size > FILE_NOTE_MAX) {
		kfree(path);
		return 0;
	}
	notes->room = procdump_note_size("CORE", size);
	notes->buf = kvzalloc(notes->room, PROCDUMP_GFP);
	if (notes->buf) {
		put_files(segs, path, files,
			  procdump_note_add(notes, "CORE", NT_FILE, size),
			  size, compat);
		err = 0;
	}
	kfree(path);
	return err;
}

/**
 * procdump_note_thread() - append to the notes of a thread those of our own
 * @thread: a thread whose notes were read
 *
 * And its signal, if it has one. That of the first thread is among the notes of
 * the process, in any case, as in the kernel's cores.
 *
 * Context: Process context.
 */
void procdump_note_thread(struct procdump_thread *thread)
{
	struct procdump_hold *hold = thread->hold;
	struct procdump_note_thread *note;

	procdump_signal_put(thread);
	if (thread->siginfo.si_signo && thread != procdump_hold_first(hold))
		procdump_signal_note(&thread->notes, thread,
				     procdump_hold_compat(hold));
	note = procdump_note_add(&thread->notes, PROCDUMP_NOTE_NAME,
				 PROCDUMP_NT_THREAD, sizeof(*note));
	if (WARN_ON_ONCE(!note))
		return;
	note->tid = thread->tid;
	note->caught = thread->caught;
	if (compat_foreign_fpu(thread->task))
		note->flags |= PROCDUMP_THREAD_NO_FPU;
	note->state = thread->state;
	note->start_time_ns = thread->task->start_boottime;
	note->syscall = thread->syscall;
	memcpy(note->args, thread->args, sizeof(note->args));
	memcpy(note->wchan, thread->wchan, sizeof(note->wchan));
	get_task_comm(note->comm, thread->task);
}
