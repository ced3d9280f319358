/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_STACK_H
#define _PROCDUMP_STACK_H

#include "elf.h"

struct task_struct;

/* Frames of a kernel stack that are kept, from the innermost. */
#define PROCDUMP_STACK_FRAMES	64

unsigned int procdump_stack_save(struct task_struct *task, unsigned long *addr);
void procdump_stack_wchan(const unsigned long *addr, unsigned int count,
			  char *wchan);
void procdump_stack_note(struct procdump_notes *notes,
			 const unsigned long *addr, unsigned int count);

#endif /* _PROCDUMP_STACK_H */
