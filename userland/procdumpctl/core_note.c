// SPDX-License-Identifier: GPL-2.0-only
/*
 * The notes of a core, of either class and byte order.
 *
 * Nothing in a core is trusted: a number is read only through get(), which
 * gives zero for what lies outside of the note.
 */
#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "procdumpctl.h"

#define AT(note, member) offsetof(struct procdump_note_##note, member)

/* The contents of a note. */
struct desc {
	const unsigned char *data;
	size_t len;
	bool big_endian;
};

static __u64 get(const struct desc *desc, size_t offset, size_t size)
{
	__u64 value = 0;
	size_t i;

	if (offset > desc->len || desc->len - offset < size)
		return 0;
	for (i = 0; i < size; i++)
		value |= (__u64)desc->data[offset + i]
			 << 8 * (desc->big_endian ? size - 1 - i : i);
	return value;
}

static __u32 get32(const struct desc *desc, size_t offset)
{
	return (__u32)get(desc, offset, 4);
}

static void get_text(const struct desc *desc, size_t offset, char *text,
		     size_t size)
{
	memset(text, 0, size);
	if (offset <= desc->len && desc->len - offset >= size)
		memcpy(text, desc->data + offset, size);
}

/**
 * core_grow() - room for one more entry
 * @array: the array, or NULL
 * @count: its entries
 * @size: size of an entry
 *
 * Return: the array, which may have moved.
 */
void *core_grow(void *array, size_t count, size_t size)
{
	/* It is full when count is 0 or a power of two. */
	if (count & (count - 1))
		return array;
	array = reallocarray(array, count ? 2 * count : 1, size);
	if (!array)
		err(EXIT_FAILED, "core");
	return array;
}

/* struct elf_prstatus: offsets differ by the size of a long. */
static void add_prstatus(struct core *core, const struct desc *desc)
{
	size_t pid = core->bits == 64 ? 32 : 24;
	struct core_thread *thread;

	/* Empty ones cost a file nothing, and us a thread each. */
	if (core->brief || desc->len < pid + 4)
		return;
	core->threads = core_grow(core->threads, core->thread_count,
				  sizeof(*core->threads));
	thread = &core->threads[core->thread_count++];
	memset(thread, 0, sizeof(*thread));
	thread->tid = (__s32)get32(desc, pid);
	thread->signal = (__s16)get(desc, 12, 2);
}

/*
 * struct elf_prpsinfo: offsets differ by the size of a long, and on some
 * 32-bit machines by 16-bit user ids, which shows in the size.
 */
static void set_process(struct core *core, const struct desc *desc)
{
	size_t uid = core->bits == 64 ? 16 : 8;
	size_t id = core->bits == 32 && desc->len <= 124 ? 2 : 4;
	size_t pid = uid + 2 * id;
	struct core_process *process = &core->process;

	core->has_process = true;
	process->uid = (__u32)get(desc, uid, id);
	process->gid = (__u32)get(desc, uid + id, id);
	process->pid = (__s32)get32(desc, pid);
	process->ppid = (__s32)get32(desc, pid + 4);
	get_text(desc, pid + 16, process->comm, sizeof(process->comm));
	get_text(desc, pid + 32, process->args, sizeof(process->args));
}

static void set_dump(struct core *core, const struct desc *desc)
{
	struct procdump_note_dump *dump = &core->dump;

	core->has_dump = true;
	dump->version = get32(desc, AT(dump, version));
	dump->abi = get32(desc, AT(dump, abi));
	dump->mode_asked = get32(desc, AT(dump, mode_asked));
	dump->mode = get32(desc, AT(dump, mode));
	dump->pid = (__s32)get32(desc, AT(dump, pid));
	dump->threads = get32(desc, AT(dump, threads));
	dump->realtime_ns = get(desc, AT(dump, realtime_ns), 8);
	dump->boottime_ns = get(desc, AT(dump, boottime_ns), 8);
	dump->hold_ns = get(desc, AT(dump, hold_ns), 8);
	get_text(desc, AT(dump, release), dump->release, sizeof(dump->release));
}

/*
 * It follows the NT_PRSTATUS note of its thread. The ids in the two differ
 * when the dumper is in another pid namespace.
 */
static void set_thread_note(struct core *core, const struct desc *desc)
{
	struct procdump_note_thread *note;
	struct core_thread *thread;
	size_t i;

	if (!core->thread_count)
		return;
	thread = &core->threads[core->thread_count - 1];
	thread->has_note = true;
	note = &thread->note;
	note->tid = (__s32)get32(desc, AT(thread, tid));
	note->caught = get32(desc, AT(thread, caught));
	note->state = (char)get(desc, AT(thread, state), 1);
	note->start_time_ns = get(desc, AT(thread, start_time_ns), 8);
	get_text(desc, AT(thread, comm), note->comm, sizeof(note->comm));
	note->syscall = desc->len > AT(thread, syscall) ?
			(__s64)get(desc, AT(thread, syscall), 8) : -1;
	for (i = 0; i < ARRAY_SIZE(note->args); i++)
		note->args[i] = get(desc, AT(thread, args) + 8 * i, 8);
	get_text(desc, AT(thread, wchan), note->wchan, sizeof(note->wchan));
}

/* Text, which will be shown as it is. */
static void set_stack(struct core *core, const struct desc *desc)
{
	struct core_thread *thread;

	if (!core->thread_count)
		return;
	thread = &core->threads[core->thread_count - 1];
	free(thread->stack);
	thread->stack = strndup((const char *)desc->data, desc->len);
	if (!thread->stack)
		err(EXIT_FAILED, "core");
	text_lines(thread->stack, strlen(thread->stack));
}

