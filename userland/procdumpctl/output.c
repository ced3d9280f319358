// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a core goes: a new file, or an output that exists already.
 *
 * A new file has no name until it is complete (O_TMPFILE), so that nothing is
 * left of it whatever happens to us. Where the file system cannot do that it
 * has a name that does not look like a core's. It gets its own name at the
 * end, in one step, and never in place of another file unless told so.
 *
 * All functions say what went wrong and return an exit code.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "procdumpctl.h"
#include "worker.h"

#define NAME_TRIES 5

static int failed(const struct output *output, const char *what)
{
	warn("%s: %s", output->path, what);
	return EXIT_FAILED;
}

static void make_temp_name(struct output *output, pid_t pid)
{
	unsigned int number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		number = (unsigned int)clock() ^ (unsigned int)getpid();
	snprintf(output->temp, sizeof(output->temp), ".procdump.%d.%06x.tmp",
		 (int)pid, number & 0xffffff);
}

static int open_temp(struct output *output, pid_t pid)
{
	int tries = 100;

	output->fd = openat(output->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC,
			    0600);
	make_temp_name(output, pid);
	while (output->fd < 0 && tries--) {
		output->fd = openat(output->dir, output->temp,
				    O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY |
					    O_CLOEXEC,
				    0600);
		output->named = output->fd >= 0;
		if (output->named || errno != EEXIST)
			break;
		make_temp_name(output, pid);
	}
	/* Whatever the umask is. */
	if (output->fd < 0 || fchmod(output->fd, 0600))
		return failed(output, "cannot create a file");
	return EXIT_DONE;
}

static int open_dir(struct output *output, const char *directory, pid_t pid)
{
	output->dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (output->dir < 0) {
		warn("%s: cannot open the directory; create it or name another",
		     directory);
		return EXIT_FAILED;
	}
	return open_temp(output, pid);
}

static int too_long(const char *directory)
{
	return usage_wrong("%s: too long: change to it and name none",
			   directory);
}

static void init(struct output *output, const char *path)
{
	*output = (struct output){ .fd = -1, .dir = -1 };
	snprintf(output->path, sizeof(output->path), "%s", path);
}

/**
 * output_open_directory() - open a file that will be named after a process
 * @output: the answer
 * @directory: where the file will be; the string must stay
 * @name: the process
 *
 * Return: EXIT_DONE, or another exit code.
 */
int output_open_directory(struct output *output, const char *directory,
			  const struct output_name *name)
{
	init(output, directory);
	if (strlen(directory) + NAME_MAX + 2 > PATH_MAX)
		return too_long(directory);
	output->directory = directory;
	return open_dir(output, directory, name->pid);
}

/**
 * output_open_at() - open a file whose name is known, and not looked at
 * @output: the answer
 * @dir: where the file will be
 * @directory: what to call that
 * @name: its name there
 *
 * Return: EXIT_DONE, or another exit code.
 */
int output_open_at(struct output *output, int dir, const char *directory,
		   const char *name)
{
	*output = (struct output){ .fd = -1, .dir = -1 };
	if (snprintf(output->path, sizeof(output->path), "%s/%s", directory,
		     name) >= (int)sizeof(output->path))
		return too_long(directory);
	snprintf(output->name, sizeof(output->name), "%s", name);
	output->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (output->dir < 0)
		return failed(output, "cannot create a file");
	return open_temp(output, getpid());
}

/* Return: the directory that @file is in, to be freed. */
static char *directory_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *directory;

	if (!slash)
		directory = strdup(".");
	else
		directory = strndup(file,
				    slash == file ? 1 : (size_t)(slash - file));
	if (!directory)
		err(EXIT_FAILED, "%s", file);
	return directory;
}

