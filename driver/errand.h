/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_ERRAND_H
#define _PROCDUMP_ERRAND_H

#include <linux/types.h>

struct file;
struct procdump_errand;

typedef int (*procdump_errand_fn)(struct file *file, loff_t pos, size_t len,
				  struct procdump_errand *errand);

struct procdump_errand *procdump_errand_create(procdump_errand_fn run,
					       loff_t pos, size_t len);
void procdump_errand_start(struct procdump_errand *errand, struct file *file);
void procdump_errand_wants(struct procdump_errand *errand, const void *what);
bool procdump_errand_hangs(const void *what);
void procdump_errand_give_up(struct procdump_errand *errand);
bool procdump_errand_back(struct procdump_errand *errand);
bool procdump_errand_wait(struct procdump_errand *errand);
bool procdump_errand_wait_ms(struct procdump_errand *errand, unsigned int ms);
bool procdump_errand_left(const struct procdump_errand *errand);
int procdump_errand_put(struct procdump_errand *errand);
int procdump_errand_init(void);
void procdump_errand_exit(void);

#endif /* _PROCDUMP_ERRAND_H */
