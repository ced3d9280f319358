// SPDX-License-Identifier: GPL-2.0
/* The kernel's zlib by that of user space, whose structure has other members. */
#include <string.h>
#include <zlib.h>

/* As in shim.h, under a name that zlib.h does not have. */
struct shim_stream {
	void *workspace;
	const unsigned char *next_in;
	size_t avail_in;
	unsigned char *next_out;
	size_t avail_out;
	size_t total_out;
	int level;
};

int zlib_deflate_workspacesize(int bits, int memory);
int zlib_deflateInit2(struct shim_stream *strm, int level, int method, int bits,
		      int memory, int strategy);
int zlib_deflate(struct shim_stream *strm, int flush);
unsigned int crc32_le(unsigned int crc, const void *buf, size_t len);

int zlib_deflate_workspacesize(int bits, int memory)
{
	return 1 << (bits > memory ? bits : memory);
}

int zlib_deflateInit2(struct shim_stream *strm, int level, int method, int bits,
		      int memory, int strategy)
{
	strm->level = level;
	return method == Z_DEFLATED && bits == -MAX_WBITS && memory == 8 &&
	       strategy == Z_DEFAULT_STRATEGY ? Z_OK : Z_STREAM_ERROR;
}

int zlib_deflate(struct shim_stream *strm, int flush)
{
	z_stream real = { 0 };
	int ret;

	if (deflateInit2(&real, strm->level, Z_DEFLATED, -MAX_WBITS, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return Z_STREAM_ERROR;
	real.next_in = (unsigned char *)strm->next_in;
	real.avail_in = strm->avail_in;
	real.next_out = strm->next_out;
	real.avail_out = strm->avail_out;
	ret = deflate(&real, flush);
	strm->total_out = real.total_out;
	deflateEnd(&real);
	return ret;
}

unsigned int crc32_le(unsigned int crc, const void *buf, size_t len)
{
	return ~crc32(~crc & 0xffffffff, buf, len);
}
