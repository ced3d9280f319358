// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a dump of the kernel did, or why there is none: for people, for info.N,
 * and for programs.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "json.h"
#include "kernel.h"
#include "procdumpctl.h"

static const struct reason {
	int err;
	const char *text;
	const char *hint;
} reasons[] = {
	{ EACCES, "the output cannot be written: permission denied",
	  "write elsewhere" },
	{ EAGAIN, "not all could be copied while it stood still",
	  "go without --strict, or raise freeze_ms or freeze_mib" },
	{ EBUSY, "another dump of the kernel is in progress, or the output is in use",
	  "wait with -w, or try again" },
	{ EDQUOT, "the disk quota is used up",
	  "compress with -Z, or write elsewhere" },
	{ EFBIG, "the dump is larger than RLIMIT_FSIZE, or than a file can be",
	  "compress with -Z, or write elsewhere" },
	{ EINTR, "the process that took the dump was killed", "try again" },
	{ ENODEV, "the output cannot be written: no such device",
	  "write elsewhere" },
	{ ENOENT, "the output cannot be written: not found",
	  "write elsewhere" },
	{ ENOMEM, "not enough memory", "try again when more is free" },
	{ ENOSPC, "no space is left", "compress with -Z, or write elsewhere" },
	{ ENXIO, "the output cannot be written: no such device or address",
	  "write elsewhere" },
	{ ENOTTY, "the driver knows no dumps of the kernel",
	  "load the one of this version" },
	{ EOPNOTSUPP,
	  "memory is encrypted, or no vmemmap, or no such compression",
	  "see procdump(4), and what procdumpctl status says" },
	{ EPERM, "CAP_SYS_ADMIN and CAP_SYS_RAWIO are needed, and no lockdown",
	  NULL },
};

static const struct reason *find_reason(int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].err == error)
			return &reasons[i];
	return NULL;
}

/**
 * kernel_reason() - why there is no dump of the kernel
 * @error: errno of the ioctl
 *
 * Return: a string, which may be that of strerror(3).
 */
const char *kernel_reason(int error)
{
	const struct reason *reason = find_reason(error);

	return reason ? reason->text : strerror(error);
}

/**
 * kernel_refused() - say why there is no dump of the kernel
 * @error: errno of the ioctl
 *
 * Return: exit code.
 */
int kernel_refused(int error)
{
	const struct reason *reason = find_reason(error);
	bool hint = reason && reason->hint;

	warnx("the kernel: %s%s%s", kernel_reason(error), hint ? "; " : "",
	      hint ? reason->hint : "");
	return message_of_output(error) ? EXIT_FAILED :
					  message_exit_code(error, NULL);
}

static bool cpu_is_missing(const struct procdump_kernel *req, int cpu)
{
	return req->out_cpus_missing[cpu / 64] >> cpu % 64 & 1;
}

static void print_pages(FILE *file, const struct procdump_kernel *req)
{
	fprintf(file, "pages: %llu\npages_frozen: %llu\npages_missing: %llu\n",
		req->out_pages, req->out_pages_frozen, req->out_pages_missing);
	fprintf(file, "pages_reserved: %llu\npages_slab: %llu\n",
		req->out_pages_reserved, req->out_pages_slab);
	fprintf(file, "pages_table: %llu\npages_other: %llu\n",
		req->out_pages_table, req->out_pages_other);
	fprintf(file, "left_out_vmemmap: %llu\nleft_out_user: %llu\nleft_out_cache: %llu\n",
		req->out_pages_vmemmap, req->out_pages_user,
		req->out_pages_cache);
	fprintf(file, "left_out_free: %llu\nleft_out_offline: %llu\nleft_out_poison: %llu\n",
		req->out_pages_free, req->out_pages_offline,
		req->out_pages_poison);
}

/**
 * kernel_print_info() - what is in info.N
 * @file: where it goes
 * @req: the request and its answer
 * @number: N
 */
