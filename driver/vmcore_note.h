/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_NOTE_H
#define _PROCDUMP_VMCORE_NOTE_H

#include "elf.h"
#include <linux/procdump.h>

struct procdump_text;

int procdump_vmcore_notes_init(struct procdump_notes *notes);
void procdump_vmcore_notes_uninit(struct procdump_notes *notes);
void procdump_vmcore_notes_cpus(struct procdump_notes *notes);
int procdump_vmcore_notes_report(struct procdump_notes *notes,
				 const struct procdump_kernel *req,
				 const struct procdump_text *text);
void procdump_vmcore_note_missing(struct procdump_note_end *end,
				  unsigned long pfn);

#endif /* _PROCDUMP_VMCORE_NOTE_H */
