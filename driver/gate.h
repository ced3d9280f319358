/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_GATE_H
#define _PROCDUMP_GATE_H

#include <linux/types.h>

struct procdump_hold;
struct procdump_thread;

struct procdump_thread *procdump_gate_create(struct procdump_hold *hold);
void procdump_gate_queue(struct procdump_thread *thread);
void procdump_gate_open(struct procdump_thread *thread);
void procdump_gate_take_back(struct procdump_thread *thread);
void procdump_gate_free(struct procdump_thread *thread);
void procdump_gate_put_hold(struct procdump_hold *hold);
bool procdump_gate_expired(struct procdump_hold *hold);
void procdump_gate_drain(void);

#endif /* _PROCDUMP_GATE_H */
