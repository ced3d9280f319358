// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ELF container: where everything is in the file, its headers, and the
 * encoding of notes. Pure: no task, no memory of others, no allocation.
 *
 * The file, in this order and with nothing between:
 *
 *	file header
 *	program headers: PT_NOTE, a PT_LOAD for each segment, PT_NOTE
 *	section header 0, only with extended numbering
 *	notes
 *	zeros up to a page boundary
 *	the contents of the segments, in their order
 *	the end note
 *
 * Extended numbering: from PN_XNUM program headers on, e_phnum is PN_XNUM and
 * the number is in sh_info of section header 0, see elf(5).
 */
#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "elf.h"

/* Program headers that are not PT_LOAD. */
#define NOTE_PHDRS	2

static u32 phdrs(const struct procdump_elf *elf)
{
	return elf->loads + NOTE_PHDRS;
}

static size_t ehdr_size(const struct procdump_elf *elf)
{
	return elf->compat ? sizeof(struct elf32_hdr) : sizeof(struct elf64_hdr);
}

static size_t phdr_size(const struct procdump_elf *elf)
{
	return elf->compat ? sizeof(struct elf32_phdr) :
			     sizeof(struct elf64_phdr);
}

static size_t shdr_size(const struct procdump_elf *elf)
{
	return elf->compat ? sizeof(struct elf32_shdr) :
			     sizeof(struct elf64_shdr);
}

static bool extended(const struct procdump_elf *elf)
{
	return phdrs(elf) >= PN_XNUM;
}

static u64 phdr_off(const struct procdump_elf *elf, u32 index)
{
	return ehdr_size(elf) + (u64)index * phdr_size(elf);
}

/**
 * procdump_elf_layout() - compute the offsets
 * @elf: @loads, @compat and the sizes are given, the rest is filled in
 *
 * Context: Any context.
 */
void procdump_elf_layout(struct procdump_elf *elf)
{
	elf->headers_size = phdr_off(elf, phdrs(elf));
	if (extended(elf))
		elf->headers_size += shdr_size(elf);
	elf->notes_off = elf->headers_size;
	elf->data_off = ALIGN(elf->notes_off + elf->notes_size, PAGE_SIZE);
	elf->end_off = elf->data_off + elf->data_size;
	elf->total = elf->end_off + elf->end_size;
}

