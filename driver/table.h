/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_TABLE_H
#define _PROCDUMP_TABLE_H

#include <linux/types.h>

void *procdump_table_alloc(size_t count, size_t size);
void procdump_table_free(void *table);
void procdump_table_exit(void);

#endif /* _PROCDUMP_TABLE_H */
