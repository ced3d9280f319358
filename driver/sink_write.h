/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SINK_WRITE_H
#define _PROCDUMP_SINK_WRITE_H

#include <linux/types.h>

struct procdump_sink;

int procdump_sink_room(const struct procdump_sink *sink, u64 len);

#endif /* _PROCDUMP_SINK_WRITE_H */
