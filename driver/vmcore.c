// SPDX-License-Identifier: GPL-2.0-only
/*
 * The minidump of the running kernel, in order: permission, output, memory for
 * copies, freeze (all CPUs stand still; tasks looked at and copied, pages
 * classified, copied), the report on tasks, notes, layout, pages, end note.
 *
 * Order of what is held, outermost first: a slot (slot.c), the locks of the
 * output (sink.c), the freeze (vmcore_freeze.c). Nothing here may wait for all
 * CPUs to answer: one of them may be what is to be debugged.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/cc_platform.h>
#include <linux/elf.h>
#include <linux/kexec.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "compress.h"
#include "core.h"
#include "elf.h"
#include "procdump.h"
#include "request.h"
#include "sink.h"
#include "slot.h"
#include "vmcore.h"
#include "vmcore_copy.h"
#include "vmcore_freeze.h"
#include "vmcore_note.h"
#include "vmcore_page.h"
#include "vmcore_ram.h"
#include "vmcore_report.h"
#include "vmcore_run.h"
#include "table.h"
#include "vmcore_task.h"
#include "vmcore_text.h"

/* Pages that are read at once, and the moments between looks for a signal. */
#define BATCH		16

static unsigned int freeze_ms = 100;
module_param(freeze_ms, uint, 0644);
MODULE_PARM_DESC(freeze_ms, "milliseconds for which a kernel minidump may stop all CPUs (default 100)");

static unsigned int freeze_mib = 1024;
module_param(freeze_mib, uint, 0644);
MODULE_PARM_DESC(freeze_mib, "MiB of memory for copies during that time, at most half of what is free, and a quarter of what is available (default 1024)");

/*
 * struct vmcore - one minidump
 * @req: the request, and the report
 * @buf: pages on their way
 * @end: contents of the end note
 * @stays: the dumper does not change its CPU, see stay()
 *
 * The others are the noun of their file.
 */
struct vmcore {
	struct procdump_kernel *req;
	struct procdump_sink sink;
	struct procdump_stream stream;
	struct procdump_ram ram;
	struct procdump_copies copies;
	struct procdump_tasks tasks;
	struct procdump_text text;
	struct procdump_notes notes;
	struct procdump_runs runs;
	struct procdump_elf elf;
	void *buf;
	struct procdump_note_end end;
	bool stays;
};

/**
 * procdump_vmcore_supported() - can the kernel be dumped here?
 *
 * Without a virtual memory map, page_to_pfn() looks into the page, which may be
 * none: its pointer was read from a list that others change. And the struct pages
 * of a range of memory are in many places then.
 *
 * Context: Any context.
 * Return: true if it can; in a guest with encrypted memory, or without
 * CONFIG_SPARSEMEM_VMEMMAP, it cannot.
 */
bool procdump_vmcore_supported(void)
{
	return IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP) &&
	       !cc_platform_has(CC_ATTR_MEM_ENCRYPT);
}

static int authorize(void)
{
	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_RAWIO))
		return -EPERM;
	return security_locked_down(LOCKDOWN_KCORE) ? -EPERM : 0;
}

static int prepare_stacks(struct vmcore *core)
{
	struct procdump_kernel *req = core->req;
	int err;

	err = procdump_stream_init(&core->stream, req->compression, req->level);
	if (err)
		return err;
	procdump_stream_attach(&core->stream, &core->sink);
	return procdump_tasks_init(&core->tasks);
}

/* Room for copies. What else a dump takes has been allocated, and is in it. */
static int prepare_copies(struct vmcore *core)
{
	struct procdump_kernel *req = core->req;
	unsigned long pages, most, room;

	/* Some more: the machine is busy until it stands still. */
	pages = req->out_pages + req->out_pages / 16 + 256;
	room = global_zone_page_state(NR_FREE_PAGES);
	/* What is left must do for everybody, without reclaim. */
	if (core->stays)
		room = procdump_copies_spare();
	most = min3((unsigned long)READ_ONCE(freeze_mib) << (20 - PAGE_SHIFT),
		    (unsigned long)max(si_mem_available(), 0L) / 4, room / 2);
	if (req->flags & PROCDUMP_KERNEL_NO_FREEZE)
		most = 0;
	return procdump_copies_init(&core->copies, &core->ram,
				    min(pages, most));
}

static int prepare_dump(struct vmcore *core)
{
	int err;

	err = prepare_stacks(core);
	if (err)
		return err;
	core->buf = procdump_table_alloc(BATCH, PAGE_SIZE);
	if (!core->buf)
		return -ENOMEM;
	return procdump_vmcore_notes_init(&core->notes);
}

