/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure parts of the driver use of the kernel, for a program. Given to
 * the compiler with -include; the kernel's headers are empty files then.
 */
#ifndef PROCDUMP_SHIM_H
#define PROCDUMP_SHIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <linux/elf.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define BIT(nr)		(1UL << (nr))
#define GENMASK(h, l)	(((2UL << (h)) - 1) & ~((1UL << (l)) - 1))
#define ALIGN(x, a)	(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ARRAY_SIZE(x)	(sizeof(x) / sizeof((x)[0]))
#define max(a, b)	((a) > (b) ? (a) : (b))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define BUILD_BUG_ON(x)	_Static_assert(!(x), #x)
#define __packed	__attribute__((packed))
#define cpu_to_le32(x)	(x)

#define ELF_DATA	ELFDATA2LSB
#define elf_note	elf64_note

/* include/linux/mm.h */
#define VM_READ		0x00000001
#define VM_WRITE	0x00000002
#define VM_EXEC		0x00000004
#define VM_SHARED	0x00000008
#define VM_PFNMAP	0x00000400
#define VM_IO		0x00004000
#define VM_HUGETLB	0x00400000
#define VM_DONTDUMP	0x04000000

/* include/linux/sched/coredump.h */
#define MMF_DUMP_FILTER_SHIFT	2
#define MMF_DUMP_FILTER_BITS	9
#define MMF_DUMP_ANON_PRIVATE	2
#define MMF_DUMP_ANON_SHARED	3
#define MMF_DUMP_MAPPED_PRIVATE	4
#define MMF_DUMP_MAPPED_SHARED	5
#define MMF_DUMP_ELF_HEADERS	6
#define MMF_DUMP_HUGETLB_PRIVATE 7
#define MMF_DUMP_HUGETLB_SHARED	8
#define MMF_DUMP_DAX_PRIVATE	9
#define MMF_DUMP_DAX_SHARED	10

#define GFP_KERNEL		0
#define kmalloc(size, gfp)	malloc(size)
#define kzalloc(size, gfp)	calloc(1, size)
#define kvzalloc(size, gfp)	calloc(1, size)
#define kvmalloc_array(nr, size, gfp) reallocarray(NULL, nr, size)
#define kfree(ptr)		free(ptr)
#define kvfree(ptr)		free(ptr)

#define cond_resched()		do { } while (0)
#define sort(base, nr, size, compare, swap) qsort(base, nr, size, compare)

#define MODULE_DESCRIPTION(text) struct shim_nothing
#define MODULE_LICENSE(text)	struct shim_nothing

struct list_head {
	struct list_head *next, *prev;
};

/* lib/zlib and lib/crc32, by zlib in shim_zlib.c */
#define MAX_WBITS		15
#define DEF_MEM_LEVEL		8
#define Z_DEFLATED		8
#define Z_DEFAULT_STRATEGY	0
#define Z_FINISH		4
#define Z_OK			0
#define Z_STREAM_END		1

typedef struct {
	void *workspace;
	const u8 *next_in;
	size_t avail_in;
	u8 *next_out;
	size_t avail_out;
	size_t total_out;
	int level;
} z_stream;

int zlib_deflate_workspacesize(int bits, int memory);
int zlib_deflateInit2(z_stream *strm, int level, int method, int bits,
		      int memory, int strategy);
int zlib_deflate(z_stream *strm, int flush);
u32 crc32_le(u32 crc, const void *buf, size_t len);

/* include/linux/zstd.h is a layer of other names, too */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#define zstd_parameters			ZSTD_parameters
#define zstd_cctx			ZSTD_CCtx
#define zstd_is_error			ZSTD_isError
#define zstd_compress_bound		ZSTD_compressBound
#define zstd_get_params(level, size)	ZSTD_getParams(level, size, 0)
#define zstd_cctx_workspace_bound(params) \
	ZSTD_estimateCCtxSize_usingCParams(*(params))
#define zstd_init_cctx			ZSTD_initStaticCCtx
#define zstd_compress_cctx(cctx, dst, cap, src, len, params) \
	ZSTD_compress_advanced(cctx, dst, cap, src, len, NULL, 0, *(params))

#endif /* PROCDUMP_SHIM_H */
