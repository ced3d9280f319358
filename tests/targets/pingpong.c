// SPDX-License-Identifier: GPL-2.0
/*
 * pingpong [OTHER]: execute OTHER with our own name after a few milliseconds,
 * so that two copies of this program take turns in one process; without OTHER,
 * wait. A copy that its caller cannot read keeps a secret in its memory and in a
 * register, which is not in the file: "SECRET" and 16 letters. What a set-uid or
 * set-gid copy has gained is given up before the next program.
 */
#define _GNU_SOURCE
#include "target.h"

static char secret[64];
static volatile char key = 1;	/* so that the secret is in no file */

int main(int argc, char **argv)
{
	char *args[] = { argc > 1 ? argv[1] : NULL, argv[0], NULL };
	int i;

	if (access(argv[0], R_OK)) {
		for (i = 0; i < 22; i++)
			secret[i] = (i < 6 ? "TFDSFU"[i] : 'b' + i) - key;
		asm volatile("movups %0, %%xmm15" : : "m" (secret) : "memory");
	}
	if (!args[0])
		for (;;)
			pause();
	nap_ms(3);
	if (setresgid(getgid(), getgid(), getgid()) ||
	    setresuid(getuid(), getuid(), getuid()))
		die("setresuid");
	execv(args[0], args);
	die(args[0]);
	return 1;
}
