/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * procdump: ELF cores of running processes, from the device /dev/procdump.
 *
 * This header is the ABI and its documentation; procdump(4) says the same in
 * prose. There are three commands. Each takes a pointer to one structure:
 *
 *	PROCDUMP_IOC_INFO	what this driver can do on this kernel
 *	PROCDUMP_IOC_DUMP	write a core of a process to a descriptor
 *	PROCDUMP_IOC_KERNEL	write a minidump of the running kernel
 *
 * Extension: the first member of every structure is its size in bytes as the
 * caller knows it, and the command numbers do not encode it. A caller with a
 * smaller (older) structure gets the default, zero, for the members it does
 * not know; a caller with a larger (newer) one is accepted as long as the
 * bytes the driver does not know are zero, and refused with E2BIG otherwise,
 * or if it is larger than a page.
 * Members whose names begin with out_ are written by the driver and ignored
 * on the way in. They are written when a command succeeds, and also when it
 * fails after its arguments were accepted, so that a caller can see how far a
 * dump got.
 *
 * The layout is the same for 32-bit and 64-bit callers.
 *
 * Errors, in errno, for all commands:
 *
 *	E2BIG		the structure is larger than the driver's and has
 *			non-zero bytes behind what the driver knows, or is
 *			larger than a page
 *	EAGAIN		PROCDUMP_KERNEL_STRICT, and it could not be kept
 *	EBADF		fd is not open, or not open for writing
 *	EBUSY		a dump is in progress, or one of the same process, and
 *			PROCDUMP_DUMP_WAIT is not set; or the output file is
 *			locked by somebody, open for writing by somebody else or
 *			mapped for writing, or was changed in size meanwhile, or
 *			got fs-verity; or, without PROCDUMP_KERNEL_WAIT, another
 *			dump of the kernel is in progress
 *	EFAULT		the structure cannot be read or written; nothing was
 *			done, unless it could at first
 *	EFBIG		the core would be larger than the limit in the request,
 *			than the caller's RLIMIT_FSIZE, than the file system
 *			can have, or than 4 GiB for a target of 32 bits
 *	EINTR		the caller was killed; or interrupted while it waited
 *			for a slow output that is no file: by a signal that is
 *			caught, or by being stopped or frozen
 *	EINVAL		a value out of range, an unknown flag, mode or
 *			compression; a size smaller than the first version of
 *			the structure; pid is a kernel thread; or the
 *			descriptor is of a kind that cannot take a core
 *	EIO, ENOSPC, EDQUOT, EPIPE, ...
 *			from writing the output, verbatim
 *	EISDIR		fd is a directory
 *	ENOMEM		not enough memory for the tables of the dump; or memory
 *			ran short while a snapshot was written
 *	ENOTTY		unknown command
 *	EOPNOTSUPP	a valid request that this driver or this kernel cannot
 *			carry out; PROCDUMP_IOC_INFO says what it can
 *	EPERM		the caller may not dump this process; also for a number
 *			that no process has, where that is not for the
 *			caller to know; or the output may not be cut or
 *			written: a memfd that is sealed, a file that is
 *			append-only or immutable
 *	ESRCH		there is no such process, it is gone, it has no memory
 *			any more, or that was taken from it when it was killed,
 *			its start time is another one, or it executed another
 *			program while the dump began
 *	ETIMEDOUT	the target could not be held, or not for long enough:
 *			the pause budget or the stall limit has passed
 *
 * Whatever the error, when the command returns the target runs, the locks on
 * the output are dropped, and a regular output file is empty if the dump had
 * begun to write it.
 */
#ifndef _UAPI_LINUX_PROCDUMP_H
#define _UAPI_LINUX_PROCDUMP_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Level of this ABI. It grows by one when a command, a structure member, a
 * flag, a mode or a compression is added; nothing is ever taken away.
 */
#define PROCDUMP_ABI		5

