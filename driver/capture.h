/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_CAPTURE_H
#define _PROCDUMP_CAPTURE_H

#include <linux/types.h>

struct procdump_job;

int procdump_capture_prepare(struct procdump_job *job);
int procdump_capture_run(struct procdump_job *job);
int procdump_capture_fall_back(struct procdump_job *job, int err);
int procdump_capture_judge(struct procdump_job *job);
u64 procdump_capture_pause_ns(const struct procdump_job *job);

#endif /* _PROCDUMP_CAPTURE_H */
