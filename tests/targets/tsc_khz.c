// SPDX-License-Identifier: GPL-2.0
/*
 * tsc_khz: how fast the time stamp counter runs, in kHz. QEMU's emulation hands that
 * of the host on, and a kernel that has nothing to measure it against wants to be told.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define FOR_NS 100000000

struct point {
	unsigned long long tsc, ns, width;
};

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Both clocks at once: the best of some tries, as we may be interrupted between. */
static struct point look(void)
{
	struct point best = { .width = ~0ull };

	for (int i = 0; i < 100; i++) {
		unsigned long long before = __rdtsc(), ns = now_ns(), after = __rdtsc();

		if (after - before < best.width)
			best = (struct point){ before + (after - before) / 2, ns, after - before };
	}
	return best;
}

int main(void)
{
	struct point begin = look(), end;

	do {
		end = look();
	} while (end.ns - begin.ns < FOR_NS);
	printf("%llu\n", (end.tsc - begin.tsc) * 1000000 / (end.ns - begin.ns));
	return 0;
}