/* Path of the device node, mode 0600 unless the administrator changes it. */
#define PROCDUMP_DEVICE		"/dev/procdump"

/**
 * enum procdump_mode - how a dump is taken
 * @PROCDUMP_MODE_AUTO: the mode with the shortest pause that is possible and
 *	safe for the target: snapshot, else stop
 * @PROCDUMP_MODE_SNAPSHOT: the target is held while a copy-on-write copy of
 *	its memory is made, then released; the core is written from the copy
 * @PROCDUMP_MODE_STOP: the target is held until the core is written
 * @PROCDUMP_MODE_LIVE: nothing is held; registers are sampled a thread at a
 *	time and memory is read while it changes
 * @PROCDUMP_MODE_THREADS: registers, system calls and kernel stacks of all
 *	threads at one moment; the mappings are listed, but no memory is read
 */
enum procdump_mode {
	PROCDUMP_MODE_AUTO	= 0,
	PROCDUMP_MODE_SNAPSHOT	= 1,
	PROCDUMP_MODE_STOP	= 2,
	PROCDUMP_MODE_LIVE	= 3,
	PROCDUMP_MODE_THREADS	= 4
};

/**
 * enum procdump_compression - how the core is written
 * @PROCDUMP_COMPRESSION_NONE: as it is; zero pages become holes where the
 *	output is a regular file
 * @PROCDUMP_COMPRESSION_GZIP: RFC 1952, one or more members
 * @PROCDUMP_COMPRESSION_ZSTD: RFC 8878, one or more frames with checksums
 */
enum procdump_compression {
	PROCDUMP_COMPRESSION_NONE	= 0,
	PROCDUMP_COMPRESSION_GZIP	= 1,
	PROCDUMP_COMPRESSION_ZSTD	= 2
};

/**
 * enum procdump_consistency - what a finished core may be relied on for
 * @PROCDUMP_CONSISTENCY_NONE: nothing was dumped
 * @PROCDUMP_CONSISTENCY_LIVE: registers and memory are from different moments
 * @PROCDUMP_CONSISTENCY_PARTIAL: as ATOMIC, but the registers of some threads
 *	could not be read, somebody who shares the memory went on running, a
 *	thread was killed or born meanwhile, or some memory cannot be held by a
 *	snapshot (see out_threads_running, out_threads_lost, out_sharers and
 *	out_bytes_live)
 * @PROCDUMP_CONSISTENCY_ATOMIC: all registers and memory are from one moment
 *	with respect to what the target executes in user mode. System calls in
 *	flight, asynchronous I/O and DMA may still have written to memory.
 */
enum procdump_consistency {
	PROCDUMP_CONSISTENCY_NONE	= 0,
	PROCDUMP_CONSISTENCY_LIVE	= 1,
	PROCDUMP_CONSISTENCY_PARTIAL	= 2,
	PROCDUMP_CONSISTENCY_ATOMIC	= 3
};

/**
 * struct procdump_info - argument of PROCDUMP_IOC_INFO
 * @size: in: sizeof(struct procdump_info)
 * @out_abi: the driver's PROCDUMP_ABI
 * @out_flags: PROCDUMP_DUMP_* flags that PROCDUMP_IOC_DUMP takes here
 * @out_modes: bit 1 << PROCDUMP_MODE_* for each mode that works here
 * @out_compressions: bit 1 << PROCDUMP_COMPRESSION_* for each that works here
 * @out_commands: bit 1 << _IOC_NR(command) for each command that works here
 * @out_max_dumps: dumps of processes that may be in progress at once
 * @out_active: dumps in progress now, those of the kernel too
 * @out_stall_ms: a target is released when its dump makes no progress for
 *	this many milliseconds
 * @out_filter_mask: bits that the member filter of a request may have
 * @out_reserved: zero
 *
 * Needs no privilege beyond an open descriptor of the device.
 */
