/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_CORE_H
#define _PROCDUMP_CORE_H

#include <linux/types.h>

struct procdump_job;
struct procdump_note_end;
struct procdump_stream;

int procdump_core_collect(struct procdump_job *job);
int procdump_core_room(const struct procdump_job *job, u64 *room);
int procdump_core_write_front(struct procdump_job *job);
size_t procdump_core_end_size(void);
int procdump_core_write_end(struct procdump_stream *stream,
			    struct procdump_note_end *end);

#endif /* _PROCDUMP_CORE_H */
