/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_HAZARD_H
#define _PROCDUMP_HAZARD_H

#include <linux/types.h>

struct procdump_hold;

int procdump_hazard_find(struct procdump_hold *hold, u32 *hazards);

#endif /* _PROCDUMP_HAZARD_H */
