// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages without references, for tests, with markers on them:
 *
 *	1	a block that nobody has, as when free pages are reported to a
 *		hypervisor, or while memory is compacted
 *	2	a page that reclaim has cut from its file and will free
 *	3	a block of the kernel's, whose first page has the references
 *
 * A marker is not written anywhere else: see mark().
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#define TRANSIT_ORDER	5
#define BLOCK_ORDER	3
#define MARK		32

static struct page *transit, *cut, *block;

static void mark(struct page *page, unsigned int order, unsigned int kind)
{
	unsigned int i, n;
	char *at;

	for (n = 0; n < 1U << order; n++) {
		at = page_address(page + n);
		for (i = 0; i < MARK; i++)
			at[i] = 'A' + (i * i * kind + i * 7 + kind * 11) % 26;
	}
}

static void free_all(void)
{
	if (transit) {
		set_page_count(transit, 1);
		__free_pages(transit, TRANSIT_ORDER);
	}
	if (cut) {
		ClearPageUptodate(cut);
		set_page_count(cut, 1);
		__free_page(cut);
	}
	if (block)
		__free_pages(block, BLOCK_ORDER);
}

static int __init refless_init(void)
{
	transit = alloc_pages(GFP_KERNEL, TRANSIT_ORDER);
	cut = alloc_page(GFP_KERNEL);
	block = alloc_pages(GFP_KERNEL, BLOCK_ORDER);
	if (!transit || !cut || !block) {
		free_all();
		return -ENOMEM;
	}
	mark(transit, TRANSIT_ORDER, 1);
	mark(cut, 0, 2);
	mark(block, BLOCK_ORDER, 3);
	set_page_count(transit, 0);
	SetPageUptodate(cut);
	set_page_count(cut, 0);
	return 0;
}
module_init(refless_init);

static void __exit refless_exit(void)
{
	free_all();
}
module_exit(refless_exit);

MODULE_DESCRIPTION("Pages without references, for tests of procdump");
MODULE_LICENSE("GPL");
