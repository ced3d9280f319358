// SPDX-License-Identifier: GPL-2.0-only
/* Layout and headers of a core, and the encoding of notes. */
#include "../elf.c"

#include <linux/slab.h>

#include "suites.h"

/* Numbers of segments around the limit of e_phnum, and far above. */
static const u32 loads[] = {
	0, 1, 7, PN_XNUM - 4, PN_XNUM - 3, PN_XNUM - 2, PN_XNUM - 1, PN_XNUM,
	PN_XNUM + 1, 200000
};

static struct procdump_elf layout(u32 count, bool compat)
{
	struct procdump_elf elf = {
		.compat = compat,
		.machine = compat ? EM_386 : EM_X86_64,
		.flags = 5,
		.loads = count,
		.notes_size = 1236,
		.data_size = 17 * PAGE_SIZE,
		.end_size = 588,
	};

	procdump_elf_layout(&elf);
	return elf;
}

static void check_layout(struct kunit *test, u32 count, bool compat)
{
	struct procdump_elf elf = layout(count, compat);
	u64 ehdr = compat ? 52 : 64, phdr = compat ? 32 : 56;
	u64 shdr = compat ? 40 : 64;
	u64 headers = ehdr + (count + 2ULL) * phdr;

	if (count + 2 >= 0xffff)
		headers += shdr;
	KUNIT_EXPECT_EQ(test, elf.headers_size, headers);
	KUNIT_EXPECT_EQ(test, elf.notes_off, headers);
	KUNIT_EXPECT_GE(test, elf.data_off, headers + 1236);
	KUNIT_EXPECT_LT(test, elf.data_off, headers + 1236 + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, elf.data_off % PAGE_SIZE, 0ULL);
	KUNIT_EXPECT_EQ(test, elf.end_off, elf.data_off + 17 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, elf.total, elf.end_off + 588);
}

static void elf_layout(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		check_layout(test, loads[i], false);
		check_layout(test, loads[i], true);
	}
}

/* Notes that end exactly at a page boundary are not followed by a page. */
static void elf_layout_aligned(struct kunit *test)
{
	struct procdump_elf elf = { .loads = 3 };

	elf.notes_size = 2 * PAGE_SIZE - (64 + 5 * 56);
	procdump_elf_layout(&elf);
	KUNIT_EXPECT_EQ(test, elf.data_off, 2 * PAGE_SIZE);
}

static void put_all(struct procdump_elf *elf, void *buf)
{
	u32 i;

	procdump_elf_put_headers(elf, buf);
	for (i = 0; i < elf->loads; i++) {
		struct procdump_phdr phdr = {
			.type = PT_LOAD,
			.flags = PF_R | PF_X,
			.offset = elf->data_off,
			.vaddr = 0x1000 * (i + 1ULL),
			.filesz = i,
			.memsz = 0x1000,
			.align = PAGE_SIZE,
		};

		procdump_elf_put_phdr(elf, buf, i, &phdr);
	}
}

static void check_headers64(struct kunit *test, u32 count)
{
	struct procdump_elf elf = layout(count, false);
	struct elf64_hdr *ehdr = kvzalloc(elf.headers_size, GFP_KERNEL);
	struct elf64_phdr *phdr = (void *)(ehdr + 1);
	struct elf64_shdr *shdr = (void *)(phdr + count + 2);
	bool many = count + 2 >= PN_XNUM;

	KUNIT_ASSERT_NOT_NULL(test, ehdr);
	put_all(&elf, ehdr);
	KUNIT_EXPECT_EQ(test, memcmp(ehdr->e_ident, ELFMAG, SELFMAG), 0);
	KUNIT_EXPECT_EQ(test, ehdr->e_ident[EI_CLASS], ELFCLASS64);
	KUNIT_EXPECT_EQ(test, ehdr->e_type, ET_CORE);
	KUNIT_EXPECT_EQ(test, ehdr->e_machine, EM_X86_64);
	KUNIT_EXPECT_EQ(test, ehdr->e_flags, 5U);
	KUNIT_EXPECT_EQ(test, ehdr->e_phoff, 64ULL);
	KUNIT_EXPECT_EQ(test, ehdr->e_phentsize, 56);
	KUNIT_EXPECT_EQ(test, (u32)ehdr->e_phnum, many ? PN_XNUM : count + 2);
	KUNIT_EXPECT_EQ(test, ehdr->e_shoff,
			many ? 64 + (count + 2ULL) * 56 : 0ULL);
	KUNIT_EXPECT_EQ(test, (int)ehdr->e_shnum, many);
	if (many) {
		KUNIT_EXPECT_EQ(test, shdr->sh_info, count + 2);
		KUNIT_EXPECT_EQ(test, shdr->sh_size, 1ULL);
	}
	KUNIT_EXPECT_EQ(test, phdr[0].p_type, PT_NOTE);
	KUNIT_EXPECT_EQ(test, phdr[0].p_offset, elf.notes_off);
	KUNIT_EXPECT_EQ(test, phdr[0].p_filesz, elf.notes_size);
	KUNIT_EXPECT_EQ(test, phdr[count + 1].p_type, PT_NOTE);
	KUNIT_EXPECT_EQ(test, phdr[count + 1].p_offset, elf.end_off);
	KUNIT_EXPECT_EQ(test, phdr[count + 1].p_filesz, elf.end_size);
	if (count) {
		KUNIT_EXPECT_EQ(test, phdr[count].p_type, PT_LOAD);
		KUNIT_EXPECT_EQ(test, phdr[count].p_vaddr, 0x1000ULL * count);
		KUNIT_EXPECT_EQ(test, phdr[count].p_filesz, count - 1ULL);
	}
	kvfree(ehdr);
}

