/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SINK_WRITE_H
#define _PROCDUMP_SINK_WRITE_H

struct procdump_sink;

int procdump_sink_flush(struct procdump_sink *sink);

#endif /* _PROCDUMP_SINK_WRITE_H */
