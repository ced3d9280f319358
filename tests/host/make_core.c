// SPDX-License-Identifier: GPL-2.0
/* A small core, made by the driver's own encoder. */
#include "../../driver/elf.c"

#include <linux/procdump.h>

#include "fuzz.h"

/* Sizes of struct elf_prstatus and elf_prpsinfo of x86. */
#define PRSTATUS(compat)	((compat) ? 144 : 336)
#define PRPSINFO(compat)	((compat) ? 124 : 136)

/* Notes are aligned to 4 bytes, these structures would want 8. */
static void put(struct procdump_notes *notes, u32 type, const void *from,
		size_t size)
{
	memcpy(procdump_note_add(notes, PROCDUMP_NOTE_NAME, type, size), from,
	       size);
}

static void put_notes(struct procdump_notes *notes, bool compat)
{
	struct procdump_note_dump dump = { .version = 1, .threads = 3 };
	struct procdump_note_thread thread = { .state = 'S' };
	char *text;

	procdump_note_add(notes, "CORE", 1, PRSTATUS(compat));
	text = procdump_note_add(notes, "CORE", 3, PRPSINFO(compat));
	memset(text + (compat ? 28 : 40), 'p', 16);
	procdump_note_add(notes, "CORE", 0x53494749, 128);
	procdump_note_add(notes, "CORE", 6, 320);
	put(notes, PROCDUMP_NT_DUMP, &dump, sizeof(dump));
	for (thread.tid = 0; thread.tid < 3; thread.tid++) {
		if (thread.tid)
			procdump_note_add(notes, "CORE", 1, PRSTATUS(compat));
		procdump_note_add(notes, "LINUX", 0x202, 2696);
		put(notes, PROCDUMP_NT_THREAD, &thread, sizeof(thread));
		put(notes, PROCDUMP_NT_STACK,
		    "do_nanosleep+0x1/0x2\nschedule+0x0", 33);
	}
}

static void put_end(struct procdump_notes *notes)
{
	struct procdump_note_end end = {
		.version = 1,
		.consistency = PROCDUMP_CONSISTENCY_ATOMIC,
		.pages_missing = 2,
		.ranges = 2,
		.range = { { 0, 0x1000 }, { 0x4000, 0x5000 } },
	};

	put(notes, PROCDUMP_NT_END, &end, sizeof(end));
}

size_t make_core(unsigned int kind, uint8_t *buf, size_t room)
{
	static uint8_t space[32768];
	struct procdump_notes notes = { .buf = space, .room = sizeof(space) };
	struct procdump_notes end = { .buf = space, .room = 1024 };
	struct procdump_elf elf = {
		.compat = kind & 1,
		.machine = kind & 1 ? EM_386 : EM_X86_64,
		.loads = 4,
		.data_size = PAGE_SIZE,
		.end_size = procdump_note_size(PROCDUMP_NOTE_NAME,
					       sizeof(struct procdump_note_end)),
	};
	struct procdump_phdr phdr = { .type = PT_LOAD, .flags = PF_R,
				      .memsz = 2 * PAGE_SIZE };
	u32 i;

	if (kind > 1)
		return 0;
	put_notes(&notes, elf.compat);
	elf.notes_size = notes.size;
	procdump_elf_layout(&elf);
	if (elf.total > room)
		return 0;
	memset(buf, 0, elf.total);
	procdump_elf_put_headers(&elf, buf);
	for (i = 0; i < elf.loads; i++) {
		phdr.offset = elf.data_off;
		phdr.filesz = i ? 0 : PAGE_SIZE;
		phdr.vaddr = i * 0x10000;
		procdump_elf_put_phdr(&elf, buf, i, &phdr);
	}
	memcpy(buf + elf.notes_off, space, notes.size);
	memset(space, 0, sizeof(space));
	put_end(&end);
	memcpy(buf + elf.end_off, space, end.size);
	return elf.total;
}

/* What is read of a core; a thread begins with its NT_PRSTATUS. */
static const struct {
	const char *owner;
	u32 type;
	size_t size[2];
} read_notes[] = {
	{ "CORE", 1, { PRSTATUS(0), PRSTATUS(1) } },
	{ "CORE", 3, { PRPSINFO(0), PRPSINFO(1) } },
#define OWN(type, size)	{ PROCDUMP_NOTE_NAME, type, { size, size } }
	OWN(PROCDUMP_NT_DUMP, sizeof(struct procdump_note_dump)),
	OWN(PROCDUMP_NT_THREAD, sizeof(struct procdump_note_thread)),
	OWN(PROCDUMP_NT_STACK, 32),
	OWN(PROCDUMP_NT_END, sizeof(struct procdump_note_end)),
};

size_t note_size(unsigned int which, bool compat)
{
	return which < ARRAY_SIZE(read_notes) ? read_notes[which].size[compat] : 0;
}

size_t make_short(unsigned int which, bool compat, size_t len, uint8_t *buf,
		  size_t room)
{
	static u64 front[64];
	static uint8_t space[4096];
	struct procdump_notes notes = { .buf = space, .room = sizeof(space) };
	struct procdump_elf elf = {
		.compat = compat,
		.machine = compat ? EM_386 : EM_X86_64,
	};
	uint8_t *desc;

	procdump_note_add(&notes, "CORE", 1, PRSTATUS(compat));
	desc = procdump_note_add(&notes, read_notes[which].owner,
				 read_notes[which].type, len);
	/* What counts something does so in vain. */
	memset(desc, 0x7f, len);
	elf.notes_size = notes.size;
	procdump_elf_layout(&elf);
	if (elf.notes_off > sizeof(front) || elf.notes_off + notes.size > room)
		abort();
	procdump_elf_put_headers(&elf, front);
	memcpy(buf, front, elf.notes_off);
	memcpy(buf + elf.notes_off, space, notes.size);
	return elf.notes_off + notes.size;
}
