// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pipeline of a dump, in order. Data flows one way: request, target, sink,
 * hold, registers, segments, snapshot, notes, layout, pages, end note, report.
 * With a snapshot the target is released as soon as it is made, without memory
 * as soon as the registers are read; in mode stop when the pages are written. In
 * mode live each thread is released as soon as it is read.
 *
 * Order of what is held, outermost first: the target's task, a slot (slot.c),
 * the locks of the output (sink.c), the target's exec_update_lock (target.c),
 * the hold (hold.c). Below the hold only short-lived locks are taken. What is
 * held longest by the target's threads is given back first, on every path:
 * procdump_hold_release() before anything else.
 *
 * All in the dumper's own task. SIGKILL to it ends the step it is in, with
 * -EINTR, and leads through the same way out.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/elf.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/regset.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#include "compress.h"
#include "dump.h"
#include "elf.h"
#include "hazard.h"
#include "hold.h"
#include "ksym.h"
#include "note.h"
#include "page.h"
#include "procdump.h"
#include "range.h"
#include "segment.h"
#include "sink.h"
#include "slot.h"
#include "snapshot.h"
#include "target.h"
#include "trim.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/*
 * struct dump - one dump
 * @req: the request, and the report
 * @notes: of the process
 * @files: the note of the files that it has mapped
 * @memory: what the pages are read from: the target's memory or the snapshot
 * @batch: pages being read
 * @bounce: the bytes of a batch
 * @pause_ns: how long the target was held by a hold that was given up
 * @stacks: the caller may see kernel stacks
 * @end: contents of the end note
 *
 * The others are the noun of their file.
 */
struct dump {
	struct procdump_dump *req;
	struct procdump_target target;
	struct procdump_sink sink;
	struct procdump_stream stream;
	struct procdump_hold *hold;
	struct procdump_snapshot *snap;
	struct mm_struct *memory;
	struct procdump_segments segs;
	struct procdump_notes notes;
	struct procdump_notes files;
	struct procdump_elf elf;
	struct procdump_batch *batch;
	void *bounce;
	u64 pause_ns;
	bool stacks;
	struct procdump_note_end end;
};

static void trace_stage(const struct dump *dump, enum procdump_stage stage,
			int err)
{
	trace_procdump_stage(task_tgid_nr(dump->target.task), stage, err);
}

static u64 pause_ns(const struct dump *dump)
{
	return max(dump->pause_ns, procdump_hold_pause_ns(dump->hold));
}

static void count_threads(struct dump *dump)
{
	struct procdump_dump *req = dump->req;
	struct procdump_thread *thread;

	req->out_threads = 0;
	req->out_threads_parked = 0;
	req->out_threads_off_cpu = 0;
	req->out_threads_running = 0;
	req->out_threads_lost = 0;
	req->out_sharers = 0;
	list_for_each_entry(thread, &dump->hold->threads, node) {
		bool not = thread->caught == PROCDUMP_CAUGHT_NOT;

		if (thread->outside) {
			req->out_sharers += not && !thread->lost;
			continue;
		}
		req->out_threads += !thread->lost;
		req->out_threads_lost += thread->lost;
		if (thread->lost)
			continue;
		req->out_threads_running += not;
		req->out_threads_parked +=
			thread->caught == PROCDUMP_CAUGHT_PARKED;
		req->out_threads_off_cpu +=
			thread->caught == PROCDUMP_CAUGHT_OFF_CPU;
	}
	req->out_sharers += dump->hold->workers;
}

/*
 * The hold has ended before its time. With PROCDUMP_DUMP_FALLBACK the rest is
 * read while the target runs. Returns @err, or 0 to go on.
 */
static int fall_back(struct dump *dump, int err)
{
	struct procdump_dump *req = dump->req;

	if (err != -ETIMEDOUT || !(req->flags & PROCDUMP_DUMP_FALLBACK) ||
	    req->out_mode != PROCDUMP_MODE_STOP)
		return err;
	procdump_hold_release(dump->hold);
	count_threads(dump);
	req->out_mode = PROCDUMP_MODE_LIVE;
	return 0;
}

/* A byte that was written is progress: the target may be held longer. */
static int progress(void *arg, bool moved)
{
	struct dump *dump = arg;
	int err;

	err = moved ? procdump_hold_extend(dump->hold) :
		      procdump_hold_check(dump->hold);
	return fall_back(dump, err);
}

