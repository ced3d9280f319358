/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_PAGECACHE_H
#define _PROCDUMP_PAGECACHE_H

#include <linux/types.h>

struct file;
struct page;
struct procdump_hold;
struct vm_area_struct;

bool procdump_pagecache_has(struct vm_area_struct *vma);
struct page *procdump_pagecache_read(struct file *file, pgoff_t index,
				     unsigned long pages,
				     struct procdump_hold *hold);

#endif /* _PROCDUMP_PAGECACHE_H */
