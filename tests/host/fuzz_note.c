// SPDX-License-Identifier: GPL-2.0
/*
 * The note encoder: a room, then adds and trims as the input says. Whatever
 * they are, nothing is written beyond the room, and what was taken is read
 * back as it was. The last byte of an input is left out.
 */
#include "../../driver/elf.c"

#include "../../driver/request.c"

#include "fuzz.h"

/* A walk over the notes must end exactly where they do. */
static void check(const struct procdump_notes *notes, unsigned int count)
{
	const uint8_t *buf = notes->buf;
	size_t at = 0;
	u32 head[3];

	while (at < notes->size) {
		if (notes->size - at < sizeof(head))
			abort();
		memcpy(head, buf + at, sizeof(head));
		at += 12 + (head[0] + 3) / 4 * 4 + (head[1] + 3) / 4 * 4;
		count--;
	}
	if (at != notes->size || count)
		abort();
}

static void encode(const uint8_t *data, size_t size)
{
	static const char * const names[] = { "", "CORE", "LINUX", "PROCDUMP" };
	struct procdump_notes notes = { 0 };
	unsigned int count = 0, last = 0;

	notes.room = data[0] * 16 + data[1];
	notes.buf = malloc(notes.room);
	for (data += 2, size -= 2; size >= 4; data += 4, size -= 4) {
		size_t len = data[2] | data[3] << 8;
		uint8_t *desc;

		if (data[0] & 0x80 && count) {
			len = last ? len % (last + 1) : 0;
			procdump_note_trim(&notes, len);
			count -= !len;
			last = len;
			if (!len)
				break;
		} else {
			desc = procdump_note_add(&notes, names[data[0] % 4],
						 data[1], len);
			if (!desc)
				continue;
			memset(desc, 0xff, len);
			last = len;
			count++;
		}
		check(&notes, count);
	}
	check(&notes, count);
	free(notes.buf);
}

/* What is accepted has no bit that the ABI does not know. */
static void request(const uint8_t *data, size_t size)
{
	struct procdump_dump req = { 0 };

	memcpy(&req, data, size < sizeof(req) ? size : sizeof(req));
	if (procdump_request_check(&req))
		return;
	if (req.flags >> 7 || req.filter >> 9 || req.mode > 4 || req.reserved ||
	    (req.flags & 3) == 3 || (req.filter && !(req.flags & 1)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	encode(data, size);
	request(data, size);
	return 0;
}

size_t fuzz_seed(unsigned int index, uint8_t *buf, size_t room)
{
	size_t i;

	if (index > 3)
		return 0;
	memset(buf, 0, 200);
	if (index == 3)
		return 200;
	for (i = 0; i < 200; i++)
		buf[i] = i * (3 + 2 * index);
	return 40 << index;
}

size_t fuzz_fixed(unsigned int index, uint8_t *buf, size_t room)
{
	return 0;
}