static int prepare(struct dump *dump)
{
	struct procdump_dump *req = dump->req;
	int err;

	dump->stacks = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	dump->batch = kzalloc(sizeof(*dump->batch), PROCDUMP_GFP);
	dump->bounce = kvmalloc(PROCDUMP_BATCH * PAGE_SIZE, PROCDUMP_GFP);
	if (!dump->batch || !dump->bounce)
		return -ENOMEM;
	err = procdump_stream_init(&dump->stream, req->compression, req->level);
	if (err)
		return err;
	procdump_stream_attach(&dump->stream, &dump->sink);
	return procdump_segments_init(&dump->segs, dump->target.mm);
}

static unsigned long filter_of(const struct dump *dump)
{
	if (dump->req->flags & PROCDUMP_DUMP_FILTER)
		return dump->req->filter;
	return (dump->target.mm->flags & MMF_DUMP_FILTER_MASK) >>
	       MMF_DUMP_FILTER_SHIFT;
}

/* What may be read when the target runs again, but not after an exec. */
static int collect_notes(struct dump *dump)
{
	struct procdump_note_dump info = {
		.version = 1,
		.abi = PROCDUMP_ABI,
		.mode_asked = dump->req->mode,
		.mode = dump->req->out_mode,
		.pid = task_tgid_vnr(dump->target.task),
		.realtime_ns = ktime_get_real_ns(),
		.boottime_ns = ktime_get_boottime_ns(),
		.hold_ns = dump->req->out_hold_ns,
	};
	struct procdump_thread *thread;

	strscpy(info.release, init_utsname()->release, sizeof(info.release));
	procdump_for_each_thread(dump->hold, thread) {
		procdump_note_thread(thread);
		dump->elf.notes_size += thread->notes.size +
					thread->ioperm.size +
					thread->stack.size;
		info.threads++;
	}
	return procdump_note_process(&dump->notes, &dump->target, dump->hold,
				     &info);
}

/* There is no copy: mode auto takes stop. Returns @err if that is no way out. */
static int do_without(struct dump *dump, int err)
{
	struct procdump_dump *req = dump->req;

	if (req->mode != PROCDUMP_MODE_AUTO ||
	    (err != -EOPNOTSUPP && err != -ENOMEM))
		return err;
	req->out_mode = PROCDUMP_MODE_STOP;
	req->out_hazards |= err == -ENOMEM ? PROCDUMP_HAZARD_MEMORY :
					     PROCDUMP_HAZARD_KERNEL;
	return 0;
}

/* A request for the impossible is answered before anything is held. */
static int prepare_snapshot(struct dump *dump)
{
	struct procdump_snapshot *snap;

	if (dump->req->mode != PROCDUMP_MODE_AUTO &&
	    dump->req->mode != PROCDUMP_MODE_SNAPSHOT)
		return 0;
	snap = procdump_snapshot_create(dump->target.mm);
	if (IS_ERR(snap))
		return do_without(dump, PTR_ERR(snap));
	dump->snap = snap;
	return 0;
}

/* Snapshot or stop, now that the target cannot change the answer any more. */
static int choose_mode(struct dump *dump)
{
	struct procdump_dump *req = dump->req;
	int err;

	req->out_mode = PROCDUMP_MODE_STOP;
	if (!dump->snap)
		return 0;
	err = procdump_hazard_find(dump->hold, &req->out_hazards);
	if (err)
		return err;
	if (!req->out_hazards)
		req->out_mode = PROCDUMP_MODE_SNAPSHOT;
	else if (req->mode == PROCDUMP_MODE_SNAPSHOT)
		return -EOPNOTSUPP;
	return 0;
}

/* Registers: what every mode reads first. */
static int catch_threads(struct dump *dump)
{
	int err;

	err = procdump_hold_catch(dump->hold);
	dump->req->out_hold_ns = dump->hold->held_ns;
	trace_stage(dump, PROCDUMP_STAGE_CATCH, err);
	if (err)
		return err;
	if (!dump->hold->view)
		return -ETIMEDOUT;
	procdump_hold_lead(dump->hold, dump->target.task);
	return 0;
}

static int collect_segments(struct dump *dump)
{
	int err;

	err = procdump_segments_collect(&dump->segs, dump->target.mm,
					dump->hold, filter_of(dump),
					dump->req->flags & PROCDUMP_DUMP_ALL);
	trace_stage(dump, PROCDUMP_STAGE_SEGMENTS, err);
	return err;
}

