#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Restrictions that only a boot takes back, hence the last in a machine: Yama's
# level 3 and the lockdown.
# kernels: each
. "${0%/*}/lib.sh"

file=$T/out
sleep 100000 &
pid=$!
started+=("$pid")
wait_until "$patience" not_running $pid
lockdown=/sys/kernel/security/lockdown
mount -t securityfs security /sys/kernel/security 2>/dev/null

if [[ -w $lockdown ]]; then
	is 'the kernel, before' "$(errno_of kernel flags=4)" 0
	echo integrity >$lockdown
	is 'lockdown integrity: a process' "$(errno_of dump "pid=$pid" "out=$file")" 0
	echo confidentiality >$lockdown
	is 'lockdown confidentiality: a process' "$(errno_of dump "pid=$pid" "out=$file")" 0
	is 'lockdown confidentiality: the kernel' "$(errno_of kernel flags=4)" EPERM
else
	skip 'lockdown' 'this kernel has none'
fi

if [[ -w /proc/sys/kernel/yama/ptrace_scope ]]; then
	echo 3 >/proc/sys/kernel/yama/ptrace_scope
	is 'Yama 3: root' "$(errno_of dump "pid=$pid" "out=$file")" EPERM
	is 'Yama 3: a process itself' "$(errno_of dump pid=0 "out=$file")" 0
else
	skip 'Yama 3' 'this kernel has no Yama'
fi
done_testing
