/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_POOL_H
#define _PROCDUMP_POOL_H

#include <linux/completion.h>
#include <linux/types.h>

struct procdump_frame_ops;
struct procdump_pool;

/**
 * struct procdump_frame - one frame on its way through a pool
 * @in: room for PROCDUMP_FRAME_SIZE raw bytes
 * @len: how many of them there are
 * @out: the frame, when it is done
 * @size: of the frame, or the error of procdump_frame_ops.compress()
 * @zeros: for the owner of the pool: frames of zeros that go before this one
 * @zero: for the owner of the pool: the raw bytes are all zero
 *
 * The rest is pool.c's own.
 */
struct procdump_frame {
	void *in;
	size_t len;
	void *out;
	ssize_t size;
	u64 zeros;
	bool zero;

	/* private: */
	struct completion done;
};

struct procdump_pool *
procdump_pool_create(const struct procdump_frame_ops *ops, int level);
void procdump_pool_destroy(struct procdump_pool *pool);
struct procdump_frame *procdump_pool_get(struct procdump_pool *pool);
void procdump_pool_alone(struct procdump_pool *pool);
void procdump_pool_submit(struct procdump_pool *pool);
struct procdump_frame *procdump_pool_oldest(struct procdump_pool *pool);
int procdump_pool_wait(struct procdump_frame *frame, unsigned long timeout);
void procdump_pool_retire(struct procdump_pool *pool);
int procdump_pool_init(void);
void procdump_pool_exit(void);

#endif /* _PROCDUMP_POOL_H */
