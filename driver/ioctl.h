/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_IOCTL_H
#define _PROCDUMP_IOCTL_H

struct file;

long procdump_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* _PROCDUMP_IOCTL_H */
