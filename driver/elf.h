/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_ELF_H
#define _PROCDUMP_ELF_H

#include <linux/types.h>

/**
 * struct procdump_elf - the shape of a core file
 * @compat: ELFCLASS32
 * @machine: e_machine
 * @flags: e_flags
 * @loads: number of PT_LOAD segments
 * @notes_size: bytes of the first PT_NOTE segment
 * @data_size: bytes of all PT_LOAD segments in the file
 * @end_size: bytes of the last PT_NOTE segment
 * @headers_size: bytes of all headers, by procdump_elf_layout()
 * @notes_off: offset of the first PT_NOTE segment, likewise
 * @data_off: offset of the first PT_LOAD segment, likewise
 * @end_off: offset of the last PT_NOTE segment, likewise
 * @total: size of the file, likewise
 */
struct procdump_elf {
	bool compat;
	u16 machine;
	u32 flags;
	u32 loads;
	u64 notes_size;
	u64 data_size;
	u64 end_size;

	u64 headers_size;
	u64 notes_off;
	u64 data_off;
	u64 end_off;
	u64 total;
};

/* One program header, of either class. */
struct procdump_phdr {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
};

void procdump_elf_layout(struct procdump_elf *elf);
void procdump_elf_put_headers(const struct procdump_elf *elf, void *buf);
void procdump_elf_put_phdr(const struct procdump_elf *elf, void *buf, u32 index,
			   const struct procdump_phdr *phdr);

/**
 * struct procdump_notes - a run of encoded notes
 * @buf: where they are, zeroed memory
 * @room: bytes in @buf
 * @size: bytes used
 * @last: offset of the last note
 */
struct procdump_notes {
	void *buf;
	size_t room;
	size_t size;
	size_t last;
};

size_t procdump_note_size(const char *name, size_t size);
void *procdump_note_add(struct procdump_notes *notes, const char *name,
			u32 type, size_t size);
void procdump_note_trim(struct procdump_notes *notes, size_t size);

#endif /* _PROCDUMP_ELF_H */