#define PUT_EHDR(elf, buf, bits)					\
do {									\
	struct elf##bits##_hdr *ehdr = (buf);				\
									\
	ehdr->e_type = ET_CORE;						\
	ehdr->e_machine = (elf)->machine;				\
	ehdr->e_version = EV_CURRENT;					\
	ehdr->e_phoff = sizeof(*ehdr);					\
	ehdr->e_flags = (elf)->flags;					\
	ehdr->e_ehsize = sizeof(*ehdr);					\
	ehdr->e_phentsize = sizeof(struct elf##bits##_phdr);		\
	ehdr->e_phnum = min_t(u32, phdrs(elf), PN_XNUM);		\
	if (extended(elf)) {						\
		struct elf##bits##_shdr *shdr =				\
			(buf) + phdr_off(elf, phdrs(elf));		\
									\
		ehdr->e_shoff = phdr_off(elf, phdrs(elf));		\
		ehdr->e_shentsize = sizeof(*shdr);			\
		ehdr->e_shnum = 1;					\
		shdr->sh_type = SHT_NULL;				\
		shdr->sh_size = ehdr->e_shnum;				\
		shdr->sh_link = ehdr->e_shstrndx;			\
		shdr->sh_info = phdrs(elf);				\
	}								\
} while (0)

static void put_ehdr(const struct procdump_elf *elf, void *buf)
{
	u8 *ident = buf;

	memcpy(ident, ELFMAG, SELFMAG);
	ident[EI_CLASS] = elf->compat ? ELFCLASS32 : ELFCLASS64;
	ident[EI_DATA] = ELF_DATA;
	ident[EI_VERSION] = EV_CURRENT;
	ident[EI_OSABI] = ELFOSABI_NONE;
	if (elf->compat)
		PUT_EHDR(elf, buf, 32);
	else
		PUT_EHDR(elf, buf, 64);
}

#define PUT_PHDR(to, from)						\
do {									\
	(to)->p_type = (from)->type;					\
	(to)->p_flags = (from)->flags;					\
	(to)->p_offset = (from)->offset;				\
	(to)->p_vaddr = (from)->vaddr;					\
	(to)->p_paddr = (from)->paddr;					\
	(to)->p_filesz = (from)->filesz;				\
	(to)->p_memsz = (from)->memsz;					\
	(to)->p_align = (from)->align;					\
} while (0)

static void put_phdr(const struct procdump_elf *elf, void *buf, u32 index,
		     const struct procdump_phdr *phdr)
{
	void *at = buf + phdr_off(elf, index);

	if (elf->compat)
		PUT_PHDR((struct elf32_phdr *)at, phdr);
	else
		PUT_PHDR((struct elf64_phdr *)at, phdr);
}

/**
 * procdump_elf_put_headers() - write all headers but those of the segments
 * @elf: after procdump_elf_layout()
 * @buf: zeroed, procdump_elf.headers_size bytes
 *
 * Context: Any context.
 */
void procdump_elf_put_headers(const struct procdump_elf *elf, void *buf)
{
	struct procdump_phdr note = {
		.type = PT_NOTE,
		.offset = elf->notes_off,
		.filesz = elf->notes_size,
		.align = 4,
	};
	struct procdump_phdr end = {
		.type = PT_NOTE,
		.offset = elf->end_off,
		.filesz = elf->end_size,
		.align = 4,
	};

	put_ehdr(elf, buf);
	put_phdr(elf, buf, 0, &note);
	put_phdr(elf, buf, phdrs(elf) - 1, &end);
}

/**
 * procdump_elf_put_phdr() - write the header of one segment
 * @elf: after procdump_elf_layout()
 * @buf: as for procdump_elf_put_headers()
 * @index: number of the segment, from 0
 * @phdr: its header
 *
 * Context: Any context.
 */
void procdump_elf_put_phdr(const struct procdump_elf *elf, void *buf, u32 index,
			   const struct procdump_phdr *phdr)
{
	put_phdr(elf, buf, index + 1, phdr);
}

/**
 * procdump_note_size() - bytes that an encoded note takes
 * @name: name of its owner
 * @size: bytes of its contents
 *
 * Context: Any context.
 * Return: the size, a multiple of 4.
 */
size_t procdump_note_size(const char *name, size_t size)
{
	return sizeof(struct elf_note) + ALIGN(strlen(name) + 1, 4) +
	       ALIGN(size, 4);
}

/**
 * procdump_note_add() - append a note
 * @notes: the run of notes
 * @name: name of its owner
 * @type: type of the note
 * @size: bytes of its contents
 *
 * Context: Any context.
 * Return: where the contents go, zeroed; NULL if there is no room, and then
 * nothing was added.
 */
void *procdump_note_add(struct procdump_notes *notes, const char *name,
			u32 type, size_t size)
{
	size_t need = procdump_note_size(name, size);
	struct elf_note *note = notes->buf + notes->size;
	void *desc;

	BUILD_BUG_ON(sizeof(struct elf32_note) != sizeof(struct elf64_note));
	if (need > notes->room - notes->size)
		return NULL;
	memset(note, 0, need);
	note->n_namesz = strlen(name) + 1;
	note->n_descsz = size;
	note->n_type = type;
	memcpy(note + 1, name, note->n_namesz);
	desc = (void *)(note + 1) + ALIGN(note->n_namesz, 4);
	notes->last = notes->size;
	notes->size += need;
	return desc;
}

/**
 * procdump_note_trim() - make the last note shorter
 * @notes: the run of notes, with at least one
 * @size: bytes of its contents, not more than before; 0 takes the note away
 *
 * Context: Any context.
 */
void procdump_note_trim(struct procdump_notes *notes, size_t size)
{
	struct elf_note *note = notes->buf + notes->last;
	size_t desc = notes->last + sizeof(*note) + ALIGN(note->n_namesz, 4);

	note->n_descsz = size;
	notes->size = size ? desc + ALIGN(size, 4) : notes->last;
}