static int write_headers(struct dump *dump)
{
	struct procdump_segments *segs = &dump->segs;
	struct procdump_elf *elf = &dump->elf;
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
	err = procdump_stream_write(&dump->stream, buf, elf->headers_size);
	kvfree(buf);
	return err;
}

static int write_thread(struct dump *dump, struct procdump_thread *thread,
			size_t from)
{
	int err;

	err = procdump_stream_write(&dump->stream, thread->notes.buf + from,
				    thread->notes.size - from);
	if (!err && thread->ioperm.size)
		err = procdump_stream_write(&dump->stream, thread->ioperm.buf,
					    thread->ioperm.size);
	if (!err && thread->stack.size)
		err = procdump_stream_write(&dump->stream, thread->stack.buf,
					    thread->stack.size);
	return err;
}

/*
 * In the order of the kernel's cores: the first thread's NT_PRSTATUS, the
 * process, the rest of the first thread, the other threads.
 */
static int write_notes(struct dump *dump)
{
	struct procdump_thread *thread = procdump_hold_first(dump->hold);
	int err;

	err = procdump_stream_write(&dump->stream, thread->notes.buf,
				    thread->notes_first);
	if (!err)
		err = procdump_stream_write(&dump->stream, dump->notes.buf,
					    dump->notes.size);
	if (!err && dump->files.size)
		err = procdump_stream_write(&dump->stream, dump->files.buf,
					    dump->files.size);
	if (!err)
		err = write_thread(dump, thread, thread->notes_first);
	while (!err && (thread = procdump_hold_next(dump->hold, thread)))
		err = write_thread(dump, thread, 0);
	if (err)
		return err;
	return procdump_stream_skip(&dump->stream,
				    dump->elf.data_off - dump->stream.raw);
}

static int write_front(struct dump *dump)
{
	struct procdump_elf *elf = &dump->elf;
	int err;

	elf->compat = procdump_hold_compat(dump->hold);
	elf->machine = dump->hold->view->e_machine;
	elf->flags = dump->hold->view->e_flags;
	elf->loads = dump->segs.count;
	elf->notes_size += dump->notes.size + dump->files.size;
	elf->data_size = dump->segs.bytes;
	elf->end_size = procdump_note_size(PROCDUMP_NOTE_NAME,
					   sizeof(dump->end));
	procdump_elf_layout(elf);
	if (elf->compat && elf->total > U32_MAX)
		return -EFBIG;
	err = write_headers(dump);
	return err ? err : write_notes(dump);
}

/* How a page gets into the core. */
enum way {
	WAY_HOLE,	/* as zeros */
	WAY_MISSING,	/* likewise, because it cannot be read */
	WAY_PAGE,	/* as it is */
	WAY_COPY,	/* from the bounce buffer */
};

/*
 * Can a page go to the output as it is? A device that is given a page may look
 * at it twice, and some file systems have checksums: with O_DIRECT only pages
 * that cannot change, anonymous ones of a snapshot. Others are copied once.
 */
static bool goes_as_is(const struct dump *dump, struct page *page,
		       bool steady)
{
	if (!procdump_stream_takes_pages(&dump->stream) ||
	    !READ_ONCE(procdump_zero_copy))
		return false;
	return !dump->sink.direct || (steady && PageAnon(page));
}

static bool is_zero(struct page *page)
{
	void *from = kmap_local_page(page);
	bool zero = !memchr_inv(from, 0, PAGE_SIZE);

	kunmap_local(from);
	return zero;
}

static enum way choose_way(struct dump *dump, unsigned long i, bool steady)
{
	struct page *page = dump->batch->page[i];
	void *to = dump->bounce + i * PAGE_SIZE;

	switch (dump->batch->state[i]) {
	case PROCDUMP_PAGE_DATA:
		break;
	case PROCDUMP_PAGE_HOLE:
		return WAY_HOLE;
	default:
		return WAY_MISSING;
	}
	if (goes_as_is(dump, page, steady))
		return is_zero(page) ? WAY_HOLE : WAY_PAGE;
	if (procdump_page_fetch(to, page))
		return WAY_MISSING;
	return memchr_inv(to, 0, PAGE_SIZE) ? WAY_COPY : WAY_HOLE;
}

