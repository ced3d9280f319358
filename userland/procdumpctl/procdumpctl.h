/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * procdumpctl(8): what all verbs share.
 *
 * A verb returns an exit code. Standard output carries data only; everything
 * for people goes to standard error, by way of warnx(3).
 */
#ifndef PROCDUMPCTL_H
#define PROCDUMPCTL_H

#include <err.h>
#include <stdbool.h>
#include <stddef.h>
#include <libprocdump.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Exit codes, part of the interface. 128 + N: ended by signal N. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_PROCESS = 3,
	EXIT_NOT_PERMITTED = 4,
	EXIT_UNABLE = 5,
	EXIT_INCOMPLETE = 6,
	EXIT_BUSY = 7,
	EXIT_SIGNAL = 128
};

/* Verbs: one file each. argv[0] is the program, the verb is left out. */
int verb_dump(int argc, char **argv);
int verb_kernel(int argc, char **argv);
int verb_info(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_stacks(int argc, char **argv);
int verb_status(int argc, char **argv);

/* main.c */
int usage_help(void);
int usage_version(void);
int usage_try(void);

/* Say in one line what to do instead, and return EXIT_USAGE. */
#define usage_wrong(...) (warnx(__VA_ARGS__), usage_try())

/* message.c */
const char *device_path(void);
int open_device(int *dev);
bool message_of_output(int err);
int message_exit_code(int err, const struct procdump_dump *req);
int message_failure(int err, const char *what, const struct procdump_dump *req);

/* text.c */
#define TEXT_SIZE 16
char *text_size(char buf[TEXT_SIZE], __u64 bytes);
void text_lines(char *text, size_t len);
char *text_clean(char *dst, size_t size, const char *src, size_t len);
int text_number(const char *text, int base, __u64 max, __u64 *value);
int text_bytes(const char *text, __u64 *value);
int text_ms(const char *text, __u64 *ns);

#endif /* PROCDUMPCTL_H */