void kernel_print_info(FILE *file, const struct procdump_kernel *req,
		       __u64 number)
{
	struct utsname name;
	char when[32] = "";
	time_t now = time(NULL);
	int cpu;

	uname(&name);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	fprintf(file, "Live dump of the kernel, number %llu\n", number);
	fprintf(file, "time: %s\nhost: %s\nrelease: %s\nversion: %s\n", when,
		name.nodename, name.release, name.version);
	fprintf(file, "compression: %s\nconsistency: %s\n",
		procdump_compression_name(req->compression),
		procdump_consistency_name(req->out_consistency));
	fprintf(file, "bytes: %llu\nbytes_raw: %llu\n", req->out_bytes_file,
		req->out_bytes_raw);
	fprintf(file, "cpus: %u\ncpus_stopped: %u\ncpus_nmi: %u\n",
		req->out_cpus, req->out_cpus_stopped, req->out_cpus_nmi);
	fprintf(file, "cpus_missing:");
	for (cpu = 0; cpu < PROCDUMP_KERNEL_CPUS; cpu++)
		if (cpu_is_missing(req, cpu))
			fprintf(file, " %d", cpu);
	fprintf(file, "\nfreeze_ns: %llu\ntotal_ns: %llu\n",
		req->out_freeze_ns, req->out_total_ns);
	print_pages(file, req);
}

static struct json_object *cpus_missing(const struct procdump_kernel *req)
{
	struct json_object *array = json_object_new_array();
	int cpu;

	for (cpu = 0; cpu < PROCDUMP_KERNEL_CPUS; cpu++)
		if (cpu_is_missing(req, cpu))
			json_object_array_add(array, json_object_new_int(cpu));
	return array;
}

/**
 * kernel_add_note() - add what a dump says of itself, in PROCDUMP_NT_KERNEL
 * @object: where it goes
 * @req: the request, and what was known when the note was made
 *
 * The names are those of the members of the structure, without out_.
 */
void kernel_add_note(struct json_object *object,
		     const struct procdump_kernel *req)
{
	json_add_number(object, "flags", req->flags);
	json_add_number(object, "segments", req->out_segments);
	json_add_number(object, "cpus", req->out_cpus);
	json_add_number(object, "cpus_stopped", req->out_cpus_stopped);
	json_add_number(object, "cpus_nmi", req->out_cpus_nmi);
	json_object_object_add(object, "cpus_missing", cpus_missing(req));
	json_add_number(object, "pages_reserved", req->out_pages_reserved);
	json_add_number(object, "pages_slab", req->out_pages_slab);
	json_add_number(object, "pages_table", req->out_pages_table);
	json_add_number(object, "pages_other", req->out_pages_other);
	json_add_number(object, "pages_vmemmap", req->out_pages_vmemmap);
	json_add_number(object, "pages_user", req->out_pages_user);
	json_add_number(object, "pages_cache", req->out_pages_cache);
	json_add_number(object, "pages_free", req->out_pages_free);
	json_add_number(object, "pages_offline", req->out_pages_offline);
	json_add_number(object, "pages_poison", req->out_pages_poison);
	json_add_number(object, "freeze_ns", req->out_freeze_ns);
}

/**
 * kernel_add_answer() - add what the driver said of a dump
 * @object: where it goes
 * @req: the request and its answer
 */
void kernel_add_answer(struct json_object *object,
		       const struct procdump_kernel *req)
{
	json_add_string(object, "consistency",
			procdump_consistency_name(req->out_consistency));
	json_add_string(object, "compression",
			procdump_compression_name(req->compression));
	json_add_number(object, "bytes_raw", req->out_bytes_raw);
	json_add_number(object, "bytes_written", req->out_bytes_written);
	json_add_number(object, "bytes_file", req->out_bytes_file);
	json_add_number(object, "pages", req->out_pages);
	json_add_number(object, "pages_frozen", req->out_pages_frozen);
	json_add_number(object, "pages_missing", req->out_pages_missing);
	json_add_number(object, "total_ns", req->out_total_ns);
	kernel_add_note(object, req);
}
