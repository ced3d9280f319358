// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seekable format of zstd, contrib/seekable_format in its sources, version
 * 0.1.0: behind the frames a skippable frame with the sizes of each.
 *
 * A table is only good if it fits the file to the byte: what was cut, or has
 * something behind it, has none, and is read from the front.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procdumpctl.h"
#include "seek.h"

#define SKIPPABLE_MAGIC 0x184D2A5EU
#define SEEKABLE_MAGIC 0x8F92EAB1U
#define FRAMES_MAX 0x8000000U
/* A table of so many bytes is read whether it is in a hole or not. */
#define TABLE_SMALL 0x100000U

#define HEAD_SIZE 8U
#define FOOT_SIZE 9U

/* In the descriptor: an entry has a checksum; bits that must be zero. */
#define DESCRIPTOR_CHECKSUM 0x80
#define DESCRIPTOR_RESERVED 0x7c

static __u32 get32(const unsigned char *at)
{
	__u32 value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

/* Return: bytes of the table with head and foot, or 0 if there is none. */
static size_t table_size(int fd, __u64 size, size_t *frames, size_t *entry)
{
	unsigned char foot[FOOT_SIZE], head[HEAD_SIZE];
	size_t all;

	if (size < HEAD_SIZE + FOOT_SIZE ||
	    pread(fd, foot, FOOT_SIZE, (off_t)(size - FOOT_SIZE)) != FOOT_SIZE)
		return 0;
	*frames = get32(foot);
	*entry = foot[4] & DESCRIPTOR_CHECKSUM ? 12 : 8;
	all = HEAD_SIZE + *frames * *entry + FOOT_SIZE;
	if (get32(foot + 5) != SEEKABLE_MAGIC || !*frames ||
	    foot[4] & DESCRIPTOR_RESERVED || *frames > FRAMES_MAX || all > size)
		return 0;
	if (pread(fd, head, HEAD_SIZE, (off_t)(size - all)) != HEAD_SIZE ||
	    get32(head) != SKIPPABLE_MAGIC ||
	    get32(head + 4) != all - HEAD_SIZE)
		return 0;
	return all;
}

/* Return: whether the sizes of all frames fit the file. */
static bool add_up(struct seek_table *table, const unsigned char *entries,
		   size_t frames, size_t entry, __u64 end)
{
	struct seek_frame at = {};
	size_t i;

	for (i = 0; i < frames; i++, entries += entry) {
		table->frame[i] = at;
		at.file += get32(entries);
		at.raw += get32(entries + 4);
	}
	table->frame[frames] = at;
	return at.file == end;
}

/**
 * seek_read() - read the table of frames
 * @table: the answer; without frames if there is no table
 * @fd: a file
 * @size: its size
 * @data: how much of it is not in holes: a table of holes is none
 */
void seek_read(struct seek_table *table, int fd, __u64 size, __u64 data)
{
	size_t all, frames = 0, entry = 0, len;
	unsigned char *entries;

	*table = (struct seek_table){};
	all = table_size(fd, size, &frames, &entry);
	if (!all || all > TABLE_SMALL + data)
		return;
	len = frames * entry;
	entries = malloc(len);
	table->frame = calloc(frames + 1, sizeof(*table->frame));
	if (!entries || !table->frame)
		err(EXIT_FAILED, "table of frames");
	if (pread(fd, entries, len, (off_t)(size - all + HEAD_SIZE)) ==
		    (ssize_t)len &&
	    add_up(table, entries, frames, entry, size - all))
		table->frames = frames;
	free(entries);
}

/**
 * seek_find() - find the frame that has a byte
 * @table: with frames
 * @raw: offset of the byte in what is compressed
 *
 * Return: the frame, the last if there is no such byte.
 */
const struct seek_frame *seek_find(const struct seek_table *table, __u64 raw)
{
	size_t low = 0, high = table->frames;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (table->frame[middle].raw <= raw)
			low = middle;
		else
			high = middle;
	}
	return &table->frame[low];
}

__u64 seek_length(const struct seek_table *table)
{
	return table->frame[table->frames].raw;
}

void seek_free(struct seek_table *table)
{
	free(table->frame);
}
