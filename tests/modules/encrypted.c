// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that believes that its memory is encrypted, as in a TDX guest, as
 * long as this is loaded: cc_platform_has() says so. Nothing is encrypted. For
 * seconds in a virtual machine; drivers that do DMA get other memory meanwhile.
 *
 *	insmod encrypted.ko address=ADDRESS	(of cc_vendor, from /proc/kallsyms)
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <asm/coco.h>

static unsigned long address;
module_param(address, ulong, 0);
MODULE_PARM_DESC(address, "Address of cc_vendor");

static void *window;
/* An enum, whose name is a macro in some kernels. */
static int *vendor, old;

/* The kernel's own mapping of it can only be read. */
static int __init encrypted_init(void)
{
	struct page *page;

	if (!address)
		return -EINVAL;
	page = pfn_to_page(PHYS_PFN(__pa_symbol(address)));
	window = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!window)
		return -ENOMEM;
	vendor = window + offset_in_page(address);
	old = *vendor;
	WRITE_ONCE(*vendor, CC_VENDOR_INTEL);
	return 0;
}

static void __exit encrypted_exit(void)
{
	WRITE_ONCE(*vendor, old);
	vunmap(window);
}

module_init(encrypted_init);
module_exit(encrypted_exit);
MODULE_DESCRIPTION("A kernel that believes that its memory is encrypted");
MODULE_LICENSE("GPL");
