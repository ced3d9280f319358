/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SINK_BEHIND_H
#define _PROCDUMP_SINK_BEHIND_H

#include <linux/types.h>

struct procdump_sink;

int procdump_sink_tell(struct procdump_sink *sink, bool moved);
int procdump_sink_behind(struct procdump_sink *sink);
int procdump_sink_behind_end(struct procdump_sink *sink);
void procdump_sink_behind_close(struct procdump_sink *sink, bool wait);

#endif /* _PROCDUMP_SINK_BEHIND_H */
