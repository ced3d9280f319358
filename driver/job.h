/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PROCDUMP_JOB_H
#define _PROCDUMP_JOB_H

#include <linux/types.h>

#include "compress.h"
#include "elf.h"
#include "note.h"
#include "segment.h"
#include "sink.h"
#include "target.h"
#include "trace.h"

struct mm_struct;
struct procdump_batch;
struct procdump_dump;
struct procdump_hold;
struct procdump_snapshot;

/**
 * struct procdump_job - one dump of a process, from the request to the report
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
 * The others are the noun of their file. Made and freed by dump.c, which hands
 * it down the pipeline; nobody keeps it. Only the dumper's task looks at it.
 */
struct procdump_job {
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

static inline void procdump_job_trace(const struct procdump_job *job,
				      enum procdump_stage stage, int err)
{
	trace_procdump_stage(task_tgid_nr(job->target.task), stage, err);
}

#endif /* _PROCDUMP_JOB_H */
