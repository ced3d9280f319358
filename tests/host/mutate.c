// SPDX-License-Identifier: GPL-2.0
/*
 * mutate [SEED [ROUNDS]]: feed a fuzz target with its own seeds and fixed
 * inputs, then with mutations of the seeds. The same SEED gives the same inputs.
 * Prints TAP; an input that ends the program is left in ./crash-NAME.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#include "fuzz.h"

#define ROOM	65536
#define SEEDS	32
/* Seconds that one input may take. */
#define PATIENCE	60

static uint8_t seeds[SEEDS][ROOM], input[ROOM];
static size_t sizes[SEEDS], size;
static unsigned int seed_count;
static uint64_t state;
static const char *name;
/* A target may close standard output. */
static FILE *results;

static uint32_t below(uint32_t limit)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % limit;
}

static void save(void)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "crash-%s", name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, input, size) != (ssize_t)size)
		perror(path);
	fprintf(results, "# the input is in %s\n", path);
	fflush(results);
}

/* Numbers that code gets wrong. */
static uint64_t number(void)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 4, 11, 12, 13, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
		0xfffffffffffff000
	};
	size_t count = sizeof(edges) / sizeof(edges[0]);

	if (below(4))
		return edges[below(count)];
	return (uint64_t)below(0x7fffffff) << below(33);
}

/* Put a number of 1, 2, 4 or 8 bytes somewhere, more often at the front. */
static void put_number(void)
{
	size_t width = 1UL << below(4), at;
	uint64_t value = number();

	if (size < width)
		return;
	at = below(2) ? below(size - width + 1) :
			below((size < 1024 ? size : 1024) - width + 1);
	if (below(4))
		at &= ~(width - 1);
	memcpy(input + at, &value, width);
}

/* Copy some bytes to another place, or out of another seed. */
static void copy_bytes(void)
{
	unsigned int other = below(seed_count);
	size_t len = 1 + below(200), from, to;

	if (size <= len || sizes[other] <= len)
		return;
	from = below(sizes[other] - len);
	to = below(size - len);
	memmove(input + to, seeds[other] + from, len);
}

static void mutate(void)
{
	unsigned int times = 1 + below(6);

	while (times--) {
		switch (below(8)) {
		case 0:
			input[below(size)] ^= 1 << below(8);
			break;
		case 1:
			input[below(size)] = below(256);
			break;
		case 2:
			size = 1 + below(size);
			break;
		case 3:
			copy_bytes();
			break;
		case 4:
			if (size + 64 < ROOM) {
				memset(input + size, below(256), 64);
				size += 64;
			}
			break;
		default:
			put_number();
			break;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : 20000;
	unsigned int fixed = 0;
	unsigned long round;

	name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	results = fdopen(dup(1), "w");
	if (!results)
		return 1;
	__sanitizer_set_death_callback(save);
	while (seed_count < SEEDS) {
		size = fuzz_seed(seed_count, input, ROOM);
		if (!size)
			break;
		memcpy(seeds[seed_count], input, size);
		sizes[seed_count++] = size;
		LLVMFuzzerTestOneInput(input, size);
	}
	while ((size = fuzz_fixed(fixed, input, ROOM))) {
		LLVMFuzzerTestOneInput(input, size);
		fixed++;
	}
	fprintf(results, "# %s: seed %lu, %lu rounds, %u inputs to begin with, %u fixed ones\n",
		name, seed, rounds, seed_count, fixed);
	fflush(results);
	state = seed;
	for (round = 0; round < rounds; round++) {
		unsigned int from = below(seed_count);

		size = sizes[from];
		memcpy(input, seeds[from], size);
		mutate();
		alarm(PATIENCE);
		LLVMFuzzerTestOneInput(input, size);
	}
	fprintf(results, "ok 1 - %s: %lu mutated inputs\n1..1\n", name, rounds);
	return fclose(results) ? 1 : 0;
}
