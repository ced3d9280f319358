/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SPAN_H
#define _PROCDUMP_SPAN_H

#include <linux/types.h>

/**
 * struct procdump_spans - ranges of addresses
 * @span: the ranges
 * @count: how many
 * @room: how many there is room for
 */
struct procdump_spans {
	struct procdump_span {
		unsigned long start;
		unsigned long end;
	} *span;
	unsigned int count;
	unsigned int room;
};

int procdump_span_add(struct procdump_spans *spans, unsigned long start,
		      unsigned long end);
int procdump_span_take(struct procdump_spans *kept,
		       struct procdump_spans *wanted, u64 limit, u64 each);
u64 procdump_span_bytes(const struct procdump_spans *spans, u64 each);
void procdump_span_sort(struct procdump_spans *spans);
void procdump_span_free(struct procdump_spans *spans);

#endif /* _PROCDUMP_SPAN_H */