struct procdump_info {
	__u32	size;
	__u32	out_abi;
	__u64	out_flags;
	__u32	out_modes;
	__u32	out_compressions;
	__u32	out_commands;
	__u32	out_max_dumps;
	__u32	out_active;
	__u32	out_stall_ms;
	__u32	out_filter_mask;
	__u32	out_reserved;
};

/* Use the member filter instead of the target's own coredump_filter. */
#define PROCDUMP_DUMP_FILTER	0x1ULL
/*
 * Dump every mapping that can be read: neither a filter nor MADV_DONTDUMP
 * counts. Not together with PROCDUMP_DUMP_FILTER.
 */
#define PROCDUMP_DUMP_ALL	0x2ULL
/*
 * Wait, until killed, while other dumps are in progress: for a free place, and
 * for the end of another dump of the same process.
 */
#define PROCDUMP_DUMP_WAIT	0x4ULL
/*
 * When the target cannot be held for as long as the dump needs it, because the
 * pause budget or the stall limit has passed, release it and go on in mode live
 * instead of failing with ETIMEDOUT. What was read until then stays. Mode threads
 * stays what it is; its threads then ran while they were read.
 */
#define PROCDUMP_DUMP_FALLBACK	0x8ULL
/*
 * Leave nothing of the core in the page cache, where the output is a regular
 * file on a disk: what the disk has got is dropped there, and the dump waits for
 * the disk so that there are never more than a few megabytes of it.
 */
#define PROCDUMP_DUMP_DROP	0x10ULL
/*
 * With a limit: leave memory out until the core fits, uncompressed, in place of
 * failing with EFBIG. First come the stacks of all threads and what a debugger
 * needs to find programs and libraries, then what stacks and registers point
 * at, then what is around that, then the rest, the smallest mapping first.
 */
#define PROCDUMP_DUMP_TRIM	0x20ULL
/*
 * A small core: leave out all memory that a backtrace does not need. That is
 * the beginning of the order above.
 */
#define PROCDUMP_DUMP_MINI	0x40ULL

/*
 * Why a copy-on-write snapshot was not made: it could harm the target, or
 * cannot be made.
 */
#define PROCDUMP_HAZARD_KERNEL		0x01	/* not on this kernel */
#define PROCDUMP_HAZARD_DIRECT_IO	0x02	/* reads into its pages may be under way */
#define PROCDUMP_HAZARD_HUGETLB		0x04	/* private hugetlb mappings */
#define PROCDUMP_HAZARD_MEMORY		0x08	/* no room if all of it is rewritten */
#define PROCDUMP_HAZARD_USERFAULTFD	0x10	/* a userfaultfd is registered */
#define PROCDUMP_HAZARD_PINNED		0x20	/* much of it is pinned */
#define PROCDUMP_HAZARD_FILE		0x40	/* mapped files that a server may hold up */