static int open_regular(struct output *output, const char *file, pid_t pid)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	char *directory;
	int ret;

	if (!*base || !strcmp(base, ".") || !strcmp(base, "..") ||
	    strlen(base) > NAME_MAX || strlen(file) >= PATH_MAX)
		return usage_wrong("%s: -o needs the name of a file", file);
	snprintf(output->name, sizeof(output->name), "%s", base);
	directory = directory_of(file);
	ret = open_dir(output, directory, pid);
	free(directory);
	return ret;
}

/*
 * A FIFO that somebody else has put where all may write, for us to find. The rule is
 * that of fs.protected_fifos, see proc(5), which is about O_CREAT only.
 */
static bool is_planted(const char *file, const struct stat *fifo)
{
	char *path, *directory;
	struct stat dir;
	bool known;

	if (!S_ISFIFO(fifo->st_mode) || fifo->st_uid == geteuid())
		return false;
	path = realpath(file, NULL);
	/* What is behind /dev/fd has no path. */
	directory = directory_of(path ? path : file);
	known = !stat(directory, &dir);
	free(directory);
	free(path);
	return !known || (dir.st_mode & S_ISVTX && dir.st_mode & 0022 &&
			  fifo->st_uid != dir.st_uid);
}

/*
 * The open of a FIFO waits for a reader, and there is nothing to clean up, so
 * signals may end it. What was opened may not be what was looked at before.
 */
static int open_stream(struct output *output, const char *file)
{
	struct stat st;

	signals_allow();
	output->fd = open(file, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	signals_block();
	if (output->fd < 0 || fstat(output->fd, &st))
		return failed(output, "cannot open");
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) {
		warnx("%s: changed while it was opened", file);
		return EXIT_FAILED;
	}
	if (is_planted(file, &st)) {
		warnx("%s: a FIFO of user %u in a directory for all; use one of your own",
		      file, (unsigned int)st.st_uid);
		return EXIT_FAILED;
	}
	if (isatty(output->fd))
		return usage_wrong("%s is a terminal: name a file", file);
	return EXIT_DONE;
}

/* By another name, as /dev/stdout: what else we print would be in the core. */
static bool is_stdout(const struct stat *st)
{
	struct stat out;

	return !fstat(STDOUT_FILENO, &out) && out.st_dev == st->st_dev &&
	       out.st_ino == st->st_ino;
}

/**
 * output_open_file() - open the output that the user named
 * @output: the answer
 * @file: its path
 * @pid: the process
 * @force: a regular file that exists may be replaced
 *
 * Return: EXIT_DONE, or another exit code.
 */
int output_open_file(struct output *output, const char *file, pid_t pid,
		     bool force)
{
	struct stat st;

	init(output, file);
	if (stat(file, &st)) {
		if (errno != ENOENT)
			return failed(output, "cannot open");
		if (lstat(file, &st))
			return open_regular(output, file, pid);
	}
	if ((S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)) && is_stdout(&st))
		return usage_wrong("%s is standard output: use -o -", file);
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		return open_stream(output, file);
	if (S_ISDIR(st.st_mode))
		return usage_wrong("%s is a directory: leave out -o", file);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
		warnx("%s: cannot take a core; name a file, pipe or character device",
		      file);
		return EXIT_FAILED;
	}
	if (!force) {
		warnx("%s: exists; replace it with -f, or name another file",
		      file);
		return EXIT_FAILED;
	}
	return open_regular(output, file, pid);
}

/**
 * output_open_stdout() - let the core go to standard output
 * @output: the answer
 *
 * Return: EXIT_DONE, or another exit code.
 */
int output_open_stdout(struct output *output)
{
	struct stat st;
	int flags;

	init(output, "-");
	if (isatty(STDOUT_FILENO))
		return usage_wrong("standard output is a terminal: use a pipe");
	flags = fcntl(STDOUT_FILENO, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return usage_wrong("open standard output for writing");
	if (flags & O_APPEND)
		return usage_wrong("use > and not >> for standard output");
	/* The driver makes all of a file a core. */
	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) &&
	    lseek(STDOUT_FILENO, 0, SEEK_CUR) > 0)
		return usage_wrong("standard output has something: use a file for each core");
	output->fd = STDOUT_FILENO;
	return EXIT_DONE;
}

