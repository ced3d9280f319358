/* SPDX-License-Identifier: GPL-2.0-only */
/* One tracepoint, at the end of each stage of a dump. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM procdump

#if !defined(_PROCDUMP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PROCDUMP_TRACE_H

#include <linux/tracepoint.h>

#ifndef _PROCDUMP_STAGES
#define _PROCDUMP_STAGES
enum procdump_stage {
	PROCDUMP_STAGE_CATCH,
	PROCDUMP_STAGE_SEGMENTS,
	PROCDUMP_STAGE_SNAPSHOT,
	PROCDUMP_STAGE_NOTES,
	PROCDUMP_STAGE_PAGES,
	PROCDUMP_STAGE_RELEASE,
	PROCDUMP_STAGE_END,
};
#endif

TRACE_EVENT(procdump_stage,
	TP_PROTO(pid_t target, enum procdump_stage stage, int err),
	TP_ARGS(target, stage, err),
	TP_STRUCT__entry(
		__field(pid_t, target)
		__field(int, stage)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->target = target;
		__entry->stage = stage;
		__entry->err = err;
	),
	TP_printk("target=%d stage=%s err=%d", __entry->target,
		  __print_symbolic(__entry->stage,
				   { PROCDUMP_STAGE_CATCH, "catch" },
				   { PROCDUMP_STAGE_SEGMENTS, "segments" },
				   { PROCDUMP_STAGE_SNAPSHOT, "snapshot" },
				   { PROCDUMP_STAGE_NOTES, "notes" },
				   { PROCDUMP_STAGE_PAGES, "pages" },
				   { PROCDUMP_STAGE_RELEASE, "release" },
				   { PROCDUMP_STAGE_END, "end" }),
		  __entry->err)
);

#endif /* _PROCDUMP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