/**
 * struct procdump_dump - argument of PROCDUMP_IOC_DUMP
 * @size: in: sizeof(struct procdump_dump)
 * @pid: process or thread id in the caller's pid namespace. The whole process
 *	is dumped; a thread that is named becomes the first in the core. 0 is
 *	the calling process itself
 * @flags: PROCDUMP_DUMP_*
 * @start_time: 0, or field 22 of /proc/PID/stat as the caller reads it (the
 *	time the named thread started, in clock ticks after boot). If the two
 *	differ the pid was used again, and the answer is ESRCH
 * @fd: where the core goes: a descriptor open for writing, not O_APPEND, of a
 *	regular file (written from offset 0, cut to size), a pipe, a socket or
 *	a character device. Files on /proc and /sys, block devices and this
 *	device are refused with EINVAL, a directory with EISDIR
 * @mode: enum procdump_mode
 * @compression: enum procdump_compression
 * @level: compression level; 0 is the default. gzip 1 to 9, zstd 1 to 19.
 *	Must be 0 without compression
 * @filter: with PROCDUMP_DUMP_FILTER: which mappings are dumped, bits as in
 *	/proc/PID/coredump_filter, see core(5); else 0
 * @reserved: zero
 * @limit: 0, or the most bytes that may be written to fd; a core that would
 *	be larger fails with EFBIG, but see PROCDUMP_DUMP_TRIM
 * @max_pause_ns: 0, or the most nanoseconds for which the target may be held;
 *	a dump that would need more fails with ETIMEDOUT. Does not count in
 *	mode live
 * @out_mode: enum procdump_mode that was used
 * @out_consistency: enum procdump_consistency that was reached
 * @out_threads: threads in the core
 * @out_threads_parked: of these, threads that waited for the end of the hold
 *	on their way to user mode
 * @out_threads_off_cpu: of these, threads that were not running (asleep,
 *	stopped, traced or preempted) and were read from outside
 * @out_threads_running: of these, threads that did not leave the kernel in
 *	time; their registers in the core are zero
 * @out_threads_lost: threads that ended before they could be read; not in
 *	the core
 * @out_sharers: threads outside the target, also of the kernel, that share its
 *	memory and were not held
 * @out_segments: PT_LOAD segments in the core
 * @out_compression: enum procdump_compression that was used
 * @out_bytes_raw: bytes of the uncompressed core, holes included
 * @out_bytes_written: bytes that were written to fd, holes not included
 * @out_bytes_file: the length of the output: file size, or bytes sent
 * @out_hazards: PROCDUMP_HAZARD_*: why mode auto did not take a snapshot, or
 *	mode snapshot failed with EOPNOTSUPP
 * @out_reserved: zero
 * @out_bytes_live: bytes of @out_bytes_raw that a snapshot cannot hold (shared
 *	mappings that can be written, MADV_DONTFORK, MADV_WIPEONFORK) and that
 *	were read while the target ran; in mode live, all of them
 * @out_pages: pages of memory in the core that hold data
 * @out_pages_zero: pages within segments that were never touched, or are all
 *	zero and became holes
 * @out_pages_missing: pages that could not be read; they read as zero in the
 *	core and are listed in its last note
 * @out_hold_ns: nanoseconds from the first thread gated until none executed
 *	anything any more: each was parked or off the CPU. In mode live, until
 *	the last was read
 * @out_snapshot_ns: nanoseconds that the copy of the address space took
 * @out_pause_ns: nanoseconds from the first thread gated to the last released;
 *	in mode live the longest that one thread was held
 * @out_total_ns: nanoseconds for the whole command
 * @out_bytes_left: bytes of memory that PROCDUMP_DUMP_TRIM or
 *	PROCDUMP_DUMP_MINI left out. They are segments without bytes in the file
 *
 * Another process needs CAP_SYS_PTRACE in the user namespaces of the target's
 * credentials and of its memory, and the permission to attach to it with
 * ptrace(2), which security modules take part in. Dumping oneself needs a
 * process that is dumpable, see PR_SET_DUMPABLE in prctl(2), or CAP_SYS_PTRACE
 * in the user namespace of its memory.
 *
 * The command sleeps, for as long as the output takes. A signal that kills
 * the caller ends it at any time; no other signal does, but for a write to a
 * pipe or socket that is blocked.
 */
struct procdump_dump {
	__u32	size;
	__s32	pid;
	__u64	flags;
	__u64	start_time;
	__s32	fd;
	__u32	mode;
	__u32	compression;
	__s32	level;
	__u32	filter;
	__u32	reserved;
	__u64	limit;
	__u64	max_pause_ns;

	__u32	out_mode;
	__u32	out_consistency;
	__u32	out_threads;
	__u32	out_threads_parked;
	__u32	out_threads_off_cpu;
	__u32	out_threads_running;
	__u32	out_threads_lost;
	__u32	out_sharers;
	__u32	out_segments;
	__u32	out_compression;
	__u32	out_hazards;
	__u32	out_reserved;
	__u64	out_bytes_raw;
	__u64	out_bytes_written;
	__u64	out_bytes_file;
	__u64	out_bytes_live;
	__u64	out_pages;
	__u64	out_pages_zero;
	__u64	out_pages_missing;
	__u64	out_hold_ns;
	__u64	out_snapshot_ns;
	__u64	out_pause_ns;
	__u64	out_total_ns;
	__u64	out_bytes_left;
};

