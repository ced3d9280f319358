// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb status: what the driver can do on this kernel, and what it does.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "json.h"
#include "procdumpctl.h"

static const char *const flag_names[] = {
	"filter",
	"all",
	"wait",
	"fallback",
	"drop",
	"trim",
	"mini",
};

static const char *const command_names[] = {
	"info",
	"dump",
	"kernel",
};

static const char *flag_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(flag_names) ? flag_names[bit] : "unknown";
}

static const char *command_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(command_names) ? command_names[bit] : "unknown";
}

static void print_set(const char *title, __u64 set,
		      const char *(*name)(unsigned int bit))
{
	unsigned int bit;

	printf("%s:", title);
	for (bit = 0; bit < 64; bit++)
		if (set & 1ULL << bit)
			printf(" %s", name(bit));
	printf("\n");
}

static void print_text(const struct procdump_info *info)
{
	printf("version: %s\n", PROCDUMP_VERSION);
	printf("abi: %u\n", info->out_abi);
	print_set("commands", info->out_commands, command_name);
	print_set("modes", info->out_modes, procdump_mode_name);
	print_set("compressions", info->out_compressions,
		  procdump_compression_name);
	print_set("flags", info->out_flags, flag_name);
	printf("filter_mask: %#x\n", info->out_filter_mask);
	printf("max_dumps: %u\n", info->out_max_dumps);
	printf("active: %u\n", info->out_active);
	printf("stall_ms: %u\n", info->out_stall_ms);
}

static struct json_object *string_of(const char *name)
{
	return json_object_new_string(name);
}

static void add_set(struct json_object *object, const char *key, __u64 set,
		    const char *(*name)(unsigned int bit))
{
	struct json_object *array = json_object_new_array();
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (set & 1ULL << bit)
			json_object_array_add(array, string_of(name(bit)));
	json_object_object_add(object, key, array);
}

static void print_json(const struct procdump_info *info)
{
	struct json_object *object = json_object_new_object();

	json_add_string(object, "version", PROCDUMP_VERSION);
	json_add_number(object, "abi", info->out_abi);
	add_set(object, "commands", info->out_commands, command_name);
	add_set(object, "modes", info->out_modes, procdump_mode_name);
	add_set(object, "compressions", info->out_compressions,
		procdump_compression_name);
	add_set(object, "flags", info->out_flags, flag_name);
	json_add_number(object, "filter_mask", info->out_filter_mask);
	json_add_number(object, "max_dumps", info->out_max_dumps);
	json_add_number(object, "active", info->out_active);
	json_add_number(object, "stall_ms", info->out_stall_ms);
	json_print(object, stdout);
}

static int ask(struct procdump_info *info)
{
	int dev, ret;

	ret = open_device(&dev);
	if (ret)
		return ret;
	if (procdump_info(dev, info))
		ret = message_failure(errno, device_path(), NULL);
	procdump_close(dev);
	return ret;
}

int verb_status(int argc, char **argv)
{
	struct procdump_info info = PROCDUMP_INFO_INIT;
	bool json;
	int ret = json_option(argc, argv, &json);

	if (ret >= 0)
		return ret;
	if (optind < argc)
		return usage_wrong("status takes no operand: leave out %s",
				   argv[optind]);
	ret = ask(&info);
	if (ret)
		return ret;
	if (json)
		print_json(&info);
	else
		print_text(&info);
	return EXIT_DONE;
}
