/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of frames at the end of a zstd file, by which a part of it can be
 * read without the rest.
 */
#ifndef PROCDUMPCTL_SEEK_H
#define PROCDUMPCTL_SEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct seek_table - where each frame begins
 * @frames: number of frames; 0: there is no table
 * @frame: one more than @frames; the last is where all ends
 * @frame.file: offset in the file
 * @frame.raw: offset in what is compressed
 */
struct seek_table {
	size_t frames;
	struct seek_frame {
		__u64 file;
		__u64 raw;
	} *frame;
};

void seek_read(struct seek_table *table, int fd, __u64 size, __u64 data);
const struct seek_frame *seek_find(const struct seek_table *table, __u64 raw);
__u64 seek_length(const struct seek_table *table);
void seek_free(struct seek_table *table);

#endif /* PROCDUMPCTL_SEEK_H */