/* Dump the array of struct page too: 1.6 % of all memory. */
#define PROCDUMP_KERNEL_VMEMMAP		0x1ULL
/* Fail with EAGAIN unless every CPU stood still for all that was copied. */
#define PROCDUMP_KERNEL_STRICT		0x2ULL
/* Only fill in the report, out_bytes_raw above all; fd must be -1. */
#define PROCDUMP_KERNEL_ESTIMATE	0x4ULL
/* Wait, until killed, while another dump of the kernel is in progress. */
#define PROCDUMP_KERNEL_WAIT		0x8ULL
/* Stop no CPU. What is dumped may then contradict itself. Not with STRICT. */
#define PROCDUMP_KERNEL_NO_FREEZE	0x10ULL
/*
 * Write only the report on tasks, as text: what PROCDUMP_NT_REPORT has in a
 * dump. Not with ESTIMATE or VMEMMAP.
 */
#define PROCDUMP_KERNEL_STACKS		0x20ULL

/* CPUs that out_cpus_missing has a bit for. */
#define PROCDUMP_KERNEL_CPUS		1024

/**
 * struct procdump_kernel - argument of PROCDUMP_IOC_KERNEL
 * @size: in: sizeof(struct procdump_kernel)
 * @fd: as in struct procdump_dump
 * @flags: PROCDUMP_KERNEL_*
 * @compression: enum procdump_compression
 * @level: as in struct procdump_dump
 * @limit: as in struct procdump_dump
 * @out_consistency: ATOMIC if all of the dump, or of the report on tasks, was
 *	copied while all CPUs stood still, PARTIAL if all tasks and stacks
 *	were and it was known of each page what it is for, and LIVE if not, or
 *	if a CPU did not answer
 * @out_segments: PT_LOAD segments in the dump
 * @out_cpus: CPUs online
 * @out_cpus_stopped: of these, CPUs that stood still until all was copied, the
 *	caller's included
 * @out_cpus_nmi: of the others, those whose registers an NMI has got
 * @out_reserved: zero
 * @out_cpus_missing: bit N % 64 of element N / 64: CPU N did not stop, or not
 *	for so long
 * @out_bytes_raw: bytes of the uncompressed dump
 * @out_bytes_written: bytes that were written to fd, holes not included
 * @out_bytes_file: the length of the output: file size, or bytes sent
 * @out_pages: pages of memory in the dump
 * @out_pages_frozen: of these, pages that were copied while CPUs stood still
 * @out_pages_missing: of these, pages that could not be read, or that the
 *	kernel had given away before they were; they read as zero
 * @out_pages_reserved: pages in the dump: the kernel's image and what was
 *	allocated at boot
 * @out_pages_slab: pages in the dump: slab
 * @out_pages_table: pages in the dump: page tables of processes
 * @out_pages_other: pages in the dump: other allocations of the kernel
 * @out_pages_vmemmap: pages left out: struct pages
 * @out_pages_user: pages left out: anonymous and huge memory of processes
 * @out_pages_cache: pages left out: page cache and shared memory
 * @out_pages_free: pages left out: free, or reserved for a crash kernel
 * @out_pages_offline: pages left out: offline, given back to a hypervisor
 * @out_pages_poison: pages left out: with a memory error
 * @out_freeze_ns: nanoseconds for which CPUs stood still
 * @out_total_ns: nanoseconds for the whole command
 *
 * Needs CAP_SYS_ADMIN and CAP_SYS_RAWIO in the initial user namespace, and a
 * kernel that is not locked down against reading its memory (EPERM).
 * EOPNOTSUPP: not x86-64, a guest with encrypted memory, or a kernel
 * without CONFIG_SPARSEMEM_VMEMMAP. EAGAIN: see PROCDUMP_KERNEL_STRICT.
 */