static void count_page(struct dump *dump, enum way way, unsigned long addr)
{
	if (way == WAY_MISSING)
		procdump_range_missing(&dump->end, addr, PAGE_SIZE);
	else if (way == WAY_HOLE)
		dump->end.pages_zero++;
	else
		dump->end.pages++;
}

static int write_run(struct dump *dump, enum way way, unsigned long start,
		     unsigned long nr)
{
	switch (way) {
	case WAY_PAGE:
		return procdump_stream_write_pages(&dump->stream,
						   dump->batch->page + start,
						   nr);
	case WAY_COPY:
		return procdump_stream_write(&dump->stream, dump->bounce +
					     start * PAGE_SIZE, nr * PAGE_SIZE);
	default:
		return procdump_stream_skip(&dump->stream,
					    (u64)nr * PAGE_SIZE);
	}
}

/*
 * Writes the batch as runs of pages that go the same way. @steady: it is from
 * a copy of the address space.
 */
static int write_batch(struct dump *dump, unsigned long addr, bool steady)
{
	unsigned long i, start = 0, pages = dump->batch->pages;
	enum way way, last = WAY_HOLE;
	int err = 0;

	for (i = 0; i < pages && !err; i++) {
		way = choose_way(dump, i, steady);
		count_page(dump, way, addr + i * PAGE_SIZE);
		if (i > start && way != last) {
			err = write_run(dump, last, start, i - start);
			start = i;
		}
		last = way;
	}
	return err ? err : write_run(dump, last, start, pages - start);
}

/* What was read from a copy that is being dropped is not to be trusted. */
static int snapshot_check(const struct dump *dump)
{
	if (dump->memory == dump->target.mm)
		return 0;
	return procdump_snapshot_check(dump->snap);
}

static int write_segment(struct dump *dump, const struct procdump_segment *seg)
{
	struct procdump_batch *batch = dump->batch;
	struct mm_struct *mm = seg->alone ? dump->target.mm : dump->memory;
	unsigned long addr = seg->start, end = seg->start + seg->size;
	int err = 0;

	while (addr < end && !err) {
		err = procdump_page_read(batch, mm, dump->hold, addr, end);
		if (!err)
			err = snapshot_check(dump);
		if (err) {
			procdump_page_put(batch);
			err = fall_back(dump, err);
			continue;
		}
		if (batch->hole) {
			dump->end.pages_zero += batch->pages;
			err = procdump_stream_skip(&dump->stream, (u64)
						   batch->pages * PAGE_SIZE);
		} else {
			err = write_batch(dump, addr, mm != dump->target.mm);
		}
		addr += batch->pages * PAGE_SIZE;
		procdump_page_put(batch);
		if (!err)
			err = fall_back(dump, procdump_hold_extend(dump->hold));
		if (dump->memory != dump->target.mm)
			procdump_snapshot_give_back(dump->snap, addr);
	}
	return err;
}

static int write_pages(struct dump *dump)
{
	unsigned int i;
	int err = 0;

	dump->end.pages_zero += dump->segs.hole_bytes >> PAGE_SHIFT;
	for (i = 0; i < dump->segs.count && !err; i++)
		err = write_segment(dump, &dump->segs.seg[i]);
	return err ? err : snapshot_check(dump);
}

/*
 * The memory is read, or copied. A thread that was born meanwhile, from a
 * clone() that was under way, ran until now; threads that left were killed.
 */
static int judge(struct dump *dump)
{
	struct procdump_dump *req = dump->req;
	int born;

	count_threads(dump);
	born = procdump_hold_born(dump->hold);
	if (born < 0)
		return born;
	if (born || READ_ONCE(dump->hold->left) || req->out_threads_running ||
	    req->out_threads_lost || req->out_sharers)
		req->out_consistency = PROCDUMP_CONSISTENCY_PARTIAL;
	else
		req->out_consistency = PROCDUMP_CONSISTENCY_ATOMIC;
	return 0;
}

