/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_VMCORE_TEXT_H
#define _PROCDUMP_VMCORE_TEXT_H

#include <linux/cpumask.h>
#include <linux/types.h>

struct procdump_kernel;
struct procdump_tasks;

/**
 * struct procdump_text - the report
 * @buf: text, or NULL
 * @size: bytes of it
 * @room: bytes of @buf
 * @cpus: those that are to be told of
 */
struct procdump_text {
	char *buf;
	size_t size;
	size_t room;
	struct cpumask cpus;
};

int procdump_text_init(struct procdump_text *text,
		       const struct procdump_tasks *tasks);
void procdump_text_uninit(struct procdump_text *text);
void procdump_text_make(struct procdump_text *text,
			struct procdump_tasks *tasks,
			const struct procdump_kernel *req);

#endif /* _PROCDUMP_VMCORE_TEXT_H */