struct procdump_kernel {
	__u32	size;
	__s32	fd;
	__u64	flags;
	__u32	compression;
	__s32	level;

	__u64	limit;
	__u32	out_consistency;
	__u32	out_segments;
	__u32	out_cpus;
	__u32	out_cpus_stopped;
	__u32	out_cpus_nmi;
	__u32	out_reserved;
	__u64	out_cpus_missing[16];
	__u64	out_bytes_raw;
	__u64	out_bytes_written;
	__u64	out_bytes_file;
	__u64	out_pages;
	__u64	out_pages_frozen;
	__u64	out_pages_missing;
	__u64	out_pages_reserved;
	__u64	out_pages_slab;
	__u64	out_pages_table;
	__u64	out_pages_other;
	__u64	out_pages_vmemmap;
	__u64	out_pages_user;
	__u64	out_pages_cache;
	__u64	out_pages_free;
	__u64	out_pages_offline;
	__u64	out_pages_poison;
	__u64	out_freeze_ns;
	__u64	out_total_ns;
};

/* Sizes of the first version of each structure, the least that is taken. */
#define PROCDUMP_INFO_SIZE_VER0		48
#define PROCDUMP_DUMP_SIZE_VER0		200
#define PROCDUMP_DUMP_SIZE_VER1		208
#define PROCDUMP_KERNEL_SIZE_VER0	24
#define PROCDUMP_KERNEL_SIZE_VER1	328

#define PROCDUMP_IOC_MAGIC	0xD7

#define PROCDUMP_IOC_INFO	_IO(PROCDUMP_IOC_MAGIC, 0)
#define PROCDUMP_IOC_DUMP	_IO(PROCDUMP_IOC_MAGIC, 1)
#define PROCDUMP_IOC_KERNEL	_IO(PROCDUMP_IOC_MAGIC, 2)

/*
 * Notes of our own in a core, owner name PROCDUMP_NOTE_NAME. Their contents
 * are in the byte order of the core and have the layout below whatever the
 * class of the core; readers must accept a longer one.
 */
#define PROCDUMP_NOTE_NAME	"PROCDUMP"

/*
 * Types that no other owner uses: some readers look at the type alone. In the
 * first PT_NOTE segment: one of each dump, and one of each thread.
 */
#define PROCDUMP_NT_DUMP	0x50440001 /* struct procdump_note_dump */
#define PROCDUMP_NT_THREAD	0x50440002 /* struct procdump_note_thread */
/* Alone in the last PT_NOTE segment, which is the last bytes of the core. */
#define PROCDUMP_NT_END		0x50440003 /* struct procdump_note_end */
/*
 * Behind the PROCDUMP_NT_THREAD of its thread: the thread's kernel stack as
 * text, a frame a line, the innermost first, each "symbol+offset/size [module]"
 * in hexadecimal. There is none for a thread that was on its way to user mode
 * or has run since its registers were read. Only for a caller with
 * CAP_SYS_ADMIN in the initial user namespace.
 */
#define PROCDUMP_NT_STACK	0x50440004

/* In the first PT_NOTE segment of a minidump: its struct procdump_kernel. */
#define PROCDUMP_NT_KERNEL	0x50440005
/*
 * Behind it, text: what each CPU executed; the stacks of tasks in state D and
 * of those that wait for a lock, with the owner of the lock if it is a mutex
 * or an rw_semaphore; who waits for whom, and cycles in that; the kernel's log.
 */
#define PROCDUMP_NT_REPORT	0x50440006

/**
 * struct procdump_note_dump - contents of a PROCDUMP_NT_DUMP note
 * @version: 1
 * @abi: PROCDUMP_ABI of the driver
 * @mode_asked: enum procdump_mode of the request
 * @mode: enum procdump_mode that was used
 * @pid: process id of the target, in the dumper's pid namespace
 * @threads: threads in the core
 * @realtime_ns: when the target was held, in nanoseconds since 1970
 * @boottime_ns: the same by CLOCK_BOOTTIME
 * @hold_ns: as out_hold_ns
 * @release: the kernel's release, as in utsname
 */
