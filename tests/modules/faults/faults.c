// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults on purpose, on any kernel: linked to the objects of the driver, which
 * are those that everybody has, but for variables that they forget to set. The
 * linker's --wrap has them call us where they ask for memory, a kernel thread or
 * a copy of an address space. (The kernel's own fault injection is not in
 * Debian's kernels.)
 *
 * What is handed out is full of POISON, unless it was asked for as zeroed: what
 * of it shows in a core was never written. Variables on the stack are full of the
 * compiler's 0xfe, in the place of the zeros that these kernels would put there.
 *
 * Whoever may sleep for memory where nobody may sleep is told of in the kernel log.
 *
 * Parameters of the module:
 *	fail_nth	written N: the Nth of these calls from then on fails,
 *			once. It is counted down, so what is left tells whether
 *			it has been reached
 *	failed_at	where that was
 *	held		allocations that have not been freed
 *	clone_delay_ms	after a copy of an address space was made, whoever made it
 *			sleeps for so long, at most 10 s, and no signal ends it
 *	audit_delay_ms	before an audit record is written, likewise
 */
#include <linux/atomic.h>
#include <linux/audit.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/instruction_pointer.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#define POISON	0xa5

static atomic_t fail_nth = ATOMIC_INIT(0);
module_param_named(fail_nth, fail_nth.counter, int, 0600);
MODULE_PARM_DESC(fail_nth, "which allocation from now on fails");

static atomic_t held = ATOMIC_INIT(0);
module_param_named(held, held.counter, int, 0400);
MODULE_PARM_DESC(held, "allocations that have not been freed");

#define DELAY_MAX_MS	100000U

static unsigned int clone_delay_ms;
module_param(clone_delay_ms, uint, 0600);
MODULE_PARM_DESC(clone_delay_ms, "sleep after a copy of an address space, in ms, at most 100000");

static unsigned int audit_delay_ms;
module_param(audit_delay_ms, uint, 0600);
MODULE_PARM_DESC(audit_delay_ms, "sleep before an audit record, in ms, at most 100000");

/* Until the time is up, or the parameter is 0 again. */
static void delay(const unsigned int *ms)
{
	unsigned long end = jiffies +
		msecs_to_jiffies(min(READ_ONCE(*ms), DELAY_MAX_MS));

	while (READ_ONCE(*ms) && time_before(jiffies, end))
		msleep(20);
}

static unsigned long failed_at;

static int failed_at_get(char *buf, const struct kernel_param *param)
{
	return sysfs_emit(buf, "%pS\n", (void *)READ_ONCE(failed_at));
}

static const struct kernel_param_ops failed_at_ops = { .get = failed_at_get };
module_param_cb(failed_at, &failed_at_ops, NULL, 0400);
MODULE_PARM_DESC(failed_at, "which allocation has failed");

/* A kernel that looks for it (CONFIG_DEBUG_ATOMIC_SLEEP) says so by itself. */
static void check_context(unsigned long caller, gfp_t gfp)
{
	WARN_ONCE(gfpflags_allow_blocking(gfp) &&
		  (!preemptible() || rcu_preempt_depth()),
		  "BUG: may sleep for memory in atomic context: %pS\n",
		  (void *)caller);
}

/* Is it this one's turn? */
static bool fails(unsigned long caller, gfp_t gfp)
{
	check_context(caller, gfp);
	if (atomic_dec_if_positive(&fail_nth))
		return false;
	WRITE_ONCE(failed_at, caller);
	return true;
}

static void *hand_out(void *ptr, size_t size, gfp_t gfp)
{
	if (!ptr)
		return NULL;
	atomic_inc(&held);
	if (!(gfp & __GFP_ZERO))
		memset(ptr, POISON, size);
	return ptr;
}

static void take_back(const void *ptr)
{
	if (ptr)
		atomic_dec(&held);
}

/* __wrap_NAME() is called for NAME(), and __real_NAME() is NAME(). */
#define __WRAP(name)	__wrap_##name
#define WRAP(name)	__WRAP(name)
#define __REAL(name)	__real_##name
#define REAL(name)	__REAL(name)

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define KMALLOC		__kmalloc_noprof
#define KMALLOC_CACHE	__kmalloc_cache_noprof
#define KMALLOC_LARGE	__kmalloc_large_noprof
#define KVMALLOC	__kvmalloc_node_noprof
#define VMALLOC		__vmalloc_noprof
#define GET_FREE_PAGES	get_free_pages_noprof
#else
#define KMALLOC		__kmalloc
#define KMALLOC_CACHE	kmalloc_trace
#define KMALLOC_LARGE	kmalloc_large
#define KVMALLOC	kvmalloc_node
#define VMALLOC		__vmalloc
#define GET_FREE_PAGES	__get_free_pages
#endif
#ifndef DECL_BUCKET_PARAMS
#define DECL_BUCKET_PARAMS(size, ...)	size_t size
#define PASS_BUCKET_PARAMS(size, ...)	size
#endif

void *REAL(KMALLOC)(size_t size, gfp_t gfp);
void *WRAP(KMALLOC)(size_t size, gfp_t gfp);
void *WRAP(KMALLOC)(size_t size, gfp_t gfp)
{
	if (fails(_RET_IP_, gfp))
		return NULL;
	return hand_out(REAL(KMALLOC)(size, gfp), size, gfp);
}

void *REAL(KMALLOC_CACHE)(struct kmem_cache *cache, gfp_t gfp, size_t size);
void *WRAP(KMALLOC_CACHE)(struct kmem_cache *cache, gfp_t gfp, size_t size);
void *WRAP(KMALLOC_CACHE)(struct kmem_cache *cache, gfp_t gfp, size_t size)
{
	if (fails(_RET_IP_, gfp))
		return NULL;
	return hand_out(REAL(KMALLOC_CACHE)(cache, gfp, size), size, gfp);
}

void *REAL(KMALLOC_LARGE)(size_t size, gfp_t gfp);
void *WRAP(KMALLOC_LARGE)(size_t size, gfp_t gfp);
void *WRAP(KMALLOC_LARGE)(size_t size, gfp_t gfp)
{
	if (fails(_RET_IP_, gfp))
		return NULL;
	return hand_out(REAL(KMALLOC_LARGE)(size, gfp), size, gfp);
}

void *REAL(KVMALLOC)(DECL_BUCKET_PARAMS(size, buckets), gfp_t gfp, int node);
void *WRAP(KVMALLOC)(DECL_BUCKET_PARAMS(size, buckets), gfp_t gfp, int node);
void *WRAP(KVMALLOC)(DECL_BUCKET_PARAMS(size, buckets), gfp_t gfp, int node)
{
	if (fails(_RET_IP_, gfp))
		return NULL;
	return hand_out(REAL(KVMALLOC)(PASS_BUCKET_PARAMS(size, buckets), gfp,
				       node), size, gfp);
}

void *REAL(VMALLOC)(unsigned long size, gfp_t gfp);
void *WRAP(VMALLOC)(unsigned long size, gfp_t gfp);
void *WRAP(VMALLOC)(unsigned long size, gfp_t gfp)
{
	if (fails(_RET_IP_, gfp))
		return NULL;
	return hand_out(REAL(VMALLOC)(size, gfp), size, gfp);
}

unsigned long REAL(GET_FREE_PAGES)(gfp_t gfp, unsigned int order);
unsigned long WRAP(GET_FREE_PAGES)(gfp_t gfp, unsigned int order);
unsigned long WRAP(GET_FREE_PAGES)(gfp_t gfp, unsigned int order)
{
	if (fails(_RET_IP_, gfp))
		return 0;
	return (unsigned long)hand_out((void *)REAL(GET_FREE_PAGES)(gfp, order),
				       PAGE_SIZE << order, gfp);
}

void __real_kfree(const void *ptr);
void __wrap_kfree(const void *ptr);
void __wrap_kfree(const void *ptr)
{
	take_back(ptr);
	__real_kfree(ptr);
}

void __real_kvfree(const void *ptr);
void __wrap_kvfree(const void *ptr);
void __wrap_kvfree(const void *ptr)
{
	take_back(ptr);
	__real_kvfree(ptr);
}

void __real_vfree(const void *ptr);
void __wrap_vfree(const void *ptr);
void __wrap_vfree(const void *ptr)
{
	take_back(ptr);
	__real_vfree(ptr);
}

void __real_free_pages(unsigned long addr, unsigned int order);
void __wrap_free_pages(unsigned long addr, unsigned int order);
void __wrap_free_pages(unsigned long addr, unsigned int order)
{
	take_back((void *)addr);
	__real_free_pages(addr, order);
}

typedef int (*thread_func)(void *data);

/* The names that the driver gives have nothing to be filled in. */
struct task_struct *
__real_kthread_create_on_node(thread_func func, void *data, int node,
			      const char *name, ...);
struct task_struct *
__wrap_kthread_create_on_node(thread_func func, void *data, int node,
			      const char *name, ...);
struct task_struct *
__wrap_kthread_create_on_node(thread_func func, void *data, int node,
			      const char *name, ...)
{
	if (fails(_RET_IP_, GFP_KERNEL))
		return ERR_PTR(-ENOMEM);
	return __real_kthread_create_on_node(func, data, node, "%s", name);
}

struct workqueue_struct *
__real_alloc_workqueue(const char *name, unsigned int flags, int max, ...);
struct workqueue_struct *
__wrap_alloc_workqueue(const char *name, unsigned int flags, int max, ...);
struct workqueue_struct *
__wrap_alloc_workqueue(const char *name, unsigned int flags, int max, ...)
{
	if (fails(_RET_IP_, GFP_KERNEL))
		return NULL;
	return __real_alloc_workqueue("%s", flags, max, name);
}

pid_t __real_procdump_ksym_kernel_clone(struct kernel_clone_args *args);
pid_t __wrap_procdump_ksym_kernel_clone(struct kernel_clone_args *args);
pid_t __wrap_procdump_ksym_kernel_clone(struct kernel_clone_args *args)
{
	pid_t pid;

	if (fails(_RET_IP_, GFP_KERNEL))
		return -ENOMEM;
	pid = __real_procdump_ksym_kernel_clone(args);
	delay(&clone_delay_ms);
	return pid;
}

void __real_audit_log(struct audit_context *ctx, gfp_t gfp, int type,
		      const char *format, ...);
void __wrap_audit_log(struct audit_context *ctx, gfp_t gfp, int type,
		      const char *format, ...);
void __wrap_audit_log(struct audit_context *ctx, gfp_t gfp, int type,
		      const char *format, ...)
{
	char record[200];
	va_list args;

	delay(&audit_delay_ms);
	va_start(args, format);
	vsnprintf(record, sizeof(record), format, args);
	va_end(args);
	__real_audit_log(ctx, gfp, type, "%s", record);
}