static void check_headers32(struct kunit *test, u32 count)
{
	struct procdump_elf elf = layout(count, true);
	struct elf32_hdr *ehdr = kvzalloc(elf.headers_size, GFP_KERNEL);
	struct elf32_phdr *phdr = (void *)(ehdr + 1);
	struct elf32_shdr *shdr = (void *)(phdr + count + 2);
	bool many = count + 2 >= PN_XNUM;

	KUNIT_ASSERT_NOT_NULL(test, ehdr);
	put_all(&elf, ehdr);
	KUNIT_EXPECT_EQ(test, ehdr->e_ident[EI_CLASS], ELFCLASS32);
	KUNIT_EXPECT_EQ(test, ehdr->e_machine, EM_386);
	KUNIT_EXPECT_EQ(test, ehdr->e_phoff, 52U);
	KUNIT_EXPECT_EQ(test, (u32)ehdr->e_phnum, many ? PN_XNUM : count + 2);
	if (many)
		KUNIT_EXPECT_EQ(test, shdr->sh_info, count + 2);
	KUNIT_EXPECT_EQ(test, phdr[count + 1].p_type, PT_NOTE);
	KUNIT_EXPECT_EQ(test, (u64)phdr[count + 1].p_offset, elf.end_off);
	kvfree(ehdr);
}

static void elf_headers(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		check_headers64(test, loads[i]);
		check_headers32(test, loads[i]);
	}
}

static struct kunit_case elf_cases[] = {
	KUNIT_CASE(elf_layout),
	KUNIT_CASE(elf_layout_aligned),
	KUNIT_CASE(elf_headers),
	{}
};

struct kunit_suite procdump_elf_suite = {
	.name = "procdump_elf",
	.test_cases = elf_cases,
};

/* ---- notes */

/* A heap buffer of exactly @room bytes, full of what must not come out. */
static struct procdump_notes poisoned(size_t room)
{
	struct procdump_notes notes = {
		.buf = kmalloc(room, GFP_KERNEL),
		.room = room,
	};

	if (notes.buf)
		memset(notes.buf, 0xa5, room);
	return notes;
}

/* A reader of its own: where is the note behind @at? 0 if it is not whole. */
static size_t next_note(const struct procdump_notes *notes, size_t at)
{
	const u32 *head = notes->buf + at;
	size_t need;

	if (at + 12 > notes->size)
		return 0;
	need = 12 + (head[0] + 3) / 4 * 4 + (head[1] + 3) / 4 * 4;
	return at + need <= notes->size ? at + need : 0;
}

static bool all_zero(const u8 *at, size_t count)
{
	while (count--) {
		if (*at++)
			return false;
	}
	return true;
}

/* The sizes are multiples of 4, and hold everything, for any length. */
static void note_sizes(struct kunit *test)
{
	static const char * const names[] = { "", "A", "GNU", "CORE", "LINUX",
					      "PROCDUMP" };
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (size = 0; size < 9; size++) {
			size_t got = procdump_note_size(names[i], size);
			size_t least = 12 + strlen(names[i]) + 1 + size;

			KUNIT_EXPECT_EQ(test, got % 4, (size_t)0);
			KUNIT_EXPECT_GE(test, got, least);
			KUNIT_EXPECT_LT(test, got, least + 7);
		}
	}
}

