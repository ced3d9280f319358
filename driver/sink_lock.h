/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SINK_LOCK_H
#define _PROCDUMP_SINK_LOCK_H

#include <linux/types.h>

struct procdump_sink;

int procdump_no_restart(int err);
int procdump_sink_lock(struct procdump_sink *sink);
void procdump_sink_unlock(struct procdump_sink *sink);
int procdump_sink_set_size(struct procdump_sink *sink, loff_t size);
int procdump_sink_cut_create(struct procdump_sink *sink);
bool procdump_sink_cut(struct procdump_sink *sink);
bool procdump_sink_untouched(const struct procdump_sink *sink);

#endif /* _PROCDUMP_SINK_LOCK_H */
