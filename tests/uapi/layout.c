// SPDX-License-Identifier: GPL-2.0
/* Compiled, never linked: one assertion for each line of layout.h. */
#include <stddef.h>
#include <linux/procdump.h>

#define SIZE(type, bytes) \
	_Static_assert(sizeof(struct type) == (bytes), #type);
#define MEMBER(type, member, offset, bytes) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member); \
	_Static_assert(sizeof(((struct type *)0)->member) == (bytes), #type "." #member);
#define NUMBER(name, value) \
	_Static_assert((name) == (value), #name);

#include "layout.h"