struct procdump_note_dump {
	__u32	version;
	__u32	abi;
	__u32	mode_asked;
	__u32	mode;
	__s32	pid;
	__u32	threads;
	__u64	realtime_ns;
	__u64	boottime_ns;
	__u64	hold_ns;
	char	release[64];
};

/* How a thread was caught, in struct procdump_note_thread. */
#define PROCDUMP_CAUGHT_NOT	0	/* runs, or executes; registers are zero */
#define PROCDUMP_CAUGHT_PARKED	1	/* on its way to user mode */
#define PROCDUMP_CAUGHT_OFF_CPU	2	/* not running; read from outside */
#define PROCDUMP_CAUGHT_SELF	3	/* the caller of the ioctl */
#define PROCDUMP_CAUGHT_WORKER	4	/* made by the kernel for the target */

/* The FPU state was that of a virtual machine which the thread runs: no note. */
#define PROCDUMP_THREAD_NO_FPU	0x01

/* Bytes of a function's name in a PROCDUMP_NT_THREAD note. */
#define PROCDUMP_WCHAN_LEN	64

/**
 * struct procdump_note_thread - contents of a PROCDUMP_NT_THREAD note
 *
 * It follows the NT_PRSTATUS of its thread, before that of the next. Ids in
 * NT_PRSTATUS and NT_PRPSINFO are those of the target's own pid namespace, as
 * its memory knows them; here they are the dumper's.
 *
 * @tid: thread id, in the dumper's pid namespace
 * @caught: PROCDUMP_CAUGHT_*
 * @state: the letter for the thread's state in /proc/PID/stat when held
 * @reserved: zero
 * @flags: PROCDUMP_THREAD_*
 * @start_time_ns: when the thread started, by CLOCK_BOOTTIME
 * @comm: the thread's name
 * @syscall: number of the system call that the thread is in, or has just ended;
 *	-1 if it was interrupted in user mode, or its registers are not known
 * @args: the arguments of that call, as /proc/PID/syscall has them
 * @wchan: the kernel function that the thread sleeps in, without a final zero
 *	if it fills the room; empty if it does not sleep, has run since its
 *	registers were read, or this kernel does not tell
 */
struct procdump_note_thread {
	__s32	tid;
	__u32	caught;
	char	state;
	char	reserved[3];
	__u32	flags;
	__u64	start_time_ns;
	char	comm[16];
	__s64	syscall;
	__u64	args[6];
	char	wchan[PROCDUMP_WCHAN_LEN];
};

/* How many ranges of missing pages a PROCDUMP_NT_END note has room for. */
#define PROCDUMP_NOTE_RANGES	32

/**
 * struct procdump_note_end - contents of the PROCDUMP_NT_END note
 * @version: 1
 * @consistency: enum procdump_consistency
 * @pages: as out_pages
 * @pages_zero: as out_pages_zero
 * @pages_missing: as out_pages_missing
 * @pause_ns: as out_pause_ns, so far
 * @ranges: entries used in @range
 * @reserved: zero
 * @range: the first ranges of pages that are missing, by address
 * @bytes_left: as out_bytes_left; from ABI 5 on
 *
 * A core that ends before this note was cut and is not to be trusted.
 */
struct procdump_note_end {
	__u32	version;
	__u32	consistency;
	__u64	pages;
	__u64	pages_zero;
	__u64	pages_missing;
	__u64	pause_ns;
	__u32	ranges;
	__u32	reserved;
	struct {
		__u64	start;
		__u64	end;
	}	range[PROCDUMP_NOTE_RANGES];
	__u64	bytes_left;
};

#endif /* _UAPI_LINUX_PROCDUMP_H */