static void check_add(struct kunit *test, size_t size)
{
	size_t need = procdump_note_size("LINUX", size);
	struct procdump_notes notes = poisoned(need);
	const u32 *head = notes.buf;
	u8 *desc;

	KUNIT_ASSERT_NOT_NULL(test, notes.buf);
	desc = procdump_note_add(&notes, "LINUX", 0x202, size);
	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_EXPECT_EQ(test, notes.size, need);
	KUNIT_EXPECT_EQ(test, head[0], 6U);
	KUNIT_EXPECT_EQ(test, (size_t)head[1], size);
	KUNIT_EXPECT_EQ(test, head[2], 0x202U);
	KUNIT_EXPECT_EQ(test, memcmp(head + 3, "LINUX\0\0", 8), 0);
	KUNIT_EXPECT_PTR_EQ(test, (void *)desc, notes.buf + 12 + 8);
	/* Contents and padding. */
	KUNIT_EXPECT_TRUE(test, all_zero(desc, need - 20));
	KUNIT_EXPECT_EQ(test, next_note(&notes, 0), need);
	kfree(notes.buf);
}

static void note_add(struct kunit *test)
{
	size_t size;

	for (size = 0; size < 20; size++)
		check_add(test, size);
}

/* One byte too little: nothing is written, and nothing is added. */
static void note_full(struct kunit *test)
{
	size_t need = procdump_note_size("CORE", 8);
	struct procdump_notes notes = poisoned(2 * need - 1);

	KUNIT_ASSERT_NOT_NULL(test, notes.buf);
	KUNIT_EXPECT_NOT_NULL(test, procdump_note_add(&notes, "CORE", 1, 8));
	KUNIT_EXPECT_NULL(test, procdump_note_add(&notes, "CORE", 1, 8));
	KUNIT_EXPECT_EQ(test, notes.size, need);
	KUNIT_EXPECT_EQ(test, ((u8 *)notes.buf)[need], 0xa5);
	/* A size so large that the sum would overflow. */
	KUNIT_EXPECT_NULL(test, procdump_note_add(&notes, "CORE", 1,
						  1UL << 40));
	kfree(notes.buf);
}

static void note_trim(struct kunit *test)
{
	struct procdump_notes notes = poisoned(256);
	size_t first, size;

	KUNIT_ASSERT_NOT_NULL(test, notes.buf);
	procdump_note_add(&notes, "CORE", 1, 5);
	first = notes.size;
	for (size = 16; size > 0; size--) {
		notes.size = first;
		procdump_note_add(&notes, "LINUX", 2, 16);
		procdump_note_trim(&notes, size);
		KUNIT_EXPECT_EQ(test, notes.size,
				first + procdump_note_size("LINUX", size));
		KUNIT_EXPECT_EQ(test, next_note(&notes, first), notes.size);
	}
	procdump_note_trim(&notes, 0);
	KUNIT_EXPECT_EQ(test, notes.size, first);
	kfree(notes.buf);
}

/* A long run of notes of random sizes is read back as it was written. */
static void note_run(struct kunit *test)
{
	struct procdump_notes notes = poisoned(65536);
	u32 state = 7, count = 0, seen = 0;
	size_t at;

	KUNIT_ASSERT_NOT_NULL(test, notes.buf);
	while (procdump_note_add(&notes, count % 2 ? "CORE" : "PROCDUMP",
				 count, suite_random(&state) % 500)) {
		if (suite_random(&state) % 4 == 0)
			procdump_note_trim(&notes, 1);
		count++;
	}
	for (at = 0; at < notes.size; at = next_note(&notes, at)) {
		const u32 *head = notes.buf + at;

		KUNIT_ASSERT_NE(test, next_note(&notes, at), (size_t)0);
		KUNIT_EXPECT_EQ(test, head[2], seen);
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, count);
	KUNIT_EXPECT_GT(test, count, 100U);
	kfree(notes.buf);
}

static struct kunit_case note_cases[] = {
	KUNIT_CASE(note_sizes),
	KUNIT_CASE(note_add),
	KUNIT_CASE(note_full),
	KUNIT_CASE(note_trim),
	KUNIT_CASE(note_run),
	{}
};

struct kunit_suite procdump_note_suite = {
	.name = "procdump_note",
	.test_cases = note_cases,
};
