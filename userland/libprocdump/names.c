// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of the numbers in <linux/procdump.h>. They are part of the interface
 * of the library and of procdumpctl(8): never change one.
 */
#include <errno.h>
#include <string.h>

#include "libprocdump.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const modes[] = {
	[PROCDUMP_MODE_AUTO] = "auto",
	[PROCDUMP_MODE_SNAPSHOT] = "snapshot",
	[PROCDUMP_MODE_STOP] = "stop",
	[PROCDUMP_MODE_LIVE] = "live",
	[PROCDUMP_MODE_THREADS] = "threads",
};

static const char *const compressions[] = {
	[PROCDUMP_COMPRESSION_NONE] = "none",
	[PROCDUMP_COMPRESSION_GZIP] = "gzip",
	[PROCDUMP_COMPRESSION_ZSTD] = "zstd",
};

static const char *const consistencies[] = {
	[PROCDUMP_CONSISTENCY_NONE] = "none",
	[PROCDUMP_CONSISTENCY_LIVE] = "live",
	[PROCDUMP_CONSISTENCY_PARTIAL] = "partial",
	[PROCDUMP_CONSISTENCY_ATOMIC] = "atomic",
};

static const char *const caughts[] = {
	[PROCDUMP_CAUGHT_NOT] = "not",
	[PROCDUMP_CAUGHT_PARKED] = "parked",
	[PROCDUMP_CAUGHT_OFF_CPU] = "off-cpu",
	[PROCDUMP_CAUGHT_SELF] = "self",
	[PROCDUMP_CAUGHT_WORKER] = "worker",
};

static const char *const hazards[] = {
	"kernel", "direct-io", "hugetlb", "memory", "userfaultfd", "pinned",
	"file",
};

static const char *name_of(const char *const *names, size_t count,
			   unsigned int value)
{
	return value < count ? names[value] : "unknown";
}

static int value_of(const char *const *names, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	errno = EINVAL;
	return -1;
}

/**
 * procdump_mode_name() - name of a mode
 * @mode: enum procdump_mode
 *
 * Return: the name, or "unknown"; never NULL. The same is true of the other
 * functions of this file that give a name.
 */
const char *procdump_mode_name(unsigned int mode)
{
	return name_of(modes, COUNT(modes), mode);
}

/**
 * procdump_hazard_name() - name of a reason not to take a snapshot
 * @bit: number of the bit: PROCDUMP_HAZARD_* is 1 << @bit
 *
 * Return: the name, or NULL if there is no such bit.
 */
const char *procdump_hazard_name(unsigned int bit)
{
	return bit < COUNT(hazards) ? hazards[bit] : NULL;
}

/**
 * procdump_mode_value() - mode of a name
 * @name: as procdump_mode_name() gives it
 *
 * Return: enum procdump_mode, or -1 with errno EINVAL. The same is true of
 * the other functions of this file that give a value.
 */
int procdump_mode_value(const char *name)
{
	return value_of(modes, COUNT(modes), name);
}

/** procdump_compression_name() - name of an enum procdump_compression */
const char *procdump_compression_name(unsigned int compression)
{
	return name_of(compressions, COUNT(compressions), compression);
}

/** procdump_compression_value() - enum procdump_compression of a name */
int procdump_compression_value(const char *name)
{
	return value_of(compressions, COUNT(compressions), name);
}

/** procdump_consistency_name() - name of an enum procdump_consistency */
const char *procdump_consistency_name(unsigned int consistency)
{
	return name_of(consistencies, COUNT(consistencies), consistency);
}

/** procdump_consistency_value() - enum procdump_consistency of a name */
int procdump_consistency_value(const char *name)
{
	return value_of(consistencies, COUNT(consistencies), name);
}

/** procdump_caught_name() - name of one of PROCDUMP_CAUGHT_* */
const char *procdump_caught_name(unsigned int caught)
{
	return name_of(caughts, COUNT(caughts), caught);
}
