/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_NOTE_H
#define _PROCDUMP_NOTE_H

#include "elf.h"
#include <linux/procdump.h>

struct procdump_hold;
struct procdump_segments;
struct procdump_target;
struct procdump_thread;

int procdump_note_process(struct procdump_notes *notes,
			  const struct procdump_target *target,
			  struct procdump_hold *hold,
			  const struct procdump_note_dump *info);
int procdump_note_files(struct procdump_notes *notes,
			const struct procdump_segments *segs, bool compat);
void procdump_note_thread(struct procdump_thread *thread);

#endif /* _PROCDUMP_NOTE_H */