static int prepare(struct vmcore *core)
{
	struct procdump_kernel *req = core->req;
	bool dump = !(req->flags & PROCDUMP_KERNEL_ESTIMATE);
	int err = 0;

	if (req->flags & PROCDUMP_KERNEL_STACKS)
		return prepare_stacks(core);
	if (dump)
		err = prepare_dump(core);
	if (!err)
		err = procdump_ram_init(&core->ram,
					req->flags & PROCDUMP_KERNEL_VMEMMAP);
	if (err)
		return err;
	/* How much will it be? */
	procdump_ram_estimate(&core->ram);
	procdump_report_classes(req, &core->ram);
	req->out_bytes_raw = req->out_pages * PAGE_SIZE;
	return dump ? prepare_copies(core) : 0;
}

/*
 * While a CPU is stuck, the dumper stays where it is: when it is woken, the
 * scheduler may choose a CPU that looks idle, as one does that is stuck in an
 * interrupt, and that is the end of it. One that was only late is waited for no
 * longer than it takes.
 */
static void stay(struct vmcore *core)
{
	bool stuck = procdump_freeze_owed();

	if (stuck && !core->stays)
		migrate_disable();
	if (!stuck && core->stays)
		migrate_enable();
	core->stays = stuck;
}

/* Nor is anything left to workers then, who are woken as well. */
static void be_alone(struct vmcore *core)
{
	stay(core);
	if (!core->stays)
		return;
	procdump_stream_alone(&core->stream);
	core->sink.alone = true;
}

static int freeze(struct vmcore *core)
{
	struct procdump_kernel *req = core->req;
	bool run = req->flags & PROCDUMP_KERNEL_NO_FREEZE;
	bool stacks = req->flags & PROCDUMP_KERNEL_STACKS;
	struct pt_regs regs;
	int err;

	crash_setup_regs(&regs, NULL);
	procdump_freeze_begin(run ? 0 : max(READ_ONCE(freeze_ms), 1U), &regs);
	procdump_tasks_collect(&core->tasks);
	if (!stacks)
		procdump_copies_make(&core->copies, !run);
	req->out_freeze_ns = procdump_freeze_end();
	procdump_report_cpus(req);
	cpumask_copy(&core->text.cpus, procdump_freeze_cpus());
	if (!stacks)
		procdump_vmcore_notes_cpus(&core->notes);
	be_alone(core);
	if (!stacks) {
		procdump_copies_finish(&core->copies);
		procdump_copies_sort(&core->copies);
		procdump_report_classes(req, &core->ram);
	}
	procdump_report_judge(req, &core->tasks, &core->copies);
	if (req->flags & PROCDUMP_KERNEL_STRICT &&
	    req->out_consistency != PROCDUMP_CONSISTENCY_ATOMIC)
		return -EAGAIN;
	err = procdump_text_init(&core->text, &core->tasks);
	if (!err)
		procdump_text_make(&core->text, &core->tasks, req);
	return err;
}

static int layout(struct vmcore *core)
{
	struct procdump_elf *elf = &core->elf;
	int err;

	err = procdump_runs_init(&core->runs, &core->ram);
	if (err)
		return err;
	core->req->out_segments = core->runs.count + core->runs.aliases;
	err = procdump_vmcore_notes_report(&core->notes, core->req,
					   &core->text);
	if (err)
		return err;
	elf->machine = EM_X86_64;
	elf->loads = core->req->out_segments;
	elf->notes_size = core->notes.size;
	elf->data_size = core->req->out_pages * PAGE_SIZE;
	elf->end_size = procdump_core_end_size();
	procdump_elf_layout(elf);
	return 0;
}

static int write_headers(struct vmcore *core)
{
	void *buf;
	int err;

	buf = procdump_table_alloc(1, core->elf.headers_size);
	if (!buf)
		return -ENOMEM;
	procdump_elf_put_headers(&core->elf, buf);
	procdump_runs_put(&core->runs, &core->elf, buf);
	err = procdump_stream_write(&core->stream, buf,
				    core->elf.headers_size);
	procdump_table_free(buf);
	if (!err)
		err = procdump_stream_write(&core->stream, core->notes.buf,
					    core->notes.size);
	if (!err)
		err = procdump_stream_skip(&core->stream, core->elf.data_off -
					   core->stream.raw);
	return err;
}

static void fetch(struct vmcore *core, unsigned long pfn, void *to)
{
	int how = procdump_copies_read(&core->copies, pfn, to);

	if (how < 0)
		procdump_vmcore_note_missing(&core->end, pfn);
	else
		core->req->out_pages_frozen += how;
	core->end.pages++;
}