static int make_name(struct output *output, const struct output_name *name)
{
	const char *slash = "/";
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	size_t len;

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(output->name, sizeof(output->name), "core.%s.%d.%s%s",
		 name->comm, (int)name->pid, when, name->suffix);
	len = strlen(output->directory);
	if (output->directory[len - 1] == '/')
		slash = "";
	if (!strcmp(output->directory, "."))
		len = 0;
	return snprintf(output->path, sizeof(output->path), "%.*s%s%s",
			(int)len, output->directory, len ? slash : "",
			output->name) < (int)sizeof(output->path) ?
		       0 :
		       -1;
}

/*
 * btrfs forgets to fsync() a file that has no name yet (6.12: the look at i_nlink
 * in btrfs_log_inode_parent()), and would have an empty one after a crash.
 */
static int link_unnamed(const struct output *output, const char *name)
{
	char path[32];
	int error;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", output->fd);
	if (linkat(AT_FDCWD, path, output->dir, name, AT_SYMLINK_FOLLOW))
		return -1;
	if (!fsync(output->fd))
		return 0;
	error = errno;
	unlinkat(output->dir, name, 0);
	errno = error;
	return -1;
}

static int rename_new(const struct output *output)
{
	if (!renameat2(output->dir, output->temp, output->dir, output->name,
		       RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL)
		return -1;
	if (linkat(output->dir, output->temp, output->dir, output->name, 0))
		return -1;
	return unlinkat(output->dir, output->temp, 0);
}

static int give_name(struct output *output, bool force)
{
	int ret;

	if (!output->named && !force)
		return link_unnamed(output, output->name);
	if (!output->named) {
		if (link_unnamed(output, output->temp))
			return -1;
		output->named = true;
	}
	ret = force ? renameat(output->dir, output->temp, output->dir,
			       output->name) :
		      rename_new(output);
	if (!ret)
		output->named = false;
	return ret;
}

/* The time is part of the name: a name that is taken is free in a second. */
static int give_free_name(struct output *output, bool force,
			  const struct output_name *name)
{
	int tries = NAME_TRIES;

	while (tries--) {
		if (output->directory && make_name(output, name)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (!give_name(output, force))
			return 0;
		if (errno != EEXIST || !output->directory)
			return -1;
		sleep(1);
	}
	errno = EEXIST;
	return -1;
}

/* Who writes to standard output after us shall write behind the core. */
static void leave_stdout(void)
{
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode))
		lseek(STDOUT_FILENO, 0, SEEK_END);
}

/**
 * output_publish() - give a complete core its name
 * @output: an open output, whose data is on the disk
 * @force: a file of that name may be replaced, if the user named it
 * @name: as for output_open_directory()
 *
 * Return: EXIT_DONE, or another exit code.
 */
int output_publish(struct output *output, bool force,
		   const struct output_name *name)
{
	if (output->fd == STDOUT_FILENO)
		leave_stdout();
	if (output->dir < 0)
		return EXIT_DONE;
	force = force && !output->directory;
	if (give_free_name(output, force, name))
		return failed(output, "cannot give the core its name");
	if (fsync(output->dir) && errno != EINVAL) {
		failed(output, "cannot write the directory");
		/* What it replaced is gone: better this one than none. */
		if (!force)
			unlinkat(output->dir, output->name, 0);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/**
 * output_close() - close an output; without a name, it is gone
 * @output: an output, whether it could be opened or not
 */
void output_close(struct output *output)
{
	if (output->named)
		unlinkat(output->dir, output->temp, 0);
	if (output->fd >= 0 && output->fd != STDOUT_FILENO)
		close(output->fd);
	if (output->dir >= 0)
		close(output->dir);
	output->named = false;
	output->fd = -1;
	output->dir = -1;
}
