// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and names as people and terminals want them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "procdumpctl.h"

/**
 * text_size() - a number of bytes for people
 * @buf: room for it
 * @bytes: the number
 *
 * Return: @buf.
 */
char *text_size(char buf[TEXT_SIZE], __u64 bytes)
{
	static const char units[] = "KMGTPE";
	double value = (double)bytes;
	int unit = -1;

	while (value >= 1024) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(buf, TEXT_SIZE, "%u bytes", (unsigned int)bytes);
	else
		snprintf(buf, TEXT_SIZE, "%.1f %ciB", value, units[unit]);
	return buf;
}

/*
 * The length of the printable character in UTF-8 at @s, or 0: control
 * characters, overlong forms, surrogates and what is cut are not printable.
 */
static size_t printable(const unsigned char *s, size_t len)
{
	__u32 c, least;
	size_t n, i;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f && s[0] != '\\';
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	c = s[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	least = n == 2 ? 0xa0 : n == 3 ? 0x800 : 0x10000;
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/**
 * text_lines() - lines of text, fit for a terminal
 * @text: what is neither printable ASCII nor the end of a line becomes '?'
 * @len: its size
 */
void text_lines(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != '\n' && text[i] != '\t' &&
		    (text[i] < 0x20 || text[i] > 0x7e))
			text[i] = '?';
}

/**
 * text_clean() - a name from a core, fit for a terminal and for JSON
 * @dst: the answer; bytes that are not printable UTF-8 become \xNN
 * @size: size of @dst
 * @src: the name, which ends at a NUL or after @len bytes
 * @len: size of @src
 *
 * Return: @dst.
 */
char *text_clean(char *dst, size_t size, const char *src, size_t len)
{
	size_t n, used = 0;

	len = strnlen(src, len);
	while (len && used + 5 <= size) {
		n = printable((const unsigned char *)src, len);
		if (n)
			memcpy(dst + used, src, n);
		else
			snprintf(dst + used, 5, "\\x%02x", (unsigned char)*src);
		used += n ? n : 4;
		src += n ? n : 1;
		len -= n ? n : 1;
	}
	dst[used] = '\0';
	return dst;
}

/*
 * strtoumax() takes blanks and signs, which are mistakes here.
 */
static int parse(const char *text, int base, __u64 *value, char **end)
{
	uintmax_t number;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	number = strtoumax(text, end, base);
	if (errno || *end == text)
		return -1;
	*value = number;
	return 0;
}

/**
 * text_number() - read a number
 * @text: the number
 * @base: its base; 0: hexadecimal after 0x, octal after 0, else decimal
 * @max: the greatest that is valid
 * @value: the answer
 *
 * Return: 0, or -1 if @text is no such number.
 */
int text_number(const char *text, int base, __u64 max, __u64 *value)
{
	char *end;

	if (parse(text, base, value, &end) || *end || *value > max)
		return -1;
	return 0;
}

/**
 * text_bytes() - read a number of bytes
 * @text: a number, and K, M, G or T for powers of 1024
 * @value: the answer, above 0
 *
 * Return: 0, or -1 if @text is no such number.
 */
int text_bytes(const char *text, __u64 *value)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	int shift = 0;

	if (parse(text, 10, value, &end))
		return -1;
	if (*end) {
		/* Not strchr(), which finds the end of the string, too. */
		unit = memchr(units, *end & ~0x20, strlen(units));
		if (!unit || end[1])
			return -1;
		shift = 10 * (int)(unit - units + 1);
	}
	if (!*value || *value > UINT64_MAX >> shift)
		return -1;
	*value <<= shift;
	return 0;
}

/**
 * text_ms() - read a time
 * @text: milliseconds, perhaps with a decimal point and up to six digits
 * @ns: the answer in nanoseconds, above 0
 *
 * Return: 0, or -1 if @text is no such number.
 */
int text_ms(const char *text, __u64 *ns)
{
	__u64 unit = 1000000;
	char *end;

	if (parse(text, 10, ns, &end) || *ns > UINT64_MAX / unit - 1)
		return -1;
	*ns *= unit;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9' && unit > 1; end++) {
			unit /= 10;
			*ns += unit * (__u64)(*end - '0');
		}
	return *end || !*ns ? -1 : 0;
}
