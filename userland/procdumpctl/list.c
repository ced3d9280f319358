// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb list: which cores are in a directory.
 *
 * Of files with the names that cores get, core.* and livecore.*, those are listed
 * that are cores. Others are not opened, and links are not followed: what is in
 * the directory may be somebody else's, who may change it meanwhile.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core.h"
#include "info.h"
#include "json.h"
#include "procdumpctl.h"

/**
 * struct entry - a core
 * @path: its file
 * @bytes: size of the file
 * @time_ns: when it was taken, or the file was written last; since 1970
 * @core: what is in it, without arrays
 */
struct entry {
	char *path;
	__u64 bytes;
	__u64 time_ns;
	struct core core;
};

/**
 * struct list - what was found
 * @directory: as it was given, or NULL for the current one
 * @entries: the cores
 * @count: number of them
 * @ret: exit code: whether all could be read
 */
struct list {
	const char *directory;
	struct entry *entries;
	size_t count;
	int ret;
};

static bool may_be_core(const char *name)
{
	return !strncmp(name, "core.", 5) || !strncmp(name, "livecore.", 9);
}

static char *path_of(const struct list *list, const char *name)
{
	char *path = NULL;
	bool slash;

	if (!list->directory) {
		path = strdup(name);
	} else {
		slash = list->directory[strlen(list->directory) - 1] == '/';
		if (asprintf(&path, "%s%s%s", list->directory, slash ? "" : "/",
			     name) < 0)
			path = NULL;
	}
	if (!path)
		err(EXIT_FAILED, "%s", name);
	return path;
}

/* Names are somebody's, too. */
static void complain(struct list *list, const char *path, const char *what)
{
	char clean[4 * PATH_MAX + 1];

	warnx("%s: %s", text_clean(clean, sizeof(clean), path, PATH_MAX), what);
	list->ret = EXIT_FAILED;
}

/* What is older than 1970 is from then. */
static __u64 time_of(const struct stat *st)
{
	if (st->st_mtim.tv_sec < 0)
		return 0;
	return (__u64)st->st_mtim.tv_sec * 1000000000 +
	       (__u64)st->st_mtim.tv_nsec;
}

static void add(struct list *list, char *path, int fd, const struct stat *st)
{
	struct entry *entry;
	char same[32];

	snprintf(same, sizeof(same), "/proc/self/fd/%d", fd);
	list->entries = core_grow(list->entries, list->count,
				  sizeof(*list->entries));
	entry = &list->entries[list->count];
	*entry = (struct entry){
		.path = path,
		.bytes = (__u64)st->st_size,
		.time_ns = time_of(st),
	};
	if (!core_read(&entry->core, same, true)) {
		if (entry->core.has_dump)
			entry->time_ns = entry->core.dump.realtime_ns;
		list->count++;
	} else {
		if (entry->core.complete != CORE_NONE)
			complain(list, path, entry->core.reason);
		free(path);
	}
	core_free(&entry->core);
}

/* Return: its descriptor, or -1 and errno, which is 0 for what is no regular file. */
static int open_regular(int dir, const char *name, struct stat *st)
{
	int fd;

	if (fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW))
		return -1;
	errno = 0;
	/* To open a FIFO would be noticed. */
	if (!S_ISREG(st->st_mode))
		return -1;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			       O_CLOEXEC);
	/* It may be another one by now. */
	if (fd >= 0 && !fstat(fd, st) && S_ISREG(st->st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void look_at(struct list *list, int dir, const char *name)
{
	char *path = path_of(list, name);
	struct stat st;
	int fd = open_regular(dir, name, &st);

	if (fd >= 0) {
		add(list, path, fd, &st);
		close(fd);
		return;
	}
	/* Others are none, and one that has gone meanwhile is none any more. */
	if (errno && errno != ENOENT && errno != ELOOP)
		complain(list, path, strerror(errno));
	free(path);
}

/* Return: 0, or -1 and errno. */
static int scan(struct list *list)
{
	DIR *dir = opendir(list->directory ? list->directory : ".");
	const struct dirent *file;
	int error;

	if (!dir)
		return -1;
	for (errno = 0; (file = readdir(dir)); errno = 0)
		if (may_be_core(file->d_name))
			look_at(list, dirfd(dir), file->d_name);
	error = errno;
	closedir(dir);
	errno = error;
	return error ? -1 : 0;
}

static int by_time(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return strcmp(a->path, b->path);
}

static void print_entry(const struct entry *entry)
{
	const struct core *core = &entry->core;
	char comm[4 * sizeof(core->process.comm) + 1] = "-";
	char path[4 * PATH_MAX + 1], size[TEXT_SIZE], when[64];
	char pid[16] = "-", missing[24] = "-";

	if (core->has_process) {
		text_clean(comm, sizeof(comm), core->process.comm,
			   sizeof(core->process.comm));
		/* The other is what the process is called in its namespace. */
		snprintf(pid, sizeof(pid), "%d",
			 core->has_dump ? core->dump.pid : core->process.pid);
	}
	if (core->has_end)
		snprintf(missing, sizeof(missing), "%llu",
			 core->end.pages_missing);
	printf("%.19sZ %7s %-15s %-8s %-8s %7s %9s %s\n",
	       info_time(entry->time_ns, when, sizeof(when)), pid,
	       core->has_kernel ? "the kernel" : comm,
	       core->has_dump ? procdump_mode_name(core->dump.mode) : "-",
	       info_complete(core), missing, text_size(size, entry->bytes),
	       text_clean(path, sizeof(path), entry->path, PATH_MAX));
}

static void print_text(const struct list *list)
{
	size_t i;

	if (!list->count) {
		warnx("%s: no cores", list->directory ? list->directory : ".");
		return;
	}
	printf("%-20s %7s %-15s %-8s %-8s %7s %9s %s\n", "TIME", "PID",
	       "PROCESS", "MODE", "COMPLETE", "MISSING", "SIZE", "FILE");
	for (i = 0; i < list->count; i++)
		print_entry(&list->entries[i]);
}

static void print_json(const struct list *list)
{
	struct json_object *top = json_object_new_object();
	struct json_object *cores = json_object_new_array();
	struct json_object *object;
	size_t i;

	for (i = 0; i < list->count; i++) {
		object = info_json(&list->entries[i].core,
				   list->entries[i].path);
		json_add_number(object, "bytes_file", list->entries[i].bytes);
		json_object_array_add(cores, object);
	}
	json_object_object_add(top, "cores", cores);
	json_print(top, stdout);
}

static int show(struct list *list, bool json)
{
	size_t i;

	if (scan(list)) {
		warn("%s: cannot read the directory; name another",
		     list->directory ? list->directory : ".");
		list->ret = EXIT_FAILED;
	}
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries),
		      by_time);
	if (json)
		print_json(list);
	else if (list->count || !list->ret)
		print_text(list);
	for (i = 0; i < list->count; i++)
		free(list->entries[i].path);
	free(list->entries);
	return list->ret;
}

int verb_list(int argc, char **argv)
{
	struct list list = { .ret = EXIT_DONE };
	bool json;
	int ret = json_option(argc, argv, &json);

	if (ret >= 0)
		return ret;
	if (argc - optind > 1)
		return usage_wrong("%s: give one directory only",
				   argv[optind + 1]);
	if (optind < argc)
		list.directory = argv[optind];
	if (list.directory && !*list.directory)
		return usage_wrong("the directory has no name");
	return show(&list, json);
}