static int write_end(struct dump *dump)
{
	struct procdump_notes notes = {};
	void *desc;
	int err;

	dump->end.version = 1;
	dump->end.consistency = dump->req->out_consistency;
	dump->end.pause_ns = pause_ns(dump);
	dump->end.bytes_left = dump->segs.left_bytes;
	notes.room = dump->elf.end_size;
	notes.buf = kzalloc(notes.room, PROCDUMP_GFP);
	if (!notes.buf)
		return -ENOMEM;
	desc = procdump_note_add(&notes, PROCDUMP_NOTE_NAME, PROCDUMP_NT_END,
				 sizeof(dump->end));
	memcpy(desc, &dump->end, sizeof(dump->end));
	err = procdump_stream_write(&dump->stream, notes.buf, notes.size);
	kfree(notes.buf);
	if (!err)
		err = procdump_stream_finish(&dump->stream);
	if (!err)
		err = procdump_sink_finish(&dump->sink);
	return err;
}

static void report(struct dump *dump, ktime_t began, int err)
{
	struct procdump_dump *req = dump->req;

	if (err)
		req->out_consistency = PROCDUMP_CONSISTENCY_NONE;
	req->out_segments = dump->elf.loads;
	req->out_compression = req->compression;
	req->out_bytes_written = dump->sink.written;
	req->out_bytes_file = dump->sink.pos;
	req->out_pages = dump->end.pages;
	req->out_pages_zero = dump->end.pages_zero;
	req->out_pages_missing = dump->end.pages_missing;
	req->out_bytes_left = dump->segs.left_bytes;
	if (dump->hold)
		req->out_pause_ns = pause_ns(dump);
	req->out_total_ns = ktime_to_ns(ktime_sub(ktime_get(), began));
}

/* One audit record a dump, whether it was allowed or not. */
static void audit(const struct dump *dump, int err)
{
	audit_log(audit_context(), GFP_KERNEL, AUDIT_KERNEL_OTHER,
		  "op=procdump pid=%d uid=%u opid=%d res=%d",
		  task_tgid_nr(current),
		  from_kuid(&init_user_ns, current_uid()),
		  task_tgid_nr(dump->target.task), !err);
}

static int judge_and_let_go(struct dump *dump)
{
	int err = judge(dump);

	procdump_hold_let_go(dump->hold);
	trace_stage(dump, PROCDUMP_STAGE_RELEASE, err);
	if (!err)
		procdump_hold_read_stacks(dump->hold, dump->stacks);
	procdump_hold_release(dump->hold);
	return err;
}

static int take_snapshot(struct dump *dump)
{
	ktime_t began = ktime_get();
	int err;

	err = procdump_snapshot_take(dump->snap, dump->hold);
	dump->req->out_snapshot_ns = ktime_to_ns(ktime_sub(ktime_get(), began));
	trace_stage(dump, PROCDUMP_STAGE_SNAPSHOT, err);
	if (err)
		return do_without(dump, err);
	err = judge_and_let_go(dump);
	dump->memory = procdump_snapshot_mm(dump->snap);
	return err;
}

/* Where nothing is held while the rest is read. */
static int sample_live(struct dump *dump)
{
	int err;

	dump->req->out_mode = PROCDUMP_MODE_LIVE;
	dump->req->out_consistency = PROCDUMP_CONSISTENCY_LIVE;
	err = catch_threads(dump);
	if (err)
		return err;
	count_threads(dump);
	procdump_hold_let_go(dump->hold);
	procdump_hold_read_stacks(dump->hold, dump->stacks);
	procdump_hold_release(dump->hold);
	trace_stage(dump, PROCDUMP_STAGE_RELEASE, 0);
	return collect_segments(dump);
}

/*
 * Whoever has the target's mmap_lock may be what is wrong with it: then the
 * mappings are not in the core.
 */
static int read_threads(struct dump *dump)
{
	int err;

	dump->req->out_mode = PROCDUMP_MODE_THREADS;
	err = catch_threads(dump);
	if (!err)
		err = judge_and_let_go(dump);
	if (err)
		return err;
	err = collect_segments(dump);
	procdump_segments_empty(&dump->segs);
	return err == -ETIMEDOUT ? 0 : err;
}

static int read_held(struct dump *dump)
{
	int err;

	err = catch_threads(dump);
	if (!err)
		err = collect_segments(dump);
	if (!err)
		err = choose_mode(dump);
	if (err)
		return err;
	if (dump->req->out_mode == PROCDUMP_MODE_SNAPSHOT)
		err = take_snapshot(dump);
	if (!err && dump->req->out_mode == PROCDUMP_MODE_STOP)
		procdump_hold_read_stacks(dump->hold, dump->stacks);
	return err;
}

