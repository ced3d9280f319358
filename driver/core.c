// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in a core beside the memory: headers and notes in front of it, the
 * end note behind it.
 *
 * Locks: see dump.c.
 */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/regset.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#include "core.h"
#include "hold.h"
#include "job.h"
#include "procdump.h"

/**
 * procdump_core_collect() - make the notes of threads and process
 * @job: a dump after procdump_capture_run()
 *
 * What may be read when the target runs again, but not after an exec.
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0, -ENOMEM, or an error of procdump_note_process().
 */
int procdump_core_collect(struct procdump_job *job)
{
	struct procdump_note_dump info = {
		.version = 1,
		.abi = PROCDUMP_ABI,
		.mode_asked = job->req->mode,
		.mode = job->req->out_mode,
		.pid = task_tgid_vnr(job->target.task),
		.realtime_ns = ktime_get_real_ns(),
		.boottime_ns = ktime_get_boottime_ns(),
		.hold_ns = job->req->out_hold_ns,
	};
	struct procdump_thread *thread;

	strscpy(info.release, init_utsname()->release, sizeof(info.release));
	procdump_for_each_thread(job->hold, thread) {
		procdump_note_thread(thread);
		job->elf.notes_size += thread->notes.size +
					thread->ioperm.size +
					thread->stack.size;
		info.threads++;
	}
	return procdump_note_process(&job->notes, &job->target, job->hold,
				     &info);
}

/**
 * procdump_core_room() - how much memory may be in the core
 * @job: a dump whose notes are made
 * @room: bytes that the request's limit leaves for it, U64_MAX without one
 *
 * What a frame may be larger than its bytes is less than a 128th. In front of the
 * memory there is less than a page to align it, and with O_DIRECT the last page
 * is padded while it is written.
 *
 * Context: Any context.
 * Return: 0, or -EFBIG if not even the notes have room.
 */
int procdump_core_room(const struct procdump_job *job, u64 *room)
{
	u64 limit = job->req->limit, rest;

	*room = U64_MAX;
	if (!(job->req->flags & PROCDUMP_DUMP_TRIM))
		return 0;
	if (!procdump_stream_takes_pages(&job->stream))
		limit -= min(limit, (limit >> 7) + PAGE_SIZE);
	rest = (job->segs.count + 8ULL) * sizeof(struct elf64_phdr) +
	       job->elf.notes_size + job->notes.size + job->files.size +
	       sizeof(struct procdump_note_end) + PAGE_SIZE;
	if (job->sink.direct)
		rest += PAGE_SIZE;
	if (limit < rest)
		return -EFBIG;
	*room = limit - rest;
	return 0;
}

static int write_headers(struct procdump_job *job)
{
	struct procdump_segments *segs = &job->segs;
	struct procdump_elf *elf = &job->elf;
	u64 offset = elf->data_off;
	unsigned int i;
	void *buf;
	int err;

	buf = kvzalloc(elf->headers_size, PROCDUMP_GFP);
	if (!buf)
		return -ENOMEM;
	procdump_elf_put_headers(elf, buf);
	for (i = 0; i < segs->count; i++) {
		const struct procdump_segment *seg = &segs->seg[i];
		struct procdump_phdr phdr = {
			.type = PT_LOAD,
			.flags = seg->flags,
			.offset = offset,
			.vaddr = seg->start,
			.filesz = seg->size,
			.memsz = seg->end - seg->start,
			.align = PAGE_SIZE,
		};

		procdump_elf_put_phdr(elf, buf, i, &phdr);
		offset += seg->size;
	}
	err = procdump_stream_write(&job->stream, buf, elf->headers_size);
	kvfree(buf);
	return err;
}

static int write_thread(struct procdump_job *job, struct procdump_thread *thread,
			size_t from)
{
	int err;

	err = procdump_stream_write(&job->stream, thread->notes.buf + from,
				    thread->notes.size - from);
	if (!err && thread->ioperm.size)
		err = procdump_stream_write(&job->stream, thread->ioperm.buf,
					    thread->ioperm.size);
	if (!err && thread->stack.size)
		err = procdump_stream_write(&job->stream, thread->stack.buf,
					    thread->stack.size);
	return err;
}

/*
 * In the order of the kernel's cores: the first thread's NT_PRSTATUS, the
 * process, the rest of the first thread, the other threads.
 */
static int write_notes(struct procdump_job *job)
{
	struct procdump_thread *thread = procdump_hold_first(job->hold);
	int err;

	err = procdump_stream_write(&job->stream, thread->notes.buf,
				    thread->notes_first);
	if (!err)
		err = procdump_stream_write(&job->stream, job->notes.buf,
					    job->notes.size);
	if (!err && job->files.size)
		err = procdump_stream_write(&job->stream, job->files.buf,
					    job->files.size);
	if (!err)
		err = write_thread(job, thread, thread->notes_first);
	while (!err && (thread = procdump_hold_next(job->hold, thread)))
		err = write_thread(job, thread, 0);
	if (err)
		return err;
	return procdump_stream_skip(&job->stream,
				    job->elf.data_off - job->stream.raw);
}

/**
 * procdump_core_write_front() - lay the core out, write headers and notes
 * @job: a dump whose notes are made and whose segments are settled
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0; -EFBIG for a 32-bit target whose core passes 4 GiB; -ENOMEM; an
 * error of procdump_stream_write().
 */
int procdump_core_write_front(struct procdump_job *job)
{
	struct procdump_elf *elf = &job->elf;
	int err;

	elf->compat = procdump_hold_compat(job->hold);
	elf->machine = job->hold->view->e_machine;
	elf->flags = job->hold->view->e_flags;
	elf->loads = job->segs.count;
	elf->notes_size += job->notes.size + job->files.size;
	elf->data_size = job->segs.bytes;
	elf->end_size = procdump_core_end_size();
	procdump_elf_layout(elf);
	if (elf->compat && elf->total > U32_MAX)
		return -EFBIG;
	err = write_headers(job);
	return err ? err : write_notes(job);
}

/**
 * procdump_core_end_size() - bytes of the end note
 *
 * Context: Any context.
 * Return: for &struct procdump_elf.end_size.
 */
size_t procdump_core_end_size(void)
{
	return procdump_note_size(PROCDUMP_NOTE_NAME,
				  sizeof(struct procdump_note_end));
}

/**
 * procdump_core_write_end() - the end note, and the output is complete
 * @stream: a stream to which all else was written
 * @end: what the note says; @end->version is set here
 *
 * Context: Process context of the dumper. May sleep.
 * Return: 0 or an error, as procdump_stream_finish().
 */
int procdump_core_write_end(struct procdump_stream *stream,
			    struct procdump_note_end *end)
{
	struct procdump_notes notes = {
		.room = procdump_core_end_size(),
	};
	void *desc;
	int err;

	end->version = 1;
	notes.buf = kzalloc(notes.room, PROCDUMP_GFP);
	if (!notes.buf)
		return -ENOMEM;
	desc = procdump_note_add(&notes, PROCDUMP_NOTE_NAME, PROCDUMP_NT_END,
				 sizeof(*end));
	memcpy(desc, end, sizeof(*end));
	err = procdump_stream_write(stream, notes.buf, notes.size);
	kfree(notes.buf);
	return err ? err : procdump_stream_finish(stream);
}