static void set_end(struct core *core, const struct desc *desc)
{
	struct procdump_note_end *end = &core->end;
	size_t i, at = AT(end, range);

	/* Ranges that are not used may be left out. */
	if (desc->len < at)
		return;
	core->has_end = true;
	end->version = get32(desc, AT(end, version));
	end->consistency = get32(desc, AT(end, consistency));
	end->pages = get(desc, AT(end, pages), 8);
	end->pages_zero = get(desc, AT(end, pages_zero), 8);
	end->pages_missing = get(desc, AT(end, pages_missing), 8);
	end->pause_ns = get(desc, AT(end, pause_ns), 8);
	end->bytes_left = get(desc, AT(end, bytes_left), 8);
	end->ranges = get32(desc, AT(end, ranges));
	if (end->ranges > PROCDUMP_NOTE_RANGES)
		end->ranges = PROCDUMP_NOTE_RANGES;
	for (i = 0; i < end->ranges; i++) {
		end->range[i].start = get(desc, at + 16 * i, 8);
		end->range[i].end = get(desc, at + 16 * i + 8, 8);
	}
}

/* A minidump has the structure as the driver has filled it in so far. */
static void set_kernel(struct core *core, const struct desc *desc)
{
	struct procdump_kernel *kernel = &core->kernel;
	const size_t missing = offsetof(struct procdump_kernel,
					out_cpus_missing);
	size_t i;

	if (desc->len < PROCDUMP_KERNEL_SIZE_VER1)
		return;
#define TAKE(member)                                                       \
	(kernel->member = (__typeof__(kernel->member))get(                 \
		 desc, offsetof(struct procdump_kernel, member),           \
		 sizeof(kernel->member)))
	core->has_kernel = true;
	TAKE(flags);
	TAKE(out_segments);
	TAKE(out_cpus);
	TAKE(out_cpus_stopped);
	TAKE(out_cpus_nmi);
	for (i = 0; i < ARRAY_SIZE(kernel->out_cpus_missing); i++)
		kernel->out_cpus_missing[i] = get(desc, missing + 8 * i, 8);
	TAKE(out_pages_reserved);
	TAKE(out_pages_slab);
	TAKE(out_pages_table);
	TAKE(out_pages_other);
	TAKE(out_pages_vmemmap);
	TAKE(out_pages_user);
	TAKE(out_pages_cache);
	TAKE(out_pages_free);
	TAKE(out_pages_offline);
	TAKE(out_pages_poison);
	TAKE(out_freeze_ns);
#undef TAKE
}

static const struct {
	const char *owner;
	__u32 type;
	void (*take)(struct core *core, const struct desc *desc);
} takers[] = {
	{ "CORE", NT_PRSTATUS, add_prstatus },
	{ "CORE", NT_PRPSINFO, set_process },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_DUMP, set_dump },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_THREAD, set_thread_note },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_STACK, set_stack },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_END, set_end },
	{ PROCDUMP_NOTE_NAME, PROCDUMP_NT_KERNEL, set_kernel },
};

static void count_note(struct core *core, const char *owner, __u32 type,
		       size_t len)
{
	struct core_kind *kind = core->kinds;
	size_t i;

	for (i = 0; i < core->kind_count; i++, kind++)
		if (kind->type == type && !strcmp(kind->owner, owner))
			break;
	if (i == CORE_KINDS)
		return;
	if (i == core->kind_count) {
		memcpy(kind->owner, owner, sizeof(kind->owner));
		kind->type = type;
		core->kind_count++;
	}
	kind->count++;
	kind->bytes += len;
}

static void take_note(struct core *core, const char *owner, __u32 type,
		      const struct desc *desc)
{
	size_t i;

	count_note(core, owner, type, desc->len);
	for (i = 0; i < ARRAY_SIZE(takers); i++)
		if (takers[i].type == type && !strcmp(takers[i].owner, owner))
			takers[i].take(core, desc);
}

static size_t aligned(__u32 len)
{
	return ((size_t)len + 3) & ~(size_t)3;
}

/**
 * core_add_notes() - read the contents of a PT_NOTE segment
 * @core: the core they belong to
 * @notes: the contents
 * @len: their size; what follows the last whole note is ignored
 */
void core_add_notes(struct core *core, const unsigned char *notes, size_t len)
{
	char owner[sizeof(core->kinds[0].owner)];
	__u32 name_len, desc_len, type;
	struct desc all;

	while (len >= sizeof(Elf64_Nhdr)) {
		all = (struct desc){ notes, len, core->big_endian };
		name_len = get32(&all, 0);
		desc_len = get32(&all, 4);
		type = get32(&all, 8);
		notes += sizeof(Elf64_Nhdr);
		len -= sizeof(Elf64_Nhdr);
		if (aligned(name_len) > len ||
		    desc_len > len - aligned(name_len))
			break;
		memset(owner, 0, sizeof(owner));
		memcpy(owner, notes,
		       name_len < sizeof(owner) ? name_len : sizeof(owner) - 1);
		notes += aligned(name_len);
		len -= aligned(name_len);
		all = (struct desc){ notes, desc_len, core->big_endian };
		take_note(core, owner, type, &all);
		if (aligned(desc_len) > len)
			break;
		notes += aligned(desc_len);
		len -= aligned(desc_len);
	}
}
