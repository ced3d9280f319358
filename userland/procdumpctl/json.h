/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shorthands for json-c.
 */
#ifndef PROCDUMPCTL_JSON_H
#define PROCDUMPCTL_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

void json_add_string(struct json_object *object, const char *key,
		     const char *value);
void json_add_text(struct json_object *object, const char *key,
		   const char *text, size_t size);
void json_add_path(struct json_object *object, const char *path);
void json_add_int(struct json_object *object, const char *key, int value);
void json_add_number(struct json_object *object, const char *key, __u64 value);
void json_add_address(struct json_object *object, const char *key, __u64 value);
int json_option(int argc, char **argv, bool *json);
void json_print_results(struct json_object *results, const char *key,
			size_t asked, FILE *stream);
void json_print(struct json_object *object, FILE *stream);

#endif /* PROCDUMPCTL_JSON_H */
