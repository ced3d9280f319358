/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of -L share.
 */
#ifndef PROCDUMPCTL_KERNEL_H
#define PROCDUMPCTL_KERNEL_H

#include <json-c/json.h>
#include <stdio.h>
#include <linux/procdump.h>

/* kernel_report.c */
const char *kernel_reason(int error);
int kernel_refused(int error);
void kernel_print_info(FILE *file, const struct procdump_kernel *req,
		       __u64 number);
void kernel_add_note(struct json_object *object,
		     const struct procdump_kernel *req);
void kernel_add_answer(struct json_object *object,
		       const struct procdump_kernel *req);

/* kernel_stacks.c */
int kernel_stacks(int dev, struct procdump_kernel *req);

#endif /* PROCDUMPCTL_KERNEL_H */
