/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the verb info names what is in a core.
 */
#ifndef PROCDUMPCTL_INFO_H
#define PROCDUMPCTL_INFO_H

#include <json-c/json.h>
#include <stddef.h>
#include "core.h"

/* info_names.c */
const char *info_machine(const struct core *core, char *buf, size_t size);
const char *info_note(const struct core_kind *kind, char *buf, size_t size);
const char *info_complete(const struct core *core);
const char *info_time(__u64 realtime_ns, char *buf, size_t size);
void info_flags(__u32 flags, char buf[4]);

/* info_json.c */
struct json_object *info_json(const struct core *core, const char *path);
void info_print_json(const struct core *core, const char *path);

#endif /* PROCDUMPCTL_INFO_H */
