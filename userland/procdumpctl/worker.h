/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that waits in the driver, and the signals that end it.
 */
#ifndef PROCDUMPCTL_WORKER_H
#define PROCDUMPCTL_WORKER_H

#include <stdbool.h>
#include <libprocdump.h>

enum worker_stage { WORKER_START, WORKER_DUMP, WORKER_SYNC };

/**
 * struct worker_end - how a worker ended
 * @err: 0, or an errno
 * @signal: 0, or the signal that procdumpctl was sent
 * @stage: what the worker did last
 */
struct worker_end {
	int err;
	int signal;
	enum worker_stage stage;
};

void signals_block(void);
void signals_allow(void);
int signals_pending(void);
struct worker_end worker_dump(int dev, struct procdump_dump *req,
			      bool progress);
struct worker_end worker_kernel(int dev, struct procdump_kernel *req,
				bool progress);

#endif /* PROCDUMPCTL_WORKER_H */
