/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a core, whether it is compressed or not, from front to end.
 */
#ifndef PROCDUMPCTL_SOURCE_H
#define PROCDUMPCTL_SOURCE_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

struct source;

/* What source_open() says of a file in another format. */
extern const char source_is_none[];

struct source *source_open(const char *path, const char **wrong);
void source_close(struct source *source);
const char *source_format(const struct source *source);
const char *source_damage(const struct source *source);
int source_fd(const struct source *source);
bool source_is_plain(const struct source *source);
__u64 source_data(const struct source *source);
__u64 source_offset(const struct source *source);
size_t source_read(struct source *source, void *buf, size_t len);
bool source_skip(struct source *source, __u64 offset);
__u64 source_length(struct source *source);

#endif /* PROCDUMPCTL_SOURCE_H */
