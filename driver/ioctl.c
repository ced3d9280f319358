// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of the device: copy the structure in, check it, carry it out,
 * copy it back. User pointers end here, and no dumping is done here. What the
 * structures mean is in uapi/linux/procdump.h.
 */
#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>

#include "compress.h"
#include "dump.h"
#include "ioctl.h"
#include "ksym.h"
#include "procdump.h"
#include "request.h"
#include "slot.h"
#include "vmcore.h"

static int do_info(void *arg)
{
	struct procdump_info *info = arg;

	info->out_abi = PROCDUMP_ABI;
	info->out_flags = PROCDUMP_FLAGS;
	info->out_modes = procdump_dump_modes();
	info->out_compressions = procdump_compressions();
	info->out_commands = 1U << _IOC_NR(PROCDUMP_IOC_INFO) |
			     1U << _IOC_NR(PROCDUMP_IOC_DUMP);
	if (procdump_vmcore_supported())
		info->out_commands |= 1U << _IOC_NR(PROCDUMP_IOC_KERNEL);
	info->out_max_dumps = READ_ONCE(procdump_max_dumps);
	info->out_active = procdump_slot_active();
	info->out_stall_ms = READ_ONCE(procdump_stall_ms);
	info->out_filter_mask = PROCDUMP_FILTER_MASK;
	info->out_reserved = 0;
	return 0;
}

static int do_dump(void *arg)
{
	struct procdump_dump *req = arg;
	int err;

	memset_startat(req, 0, out_mode);
	err = procdump_request_check(req);
	if (!err)
		err = procdump_compress_check(req->compression, req->level);
	if (err)
		return err;
	if (req->mode == PROCDUMP_MODE_SNAPSHOT && !procdump_ksym_can_clone())
		req->out_hazards = PROCDUMP_HAZARD_KERNEL;
	if (!(procdump_dump_modes() & (1U << req->mode)))
		return -EOPNOTSUPP;
	return procdump_dump_run(req);
}

static int do_kernel(void *arg)
{
	struct procdump_kernel *req = arg;

	memset_startat(req, 0, out_consistency);
	return procdump_vmcore_run(req);
}

/**
 * struct command - one ioctl
 * @cmd: its number
 * @size: bytes of its structure as this driver knows it
 * @min: bytes of its first version
 * @run: carries it out; the structure is copied back whatever it returns
 */
struct command {
	unsigned int cmd;
	size_t size;
	size_t min;
	int (*run)(void *arg);
};

#define COMMAND(name, type, first, func)				\
	[_IOC_NR(name)] = {						\
		.cmd = name,						\
		.size = sizeof(type) + BUILD_BUG_ON_ZERO(offsetof(type, size)),\
		.min = first,						\
		.run = func,						\
	}

static const struct command commands[] = {
	COMMAND(PROCDUMP_IOC_INFO, struct procdump_info,
		PROCDUMP_INFO_SIZE_VER0, do_info),
	COMMAND(PROCDUMP_IOC_DUMP, struct procdump_dump,
		PROCDUMP_DUMP_SIZE_VER0, do_dump),
	COMMAND(PROCDUMP_IOC_KERNEL, struct procdump_kernel,
		PROCDUMP_KERNEL_SIZE_VER0, do_kernel),
};

union argument {
	u32 size;
	struct procdump_info info;
	struct procdump_dump dump;
	struct procdump_kernel kernel;
};

static int copy_back(void __user *to, const union argument *arg, size_t size)
{
	return copy_to_user(to, arg, size) ? -EFAULT : 0;
}

/**
 * procdump_ioctl() - a command on the device
 * @file: the open device
 * @cmd: PROCDUMP_IOC_*
 * @arg: address of its structure
 *
 * Context: Process context.
 * Return: 0 or the negative of an error in uapi/linux/procdump.h.
 */
long procdump_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	const struct command *command;
	union argument buf = {};
	size_t known;
	u32 size;
	int err, back;

	BUILD_BUG_ON(sizeof(struct procdump_info) != PROCDUMP_INFO_SIZE_VER0);
	BUILD_BUG_ON(sizeof(struct procdump_dump) != PROCDUMP_DUMP_SIZE_VER1);
	BUILD_BUG_ON(sizeof(struct procdump_kernel) !=
		     PROCDUMP_KERNEL_SIZE_VER1);

	if (_IOC_NR(cmd) >= ARRAY_SIZE(commands))
		return -ENOTTY;
	command = &commands[_IOC_NR(cmd)];
	if (cmd != command->cmd)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < command->min)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&buf, command->size, user, size);
	if (err)
		return err;
	buf.size = size;
	known = min_t(size_t, size, command->size);
	/* Nothing is done whose answer cannot be given. */
	err = copy_back(user, &buf, known);
	if (err)
		return err;
	err = command->run(&buf);
	back = copy_back(user, &buf, known);
	return err ? err : back;
}
