// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of a core, from front to end, whether it is plain, gzip (RFC 1952)
 * or zstd (RFC 8878). A compressed core is never held in memory.
 *
 * What is wrong with the data is kept: from then on there is no more of it.
 *
 * Where a zstd file has a table of frames, only the frames are read that have
 * something which is asked for. Then its length is what the table says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "procdumpctl.h"
#include "seek.h"
#include "source.h"

#define CHUNK (256U << 10)

const char source_is_none[] = "is not a core: neither ELF, gzip nor zstd";

/**
 * struct source - an open core
 * @ops: how to read its format
 * @fd: the file
 * @size: size of the file
 * @data: how much of it is on the disk
 * @offset: bytes of the core that were read or skipped
 * @damage: what is wrong with the data, or NULL
 * @gz: reader of gzip
 * @zstd: reader of zstd
 * @in: what @zstd has of the file
 * @table: where the frames are
 * @frame_open: @zstd has not seen the end of a frame
 * @chunk: memory for @in
 * @scratch: memory for what is skipped
 */
struct source {
	const struct format *ops;
	int fd;
	__u64 size;
	__u64 data;
	__u64 offset;
	const char *damage;
	gzFile gz;
	ZSTD_DCtx *zstd;
	ZSTD_inBuffer in;
	struct seek_table table;
	bool frame_open;
	unsigned char *chunk;
	unsigned char *scratch;
};

struct format {
	const char *name;
	unsigned char magic[4];
	size_t magic_len;
	int (*open)(struct source *source);
	size_t (*read)(struct source *source, void *buf, size_t len);
};

