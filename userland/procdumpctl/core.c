// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read a core from front to end: header, program headers, notes, and whether
 * all of it is there.
 *
 * Nothing in a core is trusted. Memory is taken as data comes, never because
 * a header says that there will be some, and of compressed data and holes only so
 * much is believed, so that what takes little of a disk cannot ask for much.
 */
#include <elf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "core.h"
#include "procdumpctl.h"
#include "source.h"

/* More program headers, or bytes of notes, are not believed. */
#define SEGMENTS_MAX 0x400000U
#define NOTES_MAX 0x40000000U
/*
 * Headers and notes of so many bytes are believed of any file, and of a larger one
 * so many times its size: they are much alike, and compress well.
 */
#define BELIEVED_MIN 0x1000000U
#define BELIEVED_FACTOR 1024
/* Steps in looking for holes. */
#define HOLES_MAX 0x100000U

/* Where the program headers are. */
struct layout {
	unsigned char encoding;
	__u64 phoff;
	__u64 phnum;
	__u64 shoff;
};

static __u64 believed(const struct source *source)
{
	return BELIEVED_MIN + BELIEVED_FACTOR * source_data(source);
}

/* Bring @src, which is of a core, to the byte order and layout of @dst. */
static int decode(const struct core *core, const struct layout *layout,
		  Elf_Type type, void *src, void *dst, size_t len)
{
	Elf_Data in = { .d_buf = src,
			.d_type = type,
			.d_size = len,
			.d_version = EV_CURRENT };
	Elf_Data out = { .d_buf = dst,
			 .d_type = type,
			 .d_size = len,
			 .d_version = EV_CURRENT };

	if (core->bits == 64)
		return elf64_xlatetom(&out, &in, layout->encoding) ? 0 : -1;
	return elf32_xlatetom(&out, &in, layout->encoding) ? 0 : -1;
}

static const char *not_core(struct core *core)
{
	core->complete = CORE_NONE;
	return "is an ELF file, but not a core";
}

static const char *read_header64(struct core *core, struct layout *layout,
				 unsigned char *raw)
{
	Elf64_Ehdr header;

	if (decode(core, layout, ELF_T_EHDR, raw, &header, sizeof(header)))
		return "the ELF header is damaged";
	if (header.e_type != ET_CORE)
		return not_core(core);
	if (header.e_phnum && header.e_phentsize != sizeof(Elf64_Phdr))
		return "the program headers have an unknown size";
	core->machine = header.e_machine;
	layout->phoff = header.e_phoff;
	layout->phnum = header.e_phnum;
	layout->shoff = header.e_shoff;
	return NULL;
}

static const char *read_header32(struct core *core, struct layout *layout,
				 unsigned char *raw)
{
	Elf32_Ehdr header;

	if (decode(core, layout, ELF_T_EHDR, raw, &header, sizeof(header)))
		return "the ELF header is damaged";
	if (header.e_type != ET_CORE)
		return not_core(core);
	if (header.e_phnum && header.e_phentsize != sizeof(Elf32_Phdr))
		return "the program headers have an unknown size";
	core->machine = header.e_machine;
	layout->phoff = header.e_phoff;
	layout->phnum = header.e_phnum;
	layout->shoff = header.e_shoff;
	return NULL;
}

static const char *read_header(struct core *core, struct layout *layout,
			       struct source *source)
{
	unsigned char raw[sizeof(Elf64_Ehdr)] = {};
	size_t n;

	n = source_read(source, raw, sizeof(Elf32_Ehdr));
	if (source_damage(source))
		return source_damage(source);
	if (n < SELFMAG || memcmp(raw, ELFMAG, SELFMAG)) {
		core->complete = CORE_NONE;
		return "is not a core: there is no ELF header";
	}
	if (n < sizeof(Elf32_Ehdr))
		return "is cut in the ELF header";
	layout->encoding = raw[EI_DATA];
	core->big_endian = raw[EI_DATA] == ELFDATA2MSB;
	if (raw[EI_DATA] != ELFDATA2MSB && raw[EI_DATA] != ELFDATA2LSB)
		return "is of an unknown byte order";
	core->bits = raw[EI_CLASS] == ELFCLASS32 ? 32 : 64;
	if (raw[EI_CLASS] == ELFCLASS32)
		return read_header32(core, layout, raw);
	if (raw[EI_CLASS] != ELFCLASS64)
		return "is of an unknown ELF class";
	n = sizeof(raw) - sizeof(Elf32_Ehdr);
	if (source_read(source, raw + sizeof(Elf32_Ehdr), n) != n)
		return "is cut in the ELF header";
	return read_header64(core, layout, raw);
}

