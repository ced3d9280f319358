// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notes of a kernel minidump: NT_PRSTATUS of each CPU, VMCOREINFO as the
 * kernel keeps it for kdump, what crash calls SNAP, and our own.
 *
 * Locks: none.
 */
#include <linux/cpumask.h>
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "compat.h"
#include "note.h"
#include "procdump.h"
#include "range.h"
#include "vmcore_freeze.h"
#include "vmcore_note.h"
#include "vmcore_regs.h"
#include "table.h"
#include "vmcore_text.h"

/* As crash's extension snap.so writes it: its name has no end. */
#define SNAP_TYPE	4

struct snap_note {
	struct elf_note head;
	char name[4];
	u64 task;
	u64 relocate;
	u64 zero;
} __packed;

static size_t info_room(void)
{
	return procdump_note_size(VMCOREINFO_NOTE_NAME, VMCOREINFO_BYTES);
}

/**
 * procdump_vmcore_notes_init() - make room for the notes
 * @notes: filled in
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int procdump_vmcore_notes_init(struct procdump_notes *notes)
{
	size_t cpu = procdump_note_size("CORE", sizeof(struct elf_prstatus));

	memset(notes, 0, sizeof(*notes));
	notes->room = num_possible_cpus() * cpu + info_room() +
		      sizeof(struct snap_note) +
		      procdump_note_size(PROCDUMP_NOTE_NAME,
					 sizeof(struct procdump_kernel));
	notes->buf = procdump_table_alloc(1, notes->room);
	return notes->buf ? 0 : -ENOMEM;
}

/**
 * procdump_vmcore_notes_uninit() - free the notes
 * @notes: the notes, or all zero
 *
 * Context: Process context. May sleep.
 */
void procdump_vmcore_notes_uninit(struct procdump_notes *notes)
{
	procdump_table_free(notes->buf);
}

static void add_regs(struct procdump_notes *notes, int cpu)
{
	const struct procdump_freeze_regs *saved = procdump_freeze_regs(cpu);
	struct elf_prstatus *status;

	status = procdump_note_add(notes, "CORE", NT_PRSTATUS,
				   sizeof(*status));
	if (WARN_ON_ONCE(!status))
		return;
	BUILD_BUG_ON(sizeof(saved->regs) > sizeof(status->pr_reg));
	status->common.pr_pid = cpu + 1;
	memcpy(&status->pr_reg, &saved->regs, sizeof(saved->regs));
}

/**
 * procdump_vmcore_notes_cpus() - add the registers of all CPUs
 * @notes: after procdump_vmcore_notes_init()
 *
 * One that did not answer has registers of zeros, as readers count the notes.
 *
 * Context: The dumper, after procdump_freeze_end().
 */
void procdump_vmcore_notes_cpus(struct procdump_notes *notes)
{
	int cpu;

	for_each_cpu(cpu, procdump_freeze_cpus())
		add_regs(notes, cpu);
}

/* Returns the value of KERNELOFFSET in it. */
static u64 add_info(struct procdump_notes *notes)
{
	const struct elf_note *head = __va(paddr_vmcoreinfo_note());
	const char *info = (void *)(head + 1) + ALIGN(head->n_namesz, 4);
	char text[20] = {};
	u64 offset = 0;
	const char *at;
	void *desc;

	desc = procdump_note_add(notes, VMCOREINFO_NOTE_NAME, 0,
				 min_t(size_t, head->n_descsz,
				       VMCOREINFO_BYTES));
	if (WARN_ON_ONCE(!desc))
		return 0;
	memcpy(desc, info, min_t(size_t, head->n_descsz, VMCOREINFO_BYTES));
	at = strnstr(info, "KERNELOFFSET=", head->n_descsz);
	if (!at)
		return 0;
	at += strlen("KERNELOFFSET=");
	memcpy(text, at, min_t(size_t, strcspn(at, "\n"), sizeof(text) - 1));
	return kstrtou64(text, 16, &offset) ? 0 : offset;
}

static void add_snap(struct procdump_notes *notes, u64 offset)
{
	struct snap_note *snap = notes->buf + notes->size;

	snap->head.n_namesz = sizeof(snap->name);
	snap->head.n_descsz = sizeof(*snap) - offsetof(struct snap_note, task);
	snap->head.n_type = SNAP_TYPE;
	memcpy(snap->name, "SNAP", sizeof(snap->name));
	snap->task = (unsigned long)current;
	snap->relocate = -offset;
	notes->last = notes->size;
	notes->size += sizeof(*snap);
}

/* The report is only as long as it has become. */
static int make_room(struct procdump_notes *notes, size_t size)
{
	void *buf = procdump_table_alloc(1, notes->room + size);

	if (!buf)
		return -ENOMEM;
	memcpy(buf, notes->buf, notes->size);
	procdump_table_free(notes->buf);
	notes->buf = buf;
	notes->room += size;
	return 0;
}

static void add_own(struct procdump_notes *notes, u32 type, const void *from,
		    size_t size)
{
	void *desc = procdump_note_add(notes, PROCDUMP_NOTE_NAME, type, size);

	if (!WARN_ON_ONCE(!desc))
		memcpy(desc, from, size);
}

/**
 * procdump_vmcore_notes_report() - add the notes of the kernel as a whole
 * @notes: after procdump_vmcore_notes_cpus()
 * @req: contents of our own
 * @text: the report on tasks
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int procdump_vmcore_notes_report(struct procdump_notes *notes,
				 const struct procdump_kernel *req,
				 const struct procdump_text *text)
{
	int err;

	err = make_room(notes, procdump_note_size(PROCDUMP_NOTE_NAME,
						  text->size));
	if (err)
		return err;
	add_snap(notes, add_info(notes));
	add_own(notes, PROCDUMP_NT_KERNEL, req, sizeof(*req));
	add_own(notes, PROCDUMP_NT_REPORT, text->buf, text->size);
	return 0;
}

/**
 * procdump_vmcore_note_missing() - record a page that could not be read
 * @end: contents of the end note
 * @pfn: page frame
 *
 * Context: Any context.
 */
void procdump_vmcore_note_missing(struct procdump_note_end *end,
				  unsigned long pfn)
{
	procdump_range_missing(end, (u64)__va(PFN_PHYS(pfn)), PAGE_SIZE);
}