static int write_pages(struct vmcore *core)
{
	const struct procdump_run *run = core->runs.run;
	unsigned long i, n, pfn;
	int err;

	for (i = 0; i < core->runs.count; i++, run++) {
		for (pfn = run->pfn; pfn < run->end; pfn += n) {
			unsigned long left = run->end - pfn;

			for (n = 0; n < min_t(unsigned long, BATCH, left); n++)
				fetch(core, pfn + n, core->buf + n * PAGE_SIZE);
			err = procdump_stream_write(&core->stream, core->buf,
						    n * PAGE_SIZE);
			if (!err && fatal_signal_pending(current))
				err = -EINTR;
			if (err)
				return err;
			if (core->stays)
				stay(core);
			cond_resched();
		}
	}
	return 0;
}

static int write_end(struct vmcore *core)
{
	core->end.consistency = core->req->out_consistency;
	core->end.pause_ns = core->req->out_freeze_ns;
	return procdump_core_write_end(&core->stream, &core->end);
}

static int write_stacks(struct vmcore *core)
{
	int err;

	err = procdump_stream_write(&core->stream, core->text.buf,
				    core->text.size);
	return err ? err : procdump_stream_finish(&core->stream);
}

static int dump_kernel(struct vmcore *core)
{
	int err;

	err = procdump_sink_begin(&core->sink);
	if (!err)
		err = freeze(core);
	if (!err && core->req->flags & PROCDUMP_KERNEL_STACKS)
		return write_stacks(core);
	if (!err)
		err = layout(core);
	if (!err)
		err = write_headers(core);
	if (!err)
		err = write_pages(core);
	return err ? err : write_end(core);
}

static int dump_to_sink(struct vmcore *core)
{
	struct procdump_kernel *req = core->req;
	bool dump = !(req->flags & PROCDUMP_KERNEL_ESTIMATE);
	int err = 0;

	if (dump)
		err = procdump_sink_open(&core->sink, req->fd,
					 req->limit ?: U64_MAX);
	if (err)
		return err;
	err = prepare(core);
	if (dump && !err)
		err = dump_kernel(core);
	if (dump) {
		procdump_sink_close(&core->sink, !err);
		req->out_bytes_raw = core->stream.raw;
	}
	req->out_bytes_written = core->sink.written;
	req->out_bytes_file = core->sink.pos;
	req->out_pages_missing = core->end.pages_missing;
	procdump_runs_uninit(&core->runs);
	procdump_copies_uninit(&core->copies);
	procdump_vmcore_notes_uninit(&core->notes);
	procdump_text_uninit(&core->text);
	procdump_tasks_uninit(&core->tasks);
	procdump_table_free(core->buf);
	procdump_stream_uninit(&core->stream);
	procdump_ram_uninit(&core->ram);
	return err;
}

static void audit(int err)
{
	audit_log(audit_context(), GFP_KERNEL, AUDIT_KERNEL_OTHER,
		  "op=procdump-kernel pid=%d uid=%u res=%d",
		  task_tgid_nr(current),
		  from_kuid(&init_user_ns, current_uid()), !err);
}

/**
 * procdump_vmcore_run() - carry out a request
 * @req: the request; the out members are filled in, also on error
 *
 * Context: Process context, the dumper's task. May sleep for as long as the
 * output takes.
 * Return: 0 or the negative of an error in uapi/linux/procdump.h.
 */
int procdump_vmcore_run(struct procdump_kernel *req)
{
	ktime_t began = ktime_get();
	struct procdump_slot slot;
	struct vmcore *core;
	int err;

	might_sleep();
	err = procdump_request_check_kernel(req);
	if (!err)
		err = procdump_compress_check(req->compression, req->level);
	if (err)
		return err;
	if (!procdump_vmcore_supported())
		return -EOPNOTSUPP;
	err = authorize();
	if (err) {
		audit(err);
		return err;
	}
	err = procdump_slot_get(&slot, true,
				req->flags & PROCDUMP_KERNEL_WAIT);
	if (err)
		return err;
	core = kzalloc(sizeof(*core), PROCDUMP_GFP);
	if (!core) {
		procdump_slot_put(&slot);
		return -ENOMEM;
	}
	core->req = req;
	procdump_freeze_ping();
	stay(core);
	err = dump_to_sink(core);
	if (err)
		req->out_consistency = PROCDUMP_CONSISTENCY_NONE;
	req->out_total_ns = ktime_to_ns(ktime_sub(ktime_get(), began));
	if (core->stays)
		migrate_enable();
	kfree(core);
	procdump_slot_put(&slot);
	audit(err);
	return err;
}