/* The target could not be held for long enough, and nothing is written yet. */
static int start_again(struct dump *dump)
{
	struct procdump_hold *hold;

	procdump_hold_release(dump->hold);
	procdump_snapshot_put(dump->snap);
	dump->snap = NULL;
	dump->memory = dump->target.mm;
	hold = procdump_hold_create(dump->target.task, dump->target.mm, 1, 0,
				    true);
	if (IS_ERR(hold))
		return PTR_ERR(hold);
	dump->pause_ns = procdump_hold_pause_ns(dump->hold);
	procdump_hold_destroy(dump->hold);
	dump->hold = hold;
	return sample_live(dump);
}

static int capture(struct dump *dump)
{
	int err;

	switch (dump->req->mode) {
	case PROCDUMP_MODE_LIVE:
		return sample_live(dump);
	case PROCDUMP_MODE_THREADS:
		err = read_threads(dump);
		break;
	default:
		err = read_held(dump);
		break;
	}
	if (err == -ETIMEDOUT && dump->req->flags & PROCDUMP_DUMP_FALLBACK)
		err = start_again(dump);
	return err;
}

/* What was read while the target ran. */
static void judge_memory(struct dump *dump)
{
	struct procdump_dump *req = dump->req;

	if (req->out_mode == PROCDUMP_MODE_LIVE) {
		req->out_bytes_live = dump->segs.bytes;
		req->out_consistency = PROCDUMP_CONSISTENCY_LIVE;
	} else if (req->out_mode == PROCDUMP_MODE_SNAPSHOT &&
		   dump->segs.live_bytes) {
		req->out_bytes_live = dump->segs.live_bytes;
		req->out_consistency = PROCDUMP_CONSISTENCY_PARTIAL;
	}
}

static int write_core(struct dump *dump)
{
	struct procdump_dump *req = dump->req;
	int err;

	err = write_front(dump);
	if (!err)
		err = write_pages(dump);
	trace_stage(dump, PROCDUMP_STAGE_PAGES, err);
	/* The OOM killer takes a victim's pages away while we hold its memory. */
	if (!err && test_bit(MMF_UNSTABLE, &dump->memory->flags))
		err = -ESRCH;
	if (!err && req->out_mode == PROCDUMP_MODE_STOP) {
		err = fall_back(dump, judge(dump));
		trace_stage(dump, PROCDUMP_STAGE_RELEASE, err);
	}
	procdump_hold_release(dump->hold);
	judge_memory(dump);
	return err ? err : write_end(dump);
}

/*
 * Bytes of memory that may be in the core. What a frame may be larger than its
 * bytes is less than a 128th.
 */
static int room_for_memory(const struct dump *dump, u64 *room)
{
	u64 limit = dump->req->limit, rest;

	*room = U64_MAX;
	if (!(dump->req->flags & PROCDUMP_DUMP_TRIM))
		return 0;
	if (!procdump_stream_takes_pages(&dump->stream))
		limit -= min(limit, (limit >> 7) + PAGE_SIZE);
	rest = (dump->segs.count + 8ULL) * sizeof(struct elf64_phdr) +
	       dump->elf.notes_size + dump->notes.size + dump->files.size +
	       sizeof(struct procdump_note_end) + PAGE_SIZE;
	if (limit < rest)
		return -EFBIG;
	*room = limit - rest;
	return 0;
}

/* Leave memory out, if the request says so. */
static int trim(struct dump *dump)
{
	u64 flags = dump->req->flags, room;
	int err;

	if (!(flags & (PROCDUMP_DUMP_TRIM | PROCDUMP_DUMP_MINI)) ||
	    dump->req->out_mode == PROCDUMP_MODE_THREADS)
		return 0;
	err = room_for_memory(dump, &room);
	if (err)
		return err;
	return procdump_trim(&dump->segs, dump->memory, dump->hold, room,
			     flags & PROCDUMP_DUMP_MINI);
}

static int settle_segments(struct dump *dump)
{
	return procdump_segments_settle(&dump->segs, dump->memory,
					dump->target.mm, dump->hold);
}

/* If the hold ends meanwhile, once more without it, where that is allowed. */
static int or_fall_back(struct dump *dump, int (*step)(struct dump *dump))
{
	int err = step(dump);

	if (!err)
		return 0;
	err = fall_back(dump, err);
	return err ? err : step(dump);
}