/*
 * The number of program headers does not fit the header: it is in the first
 * section header, which may be at the end. Read the core once more for it.
 */
static const char *read_extended_count(const struct core *core,
				       struct layout *layout, const char *path)
{
	const char *wrong;
	struct source *source = source_open(path, &wrong);
	union {
		Elf32_Shdr narrow;
		Elf64_Shdr wide;
	} raw, header;
	size_t len = core->bits == 64 ? sizeof(raw.wide) : sizeof(raw.narrow);
	bool ok;

	if (!source)
		return "cannot be read again";
	ok = source_skip(source, layout->shoff) &&
	     source_read(source, &raw, len) == len &&
	     !decode(core, layout, ELF_T_SHDR, &raw, &header, len);
	source_close(source);
	if (!ok)
		return "is cut: the number of program headers is missing";
	layout->phnum = core->bits == 64 ? header.wide.sh_info :
					   header.narrow.sh_info;
	return NULL;
}

static struct core_segment widen64(const Elf64_Phdr *header)
{
	return (struct core_segment){
		.type = header->p_type,
		.flags = header->p_flags,
		.offset = header->p_offset,
		.start = header->p_vaddr,
		.file_bytes = header->p_filesz,
		.memory_bytes = header->p_memsz,
	};
}

static struct core_segment widen32(const Elf32_Phdr *header)
{
	return (struct core_segment){
		.type = header->p_type,
		.flags = header->p_flags,
		.offset = header->p_offset,
		.start = header->p_vaddr,
		.file_bytes = header->p_filesz,
		.memory_bytes = header->p_memsz,
	};
}

static const char *read_segments(struct core *core, struct layout *layout,
				 struct source *source)
{
	union {
		Elf32_Phdr narrow;
		Elf64_Phdr wide;
	} raw, header;
	size_t len = core->bits == 64 ? sizeof(raw.wide) : sizeof(raw.narrow);
	__u64 i;

	if (layout->phnum > SEGMENTS_MAX)
		return "has more program headers than can be";
	if (!source_skip(source, layout->phoff))
		return "is cut before the program headers";
	if (layout->phnum * len > believed(source))
		return "has more program headers than a file of its size can have";
	for (i = 0; i < layout->phnum; i++) {
		if (source_read(source, &raw, len) != len ||
		    decode(core, layout, ELF_T_PHDR, &raw, &header, len))
			return "is cut in the program headers";
		core->segments = core_grow(core->segments, core->segment_count,
					   sizeof(*core->segments));
		core->segments[core->segment_count++] =
			core->bits == 64 ? widen64(&header.wide) :
					   widen32(&header.narrow);
	}
	return NULL;
}

/* Return: how many of @len bytes there were, in @buf. */
static size_t read_notes(struct source *source, size_t len, unsigned char **buf)
{
	size_t part, n, size = 0, done = 0;

	*buf = NULL;
	while (done < len) {
		size = size ? 2 * size : 65536;
		size = size < len ? size : len;
		*buf = realloc(*buf, size);
		if (!*buf)
			err(EXIT_FAILED, "notes");
		part = size - done;
		n = source_read(source, *buf + done, part);
		done += n;
		if (n < part)
			break;
	}
	return done;
}

/* Segments of notes are in the order of the file, in all cores known. */
static void read_all_notes(struct core *core, struct source *source)
{
	const struct core_segment *segment = core->segments;
	__u64 left = MIN(believed(source), NOTES_MAX);
	unsigned char *notes;
	size_t i, len;

	for (i = 0; i < core->segment_count; i++, segment++) {
		if (segment->type != PT_NOTE || !segment->file_bytes)
			continue;
		if (segment->file_bytes > left) {
			core->notes_left_out = true;
			continue;
		}
		if (!source_skip(source, segment->offset))
			continue;
		left -= segment->file_bytes;
		len = read_notes(source, (size_t)segment->file_bytes, &notes);
		core_add_notes(core, notes, len);
		free(notes);
	}
}

