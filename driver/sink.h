/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_SINK_H
#define _PROCDUMP_SINK_H

#include <linux/bvec.h>
#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct procdump_errand;

/* Bytes that are written at once with O_DIRECT. */
#define PROCDUMP_SINK_STAGE	((size_t)SZ_256K)

/**
 * struct procdump_sink - where the bytes of a dump go
 * @file: the output, a reference of our own; NULL when closed
 * @pos: offset of the next byte; for a stream, bytes sent
 * @written: bytes handed to the file, holes not included
 * @limit: most bytes that @pos may reach, U64_MAX for no limit
 * @regular: a file with offsets and holes; else a stream
 * @direct: a regular file with O_DIRECT
 * @copies: what is written was copied when the write is over, and before anybody
 *	looks at it twice
 * @drop: what was written shall not stay in the page cache. Set by the owner
 *	after open
 * @alone: nothing is left to workers. Set by the owner at any time
 * @dirty: the file was cut or written: an error must leave it empty
 * @progress: called after each piece that was written, with true, and from
 *	time to time while a stream takes nothing, with false; may sleep; an
 *	error that it returns ends the dump. Set by the owner after open, or NULL
 * @progress_arg: for @progress
 *
 * The rest is sink.c's own. The address of the sink is the owner of its lock:
 * it must not be moved while it is open. @pos and @written stay valid after
 * it was closed.
 */
struct procdump_sink {
	struct file *file;
	loff_t pos;
	u64 written;
	u64 limit;
	bool regular;
	bool direct;
	bool copies;
	bool drop;
	bool alone;
	bool dirty;
	int (*progress)(void *arg, bool moved);
	void *progress_arg;

	/* private: */
	bool locked;
	loff_t end;
	struct inode *denied[2];
	int own;
	struct address_space *mapping;
	errseq_t wb_err;
	u64 flushed;
	loff_t flushed_pos;
	loff_t dropped;
	struct procdump_errand *begin;
	struct procdump_errand *cut;
	void *stage;
	size_t staged;
	struct bio_vec vec[PROCDUMP_SINK_STAGE / PAGE_SIZE];
};

int procdump_sink_open(struct procdump_sink *sink, int fd, u64 limit);
int procdump_sink_begin(struct procdump_sink *sink);
int procdump_sink_write(struct procdump_sink *sink, const void *buf, size_t len);
int procdump_sink_write_pages(struct procdump_sink *sink, struct page **pages,
			      unsigned int nr);
int procdump_sink_skip(struct procdump_sink *sink, u64 len);
int procdump_sink_finish(struct procdump_sink *sink);
void procdump_sink_close(struct procdump_sink *sink, bool keep);

#endif /* _PROCDUMP_SINK_H */
