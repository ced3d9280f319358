// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shorthands for json-c. Addresses are strings, since many readers of JSON
 * cannot hold 64 bits in a number.
 */
#include <getopt.h>
#include <limits.h>

#include "json.h"
#include "procdumpctl.h"

void json_add_string(struct json_object *object, const char *key,
		     const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

/* For what is not known to be a string, or in UTF-8. */
void json_add_text(struct json_object *object, const char *key,
		   const char *text, size_t size)
{
	char clean[512];

	json_add_string(object, key,
			text_clean(clean, sizeof(clean), text, size));
}

/* JSON has no bytes that are no UTF-8, and names of files may have. */
void json_add_path(struct json_object *object, const char *path)
{
	char clean[4 * PATH_MAX + 1];

	json_add_string(object, "path",
			text_clean(clean, sizeof(clean), path, PATH_MAX));
}

void json_add_int(struct json_object *object, const char *key, int value)
{
	json_object_object_add(object, key, json_object_new_int(value));
}

void json_add_number(struct json_object *object, const char *key, __u64 value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

void json_add_address(struct json_object *object, const char *key, __u64 value)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx", value);
	json_add_string(object, key, text);
}

/**
 * json_print() - print an object, and drop it
 * @object: the object
 * @stream: where it goes
 */
void json_print(struct json_object *object, FILE *stream)
{
	const int flags = JSON_C_TO_STRING_PRETTY |
			  JSON_C_TO_STRING_NOSLASHESCAPE;

	fprintf(stream, "%s\n", json_object_to_json_string_ext(object, flags));
	json_object_put(object);
}

/**
 * json_print_results() - print one object whatever the number of results
 * @results: an array with an object for each; it is given up
 * @key: what the array is called
 * @asked: how many the user asked for: with one, its object is printed alone
 * @stream: where to
 */
void json_print_results(struct json_object *results, const char *key,
			size_t asked, FILE *stream)
{
	struct json_object *top;

	if (asked == 1 && json_object_array_length(results) == 1) {
		top = json_object_array_get_idx(results, 0);
		json_object_get(top);
		json_object_put(results);
	} else {
		top = json_object_new_object();
		json_object_object_add(top, key, results);
	}
	json_print(top, stream);
}

/**
 * json_option() - read the options of a verb that has none but --json
 * @argc: its command line
 * @argv: its command line
 * @json: whether --json is there
 *
 * Return: -1, or the exit code if there is no more to do.
 */
int json_option(int argc, char **argv, bool *json)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{}
	};
	int c;

	*json = false;
	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		if (c == 'h')
			return usage_help();
		if (c == 'V')
			return usage_version();
		if (c != 'j')
			return usage_try();
		*json = true;
	}
	return -1;
}