static size_t plain_read(struct source *source, void *buf, size_t len)
{
	ssize_t n;
	size_t done = 0;

	while (done < len) {
		n = pread(source->fd, (char *)buf + done, len - done,
			  (off_t)(source->offset + done));
		if (n < 0)
			source->damage = strerror(errno);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

static int gzip_open(struct source *source)
{
	int fd = dup(source->fd);

	if (fd < 0)
		return -1;
	source->gz = gzdopen(fd, "rb");
	if (!source->gz) {
		close(fd);
		return -1;
	}
	return gzbuffer(source->gz, CHUNK);
}

static size_t gzip_read(struct source *source, void *buf, size_t len)
{
	size_t part, done = 0;
	int n, code;

	while (done < len) {
		part = len - done < CHUNK ? len - done : CHUNK;
		n = gzread(source->gz, (char *)buf + done, (unsigned int)part);
		if (n > 0)
			done += (size_t)n;
		if (n < (int)part)
			break;
	}
	gzerror(source->gz, &code);
	if (code == Z_BUF_ERROR)
		source->damage = "the gzip data is cut";
	else if (code != Z_OK && code != Z_STREAM_END)
		source->damage = "the gzip data is damaged";
	return done;
}

static int zstd_open(struct source *source)
{
	source->zstd = ZSTD_createDCtx();
	source->in.src = source->chunk;
	seek_read(&source->table, source->fd, source->size, source->data);
	return source->zstd ? 0 : -1;
}

/* Return: false at the end of the file. */
static bool zstd_fill(struct source *source)
{
	ssize_t n;

	if (source->in.pos < source->in.size)
		return true;
	n = read(source->fd, source->chunk, CHUNK);
	if (n < 0)
		source->damage = strerror(errno);
	source->in.pos = 0;
	source->in.size = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static size_t zstd_read(struct source *source, void *buf, size_t len)
{
	ZSTD_outBuffer out = { .dst = buf, .size = len };
	size_t before, ret;
	bool more;

	while (out.pos < out.size && !source->damage) {
		more = zstd_fill(source);
		if (!more && !source->frame_open)
			break;
		before = out.pos;
		ret = ZSTD_decompressStream(source->zstd, &out, &source->in);
		source->frame_open = ret;
		if (ZSTD_isError(ret))
			source->damage = "the zstd data is damaged";
		else if (!more && out.pos == before && ret)
			source->damage = "the zstd data is cut";
	}
	return out.pos;
}

/* Go on at the frame that has the byte at @offset, unless we are in it. */
static void zstd_seek(struct source *source, __u64 offset)
{
	const struct seek_frame *frame;

	if (!source->table.frames || source->damage)
		return;
	frame = seek_find(&source->table, offset);
	if (frame->raw <= source->offset ||
	    lseek(source->fd, (off_t)frame->file, SEEK_SET) < 0)
		return;
	ZSTD_DCtx_reset(source->zstd, ZSTD_reset_session_only);
	source->in.pos = 0;
	source->in.size = 0;
	source->frame_open = false;
	source->offset = frame->raw;
}

static const struct format formats[] = {
	{ "gzip", { 0x1f, 0x8b }, 2, gzip_open, gzip_read },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, zstd_open, zstd_read },
	{ "plain", { 0x7f, 'E', 'L', 'F' }, 4, NULL, plain_read },
};

/* Return: NULL, or what is wrong. */
static const char *find_format(struct source *source, const char *path)
{
	unsigned char magic[4] = {};
	struct stat st;
	ssize_t n;
	size_t i;

	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (source->fd < 0 || fstat(source->fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is not a regular file";
	source->size = (__u64)st.st_size;
	source->data = source->size;
	/* Not all file systems tell. */
	if (st.st_blocks)
		source->data = MIN(source->size, (__u64)st.st_blocks * 512);
	n = pread(source->fd, magic, sizeof(magic), 0);
	if (n < 0)
		return strerror(errno);
	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (!memcmp(formats[i].magic, magic, formats[i].magic_len))
			source->ops = &formats[i];
	if (!source->ops)
		return source_is_none;
	return source->ops->open && source->ops->open(source) ?
		       "cannot be read: no memory or descriptor is free; try again" : NULL;
}

/**
 * source_open() - open a core
 * @path: a regular file
 * @wrong: if there is none: why, source_is_none if it is something else
 *
 * Return: the source, or NULL.
 */
struct source *source_open(const char *path, const char **wrong)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		err(EXIT_FAILED, "%s", path);
	source->fd = -1;
	source->chunk = malloc(CHUNK);
	source->scratch = malloc(CHUNK);
	if (!source->chunk || !source->scratch)
		err(EXIT_FAILED, "%s", path);
	*wrong = find_format(source, path);
	if (!*wrong)
		return source;
	source_close(source);
	return NULL;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	if (source->gz)
		gzclose_r(source->gz);
	ZSTD_freeDCtx(source->zstd);
	seek_free(&source->table);
	if (source->fd >= 0)
		close(source->fd);
	free(source->chunk);
	free(source->scratch);
	free(source);
}

const char *source_format(const struct source *source)
{
	return source->ops->name;
}

const char *source_damage(const struct source *source)
{
	return source->damage;
}

int source_fd(const struct source *source)
{
	return source->fd;
}

bool source_is_plain(const struct source *source)
{
	return source->ops->read == plain_read;
}

/**
 * source_data() - what the file costs whoever made it
 * @source: the core
 *
 * Return: bytes that are not in holes, as far as the file system tells.
 */
__u64 source_data(const struct source *source)
{
	return source->data;
}

__u64 source_offset(const struct source *source)
{
	return source->offset;
}

/**
 * source_read() - the next bytes of a core
 * @source: the core
 * @buf: where they go
 * @len: how many
 *
 * Return: how many there were; fewer than @len at the end or at a damage.
 */
size_t source_read(struct source *source, void *buf, size_t len)
{
	size_t n = 0;

	if (!source->damage)
		n = source->ops->read(source, buf, len);
	source->offset += n;
	return n;
}

/**
 * source_skip() - go forward in a core
 * @source: the core
 * @offset: where to go
 *
 * Return: whether the core is that long, and was not read beyond.
 */
bool source_skip(struct source *source, __u64 offset)
{
	__u64 left;
	size_t part;
	bool ok = true;

	if (offset < source->offset)
		return false;
	if (source_is_plain(source)) {
		source->offset = offset < source->size ? offset : source->size;
		return offset <= source->size;
	}
	zstd_seek(source, offset);
	while (ok && offset > source->offset) {
		left = offset - source->offset;
		part = left < CHUNK ? (size_t)left : CHUNK;
		ok = source_read(source, source->scratch, part) == part;
	}
	return ok;
}

/**
 * source_length() - read a core to its end, if nothing else tells how long it is
 * @source: the core
 *
 * Return: how many bytes it has; up to a damage if there is one.
 */
__u64 source_length(struct source *source)
{
	if (source_is_plain(source))
		return source->size;
	if (source->table.frames && !source->damage)
		return seek_length(&source->table);
	source_skip(source, ~0ULL);
	return source->offset;
}