static int dump_held(struct dump *dump)
{
	int err;

	dump->memory = dump->target.mm;
	err = capture(dump);
	if (!err)
		err = collect_notes(dump);
	trace_stage(dump, PROCDUMP_STAGE_NOTES, err);
	procdump_target_exec_unlock(&dump->target);
	if (!err)
		err = or_fall_back(dump, settle_segments);
	if (!err)
		err = procdump_note_files(&dump->files, &dump->segs,
					  procdump_hold_compat(dump->hold));
	if (!err)
		err = or_fall_back(dump, trim);
	if (!err)
		err = write_core(dump);
	procdump_hold_release(dump->hold);
	return err;
}

static int dump_target(struct dump *dump)
{
	struct procdump_dump *req = dump->req;
	bool live = req->mode == PROCDUMP_MODE_LIVE;
	int err;

	err = procdump_sink_open(&dump->sink, req->fd, req->limit ?: U64_MAX);
	if (err)
		return err;
	err = procdump_target_authorize(&dump->target);
	procdump_target_exec_unlock(&dump->target);
	if (err)
		goto close;
	err = prepare(dump);
	if (err)
		goto free;
	err = prepare_snapshot(dump);
	if (err)
		goto free;
	dump->hold = procdump_hold_create(dump->target.task, dump->target.mm,
					  dump->snap ? 2 : 1,
					  live ? 0 : req->max_pause_ns, live);
	if (IS_ERR(dump->hold)) {
		err = PTR_ERR(dump->hold);
		dump->hold = NULL;
		goto free;
	}
	dump->sink.drop = req->flags & PROCDUMP_DUMP_DROP;
	dump->sink.progress = progress;
	dump->sink.progress_arg = dump;
	err = procdump_sink_begin(&dump->sink);
	if (!err)
		err = procdump_target_authorize(&dump->target);
	if (!err)
		err = dump_held(dump);
free:
	req->out_bytes_raw = dump->stream.raw;
	procdump_target_exec_unlock(&dump->target);
	procdump_snapshot_put(dump->snap);
	procdump_segments_uninit(&dump->segs);
	procdump_stream_uninit(&dump->stream);
	kvfree(dump->notes.buf);
	kvfree(dump->files.buf);
	kvfree(dump->bounce);
	kfree(dump->batch);
close:
	procdump_sink_close(&dump->sink, !err);
	audit(dump, err);
	trace_stage(dump, PROCDUMP_STAGE_END, err);
	return err;
}

/**
 * procdump_dump_modes() - the modes that work on this kernel
 *
 * Context: Any context.
 * Return: bit 1 << PROCDUMP_MODE_* for each.
 */
u32 procdump_dump_modes(void)
{
	u32 modes = 1U << PROCDUMP_MODE_AUTO | 1U << PROCDUMP_MODE_STOP |
		    1U << PROCDUMP_MODE_LIVE | 1U << PROCDUMP_MODE_THREADS;

	if (procdump_ksym_can_clone())
		modes |= 1U << PROCDUMP_MODE_SNAPSHOT;
	return modes;
}

/**
 * procdump_dump_run() - carry out a request
 * @req: checked by ioctl.c; the out members are filled in, also on error
 *
 * Context: Process context, the dumper's task. May sleep for as long as the
 * output takes.
 * Return: 0 or the negative of an error in uapi/linux/procdump.h.
 */
int procdump_dump_run(struct procdump_dump *req)
{
	bool wait = req->flags & PROCDUMP_DUMP_WAIT;
	ktime_t began = ktime_get();
	struct procdump_slot slot;
	struct dump *dump;
	int err;

	might_sleep();
	err = procdump_slot_get(&slot, wait);
	if (err)
		return err;
	dump = kzalloc(sizeof(*dump), PROCDUMP_GFP);
	if (!dump) {
		procdump_slot_put(&slot);
		return -ENOMEM;
	}
	dump->req = req;
	err = procdump_target_find(&dump->target, req->pid, req->start_time);
	if (!err)
		err = procdump_slot_claim(&slot, dump->target.task->signal,
					  wait);
	if (!err)
		err = dump_target(dump);
	report(dump, began, err);
	if (dump->hold)
		procdump_hold_destroy(dump->hold);
	procdump_slot_put(&slot);
	procdump_target_put(&dump->target);
	kfree(dump);
	return err;
}
