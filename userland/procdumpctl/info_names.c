// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of the numbers in a core, as in elf.h.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "info.h"
#include "procdumpctl.h"

/* Newer than some elf.h. */
#define NOTE_X86_XSAVE_LAYOUT 0x205

static const struct {
	__u16 machine;
	const char *name;
} machines[] = {
	{ EM_386, "i386" },    { EM_X86_64, "x86_64" },
	{ EM_ARM, "arm" },     { EM_AARCH64, "aarch64" },
	{ EM_RISCV, "riscv" }, { EM_PPC64, "ppc64" },
	{ EM_S390, "s390" },
};

static const struct {
	const char *owner;
	__u32 type;
	const char *name;
} notes[] = {
	{ "CORE", NT_PRSTATUS, "PRSTATUS" },
	{ "CORE", NT_PRFPREG, "PRFPREG" },
	{ "CORE", NT_PRPSINFO, "PRPSINFO" },
	{ "CORE", NT_AUXV, "AUXV" },
	{ "CORE", NT_SIGINFO, "SIGINFO" },
	{ "CORE", NT_FILE, "FILE" },
	{ "LINUX", NT_PRXFPREG, "PRXFPREG" },
	{ "LINUX", NT_X86_XSTATE, "X86_XSTATE" },
	{ "LINUX", NOTE_X86_XSAVE_LAYOUT, "X86_XSAVE_LAYOUT" },
	{ "LINUX", NT_386_TLS, "386_TLS" },
	{ "LINUX", NT_386_IOPERM, "386_IOPERM" },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_DUMP, "DUMP" },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_THREAD, "THREAD" },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_END, "END" },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_STACK, "STACK" },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_KERNEL, "KERNEL" },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_REPORT, "REPORT" },
};

const char *info_machine(const struct core *core, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == core->machine)
			return machines[i].name;
	snprintf(buf, size, "machine %u", core->machine);
	return buf;
}

const char *info_note(const struct core_kind *kind, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notes); i++)
		if (notes[i].type == kind->type &&
		    !strcmp(notes[i].owner, kind->owner))
			return notes[i].name;
	snprintf(buf, size, "%#x", kind->type);
	return buf;
}

const char *info_complete(const struct core *core)
{
	switch (core->complete) {
	case CORE_COMPLETE:
		return "yes";
	case CORE_CUT:
		return "no";
	default:
		return "unknown";
	}
}

const char *info_time(__u64 realtime_ns, char *buf, size_t size)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000);
	size_t len;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return "unknown";
	len = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, size - len, ".%09lluZ", realtime_ns % 1000000000);
	return buf;
}

void info_flags(__u32 flags, char buf[4])
{
	buf[0] = flags & PF_R ? 'r' : '-';
	buf[1] = flags & PF_W ? 'w' : '-';
	buf[2] = flags & PF_X ? 'x' : '-';
	buf[3] = '\0';
}
