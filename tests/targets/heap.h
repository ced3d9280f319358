/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A heap of which each page says what it is: its number, a seed, a round, and
 * a CRC-32 (the one of zlib) over all bytes before the last four. core.py
 * checks the same in a core.
 */
#ifndef _TESTS_HEAP_H
#define _TESTS_HEAP_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_PAGE 4096

struct heap_page {
	uint64_t number;
	uint64_t seed;
	uint64_t round;
	uint64_t words[508];
	uint32_t zero;
	uint32_t crc;
};

_Static_assert(sizeof(struct heap_page) == HEAP_PAGE, "page");

static uint32_t heap_crc_table[8][256];

static void heap_crc_init(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? 0xedb88320 ^ crc >> 1 : crc >> 1;
		heap_crc_table[0][i] = crc;
	}
	for (int k = 1; k < 8; k++) {
		for (int i = 0; i < 256; i++) {
			uint32_t crc = heap_crc_table[k - 1][i];

			heap_crc_table[k][i] = heap_crc_table[0][crc & 255] ^ crc >> 8;
		}
	}
}

/* Eight bytes at a time: under emulation the simple way takes seconds. */
static uint32_t heap_crc(const struct heap_page *page)
{
	const uint64_t *word = (const uint64_t *)page;
	const uint8_t *rest = (const uint8_t *)&page->zero;
	uint32_t (*t)[256] = heap_crc_table;
	uint32_t crc = ~0u;

	for (size_t i = 0; i < offsetof(struct heap_page, zero) / 8; i++) {
		uint64_t v = word[i] ^ crc;

		crc = t[7][v & 255] ^ t[6][v >> 8 & 255] ^
		      t[5][v >> 16 & 255] ^ t[4][v >> 24 & 255] ^
		      t[3][v >> 32 & 255] ^ t[2][v >> 40 & 255] ^
		      t[1][v >> 48 & 255] ^ t[0][v >> 56];
	}
	for (int i = 0; i < 4; i++)
		crc = t[0][(crc ^ rest[i]) & 255] ^ crc >> 8;
	return ~crc;
}

static void heap_page_write(struct heap_page *page, uint64_t number,
			    uint64_t seed, uint64_t round)
{
	uint64_t x = (number + 1) * 0x9e3779b97f4a7c15ull ^ seed ^ round << 40;

	page->number = number;
	page->seed = seed;
	page->round = round;
	for (size_t i = 0; i < 508; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		/* One part noise, one part text: a core should compress some. */
		page->words[i] = i & 1 ? x : 0x70616765206f6620ull;
	}
	page->zero = 0;
	page->crc = heap_crc(page);
}

static int heap_page_good(const struct heap_page *page, uint64_t number,
			  uint64_t seed)
{
	return page->number == number && page->seed == seed && !page->zero &&
	       page->crc == heap_crc(page);
}

#endif
