/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SIGNAL_H
#define _PROCDUMP_SIGNAL_H

#include <linux/types.h>

struct procdump_notes;
struct procdump_thread;

void procdump_signal_read(struct procdump_thread *thread);
void procdump_signal_put(const struct procdump_thread *thread);
size_t procdump_signal_size(void);
void procdump_signal_note(struct procdump_notes *notes,
			  const struct procdump_thread *thread, bool compat);

#endif /* _PROCDUMP_SIGNAL_H */