/* Bytes of a segment that are not in a hole of the file. */
static __u64 count_data(int fd, const struct core_segment *segment,
			unsigned int *steps)
{
	__u64 at = segment->offset, end = at + segment->file_bytes;
	off_t data, hole;
	__u64 count = 0;

	while (at < end && ++*steps < HOLES_MAX) {
		data = lseek(fd, (off_t)at, SEEK_DATA);
		if (data < 0 || (__u64)data >= end)
			break;
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole <= data)
			break;
		at = (__u64)hole < end ? (__u64)hole : end;
		count += at - (__u64)data;
	}
	return count;
}

static void find_holes(struct core *core, struct source *source)
{
	struct core_segment *segment = core->segments;
	int fd = source_fd(source);
	unsigned int steps = 0;
	size_t i;

	if (!source_is_plain(source))
		return;
	for (i = 0; i < core->segment_count; i++, segment++)
		if (segment->type == PT_LOAD &&
		    segment->offset < core->length &&
		    segment->file_bytes <= core->length - segment->offset)
			segment->data_bytes = count_data(fd, segment, &steps);
	core->holes_known = steps < HOLES_MAX;
}

static bool reaches_beyond(const struct core *core)
{
	const struct core_segment *segment = core->segments;
	size_t i;

	for (i = 0; i < core->segment_count; i++, segment++)
		if (segment->file_bytes &&
		    (segment->offset > core->length ||
		     segment->file_bytes > core->length - segment->offset))
			return true;
	return false;
}

static void judge(struct core *core, const struct source *source)
{
	core->complete = CORE_CUT;
	if (source_damage(source)) {
		core->reason = source_damage(source);
	} else if (reaches_beyond(core)) {
		core->reason = "segments reach beyond the end of the file";
	} else if (core->notes_left_out) {
		core->complete = CORE_UNKNOWN;
		core->reason = "more notes than a file of its size can have";
	} else if ((core->has_dump || core->has_kernel) && !core->has_end) {
		core->reason = "the end note is missing";
	} else if (core->has_end) {
		core->complete = CORE_COMPLETE;
		core->reason = "the end note is there";
	} else {
		core->complete = CORE_UNKNOWN;
		core->reason =
			"all segments are there; no end note to tell more";
	}
}

static const char *read_core(struct core *core, struct source *source,
			     const char *path)
{
	struct layout layout = {};
	const char *wrong;

	core->format = source_format(source);
	wrong = read_header(core, &layout, source);
	if (!wrong && layout.phnum == PN_XNUM)
		wrong = read_extended_count(core, &layout, path);
	if (!wrong)
		wrong = read_segments(core, &layout, source);
	if (wrong)
		return wrong;
	read_all_notes(core, source);
	core->length = source_length(source);
	find_holes(core, source);
	judge(core, source);
	return NULL;
}

/**
 * core_read() - read what is in a core
 * @core: the answer, to be freed with core_free() in any case
 * @path: a regular file
 * @brief: the threads are not asked for, which may be many
 *
 * Return: 0, or -1 if @path is not a core, or is cut too early to tell;
 * core->reason says why.
 */
int core_read(struct core *core, const char *path, bool brief)
{
	struct source *source;
	const char *wrong;

	*core = (struct core){ .brief = brief };
	elf_version(EV_CURRENT);
	source = source_open(path, &wrong);
	if (source) {
		wrong = read_core(core, source, path);
		source_close(source);
	} else if (wrong == source_is_none) {
		core->complete = CORE_NONE;
	}
	if (!wrong)
		return 0;
	core->reason = wrong;
	return -1;
}

void core_free(struct core *core)
{
	size_t i;

	free(core->segments);
	for (i = 0; i < core->thread_count; i++)
		free(core->threads[i].stack);
	free(core->threads);
}
