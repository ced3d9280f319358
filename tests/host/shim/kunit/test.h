/* SPDX-License-Identifier: GPL-2.0 */
/* As much of KUnit as the suites use, for a program that prints TAP. */
#ifndef PROCDUMP_SHIM_KUNIT_TEST_H
#define PROCDUMP_SHIM_KUNIT_TEST_H

#include <setjmp.h>
#include <stdio.h>

struct kunit {
	int failed;
	jmp_buf stop;
};

struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(func) { .run = func, .name = #func }

#define SHIM_CHECK(test, good, ...)					\
do {									\
	if (!(good)) {							\
		(test)->failed = 1;					\
		printf("# %s:%d: ", __FILE__, __LINE__);		\
		printf(__VA_ARGS__);					\
		printf("\n");						\
	}								\
} while (0)

#define SHIM_COMPARE(test, a, op, b)					\
do {									\
	__typeof__(a) left_ = (a);					\
	__typeof__(b) right_ = (b);					\
									\
	SHIM_CHECK(test, left_ op right_, "%s is %#llx, not " #op	\
		   " %#llx", #a, (unsigned long long)left_,		\
		   (unsigned long long)right_);				\
} while (0)

#define SHIM_ASSERT(test, check)					\
do {									\
	check;								\
	if ((test)->failed)						\
		longjmp((test)->stop, 1);				\
} while (0)

#define KUNIT_EXPECT_EQ(test, a, b)	SHIM_COMPARE(test, a, ==, b)
#define KUNIT_EXPECT_NE(test, a, b)	SHIM_COMPARE(test, a, !=, b)
#define KUNIT_EXPECT_GE(test, a, b)	SHIM_COMPARE(test, a, >=, b)
#define KUNIT_EXPECT_GT(test, a, b)	SHIM_COMPARE(test, a, >, b)
#define KUNIT_EXPECT_LE(test, a, b)	SHIM_COMPARE(test, a, <=, b)
#define KUNIT_EXPECT_LT(test, a, b)	SHIM_COMPARE(test, a, <, b)
#define KUNIT_EXPECT_TRUE(test, a)	SHIM_CHECK(test, a, "not %s", #a)
#define KUNIT_EXPECT_NULL(test, a)	SHIM_CHECK(test, !(a), "%s", #a)
#define KUNIT_EXPECT_NOT_NULL(test, a)	SHIM_CHECK(test, a, "no %s", #a)
#define KUNIT_EXPECT_PTR_EQ(test, a, b)	SHIM_CHECK(test, (a) == (b), "%s", #a)
#define KUNIT_EXPECT_EQ_MSG(test, a, b, ...) \
	SHIM_CHECK(test, (a) == (b), __VA_ARGS__)
#define KUNIT_ASSERT_EQ(test, a, b) \
	SHIM_ASSERT(test, KUNIT_EXPECT_EQ(test, a, b))
#define KUNIT_ASSERT_NE(test, a, b) \
	SHIM_ASSERT(test, KUNIT_EXPECT_NE(test, a, b))
#define KUNIT_ASSERT_GT(test, a, b) \
	SHIM_ASSERT(test, KUNIT_EXPECT_GT(test, a, b))
#define KUNIT_ASSERT_LE(test, a, b) \
	SHIM_ASSERT(test, KUNIT_EXPECT_LE(test, a, b))
#define KUNIT_ASSERT_TRUE(test, a) \
	SHIM_ASSERT(test, KUNIT_EXPECT_TRUE(test, a))
#define KUNIT_ASSERT_NOT_NULL(test, a) \
	SHIM_ASSERT(test, KUNIT_EXPECT_NOT_NULL(test, a))

/* A function of its own for setjmp(), so that no variable is clobbered. */
static inline int shim_run_case(void (*run)(struct kunit *test))
{
	static struct kunit test;

	test.failed = 0;
	if (!setjmp(test.stop))
		run(&test);
	return test.failed;
}

static inline int shim_run(struct kunit_suite **suite)
{
	int number = 0, bad = 0;

	for (; *suite; suite++) {
		for (struct kunit_case *at = (*suite)->test_cases; at->run; at++) {
			int failed = shim_run_case(at->run);

			printf("%sok %d - %s: %s\n", failed ? "not " : "",
			       ++number, (*suite)->name, at->name);
			fflush(stdout);
			bad |= failed;
		}
	}
	printf("1..%d\n", number);
	return bad;
}

#define kunit_test_suites(...)						\
int main(void)								\
{									\
	struct kunit_suite *suites[] = { __VA_ARGS__, NULL };		\
									\
	return shim_run(suites);					\
}									\
struct shim_nothing

#endif /* PROCDUMP_SHIM_KUNIT_TEST_H */
