// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel stack of a thread that sleeps: return addresses to text.
 *
 * Raw addresses never leave this file: they would tell where the kernel is.
 * Who may see the frames is decided in dump.c; the function that a thread
 * sleeps in is for everybody who may dump it, as in /proc/PID/wchan.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/procdump.h>

#include "ksym.h"
#include "procdump.h"
#include "stack.h"

/* Bytes that the line of one frame may need: symbol, offset, size, module. */
#define FRAME_LEN	(KSYM_SYMBOL_LEN + 1)

/**
 * procdump_stack_save() - the return addresses on a kernel stack
 * @task: a thread that does not run and cannot exit
 * @addr: room for PROCDUMP_STACK_FRAMES
 *
 * Context: Any context.
 * Return: how many there are, from the innermost; 0 if they cannot be had on
 * this kernel.
 */
unsigned int procdump_stack_save(struct task_struct *task, unsigned long *addr)
{
	return procdump_ksym_save_stack(task, addr, PROCDUMP_STACK_FRAMES);
}

/**
 * procdump_stack_wchan() - the function that a thread sleeps in
 * @addr: from procdump_stack_save()
 * @count: likewise
 * @wchan: room for PROCDUMP_WCHAN_LEN, filled in; empty if it is not known
 *
 * The first one that is not the scheduler's.
 *
 * Context: Any context.
 */
void procdump_stack_wchan(const unsigned long *addr, unsigned int count,
			  char *wchan)
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned int i;

	memset(wchan, 0, PROCDUMP_WCHAN_LEN);
	for (i = 0; i < count && procdump_ksym_is_scheduler(addr[i]); i++)
		;
	if (i == count)
		return;
	snprintf(symbol, sizeof(symbol), "%ps", (void *)addr[i]);
	strscpy(wchan, symbol, PROCDUMP_WCHAN_LEN);
}

/**
 * procdump_stack_note() - encode a stack as text, a frame a line
 * @notes: gets a buffer, which the caller frees with kfree(); none if there is
 *	no memory
 * @addr: from procdump_stack_save()
 * @count: likewise, not 0
 *
 * Context: Process context. May sleep.
 */
void procdump_stack_note(struct procdump_notes *notes,
			 const unsigned long *addr, unsigned int count)
{
	size_t room = (size_t)count * FRAME_LEN, size = 0;
	unsigned int i;
	char *text;
	void *desc;

	text = kmalloc(room, PROCDUMP_GFP);
	if (!text)
		return;
	for (i = 0; i < count; i++)
		size += scnprintf(text + size, room - size, "%pB\n",
				  (void *)addr[i]);
	notes->room = procdump_note_size(PROCDUMP_NOTE_NAME, size);
	notes->buf = kzalloc(notes->room, PROCDUMP_GFP);
	if (notes->buf) {
		desc = procdump_note_add(notes, PROCDUMP_NOTE_NAME,
					 PROCDUMP_NT_STACK, size);
		memcpy(desc, text, size);
	}
	kfree(text);
}
