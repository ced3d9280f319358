/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_CONTENTS_H
#define _PROCDUMP_CONTENTS_H

struct procdump_job;

int procdump_contents_write(struct procdump_job *job);

#endif /* _PROCDUMP_CONTENTS_H */
