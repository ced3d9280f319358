/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzz target, for libFuzzer or for mutate.c, which has no compiler's help
 * but needs none.
 */
#ifndef PROCDUMP_FUZZ_H
#define PROCDUMP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called once for each input; anything wrong ends in abort(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input number @index to begin with; its size, or 0 if there are no more. */
size_t fuzz_seed(unsigned int index, uint8_t *buf, size_t room);

/* Input number @index of those that are tried as they are; likewise. */
size_t fuzz_fixed(unsigned int index, uint8_t *buf, size_t room);

/* make_core.c: a core as the driver writes it, @kind from 0 on, or 0. */
size_t make_core(unsigned int kind, uint8_t *buf, size_t room);

/* Bytes of note number @which of those that are read; 0: there is none. */
size_t note_size(unsigned int which, bool compat);

/* A core that ends with that note, of which only @len bytes are there. */
size_t make_short(unsigned int which, bool compat, size_t len, uint8_t *buf,
		  size_t room);

#endif /* PROCDUMP_FUZZ_H */
