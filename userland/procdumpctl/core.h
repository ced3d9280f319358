/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is in a core.
 */
#ifndef PROCDUMPCTL_CORE_H
#define PROCDUMPCTL_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/procdump.h>

/* Kinds of notes that are told apart; a core has some twenty. */
#define CORE_KINDS 64

/* Program header of a core of either class. */
struct core_segment {
	__u32 type;
	__u32 flags;
	__u64 offset;
	__u64 start;
	__u64 file_bytes;
	__u64 memory_bytes;
	__u64 data_bytes; /* of file_bytes, not in holes; if known */
};

/*
 * One NT_PRSTATUS note, with the PROCDUMP_NT_THREAD and the PROCDUMP_NT_STACK
 * note of its thread; stack is NULL without one.
 */
struct core_thread {
	__s32 tid;
	int signal;
	bool has_note;
	struct procdump_note_thread note;
	char *stack;
};

/* All notes with one owner and type. */
struct core_kind {
	char owner[32];
	__u32 type;
	__u64 count;
	__u64 bytes;
};

/* NT_PRPSINFO */
struct core_process {
	__s32 pid;
	__s32 ppid;
	__u32 uid;
	__u32 gid;
	char comm[16];
	char args[80];
};

/* CORE_NONE: it is something else. */
enum core_complete { CORE_UNKNOWN, CORE_COMPLETE, CORE_CUT, CORE_NONE };

/**
 * struct core - what is in a core
 * @format: plain, gzip or zstd
 * @bits: 32 or 64
 * @big_endian: the byte order
 * @machine: EM_* of elf.h
 * @length: bytes of the core, uncompressed
 * @complete: whether nothing is missing
 * @reason: in words; if it could not be read: why
 * @holes_known: data_bytes of the segments are valid
 * @notes_left_out: some notes were more than is believed
 * @brief: there are no threads
 */
struct core {
	const char *format;
	int bits;
	bool big_endian;
	__u16 machine;
	__u64 length;
	enum core_complete complete;
	const char *reason;
	bool holes_known;
	bool notes_left_out;
	bool brief;
	struct core_segment *segments;
	size_t segment_count;
	struct core_thread *threads;
	size_t thread_count;
	struct core_kind kinds[CORE_KINDS];
	size_t kind_count;
	bool has_process;
	struct core_process process;
	bool has_dump;
	struct procdump_note_dump dump;
	bool has_end;
	struct procdump_note_end end;
	bool has_kernel; /* @kernel is what was known when the note was made */
	struct procdump_kernel kernel;
};

/* core.c */
int core_read(struct core *core, const char *path, bool brief);
void core_free(struct core *core);

/* core_note.c */
void core_add_notes(struct core *core, const unsigned char *notes, size_t len);
void *core_grow(void *array, size_t count, size_t size);

#endif /* PROCDUMPCTL_CORE_H */
