# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For the tests in this directory, which run as root in a virtual machine with
# the driver loaded: . "${0%/*}/lib.sh"; ...; done_testing
#
# Results are TAP on standard output, and the plan comes last, so that a test
# that dies early has none. What a test needs and does not find is a failure.
# A wait is for a condition, with a deadline that is only there so that a
# broken driver cannot make it endless; it is no limit on speed.
set -u
export LC_ALL=C

e2e=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=${e2e%/tests/e2e}
build=${PROCDUMP_BUILD:-$root/build}
targets=$build/targets
ctl=${PROCDUMPCTL:-$build/userland/procdumpctl}
raw=$targets/ioctl_raw
python=/usr/bin/python3
# The module, for tests that load it again.
# shellcheck disable=SC2034 # for the tests
ko=${PROCDUMP_KO:-$build/driver/$(uname -r)/procdump.ko}
parameters=/sys/module/procdump/parameters
slow=${VM_SLOW:-1}
# Seconds that anything may take which ends by itself.
patience=$(( 120 * slow ))

T=$(mktemp -d "${TMPDIR:-/tmp}/procdump.XXXXXX") || exit 1
mkfifo "$T/.nap" && exec {nap_fd}<>"$T/.nap"
test_number=0 test_failed=0
started=()	# processes to kill in the end
mounted=()
end_hooks=()

at_end() {
	local i

	for i in "${end_hooks[@]}"; do $i; done
	(( ! ${#started[@]} )) || kill -KILL "${started[@]}" 2>/dev/null
	for (( i = ${#mounted[@]} - 1; i >= 0; i-- )); do
		umount -l "${mounted[i]}" 2>/dev/null
	done
	cd /
	rm -rf "$T"
}
trap at_end EXIT

# ---- results

diag() {
	local line

	while IFS= read -r line; do echo "# $line"; done <<<"$*"
}

ok() {
	test_number=$((test_number + 1))
	echo "ok $test_number - $1"
}

# not_ok DESCRIPTION [DIAGNOSTICS]
not_ok() {
	test_number=$((test_number + 1))
	test_failed=1
	echo "not ok $test_number - $1"
	[[ ! ${2:-} ]] || diag "$2"
	return 1
}

# is DESCRIPTION GOT WANTED
is() {
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "got:    $2"$'\n'"wanted: $3"
	fi
}

# like DESCRIPTION GOT REGEX
like() {
	if [[ $2 =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "got:     $2"$'\n'"pattern: $3"
	fi
}

# check DESCRIPTION COMMAND...: passes if it does; its output is shown if not
check() {
	local output status

	output=$("${@:2}" 2>&1)
	status=$?
	if (( ! status )); then
		ok "$1"
	else
		not_ok "$1" "status $status: ${*:2}"$'\n'"$output"
	fi
}

# fails DESCRIPTION COMMAND...: passes if it fails, as it should
fails() {
	local output

	if output=$("${@:2}" 2>&1); then
		not_ok "$1" "status 0: ${*:2}"$'\n'"$output"
	else
		ok "$1"
	fi
}

# skip DESCRIPTION REASON: counted as skipped, not as passed
skip() {
	test_number=$((test_number + 1))
	echo "ok $test_number - $1 # SKIP $2"
}

bail() {
	echo "Bail out! $1"
	exit 1
}

done_testing() {
	echo "1..$test_number"
	exit $test_failed
}

# need COMMAND...: programs without which there is no test
need() {
	local command

	for command; do
		command -v "$command" >/dev/null || bail "$command is missing"
	done
}

# ---- waiting

# nap SECONDS: without a process
nap() {
	local _

	read -r -t "$1" -u "$nap_fd" _
	return 0
}

now_ms() {
	local t=${EPOCHREALTIME/[.,]/}

	echo "${t%???}"
}

# wait_until SECONDS COMMAND...: false if the time is up. Asks often at first.
wait_until() {
	local end=$(( SECONDS + $1 + 1 )) ms=5

	until "${@:2}"; do
		(( SECONDS <= end )) || return 1
		nap "0.0$(( ms / 10 ))$(( ms % 10 ))"
		(( ms = ms < 40 ? 2 * ms : 50 ))
	done
}

# ended PID: it is gone, or a zombie
ended() {
	local text

	read -r text 2>/dev/null <"/proc/$1/stat" || return 0
	text=${text##*) }
	[[ ${text%% *} == [ZX] ]]
}

# in_sleep PID: it is in nanosleep() or clock_nanosleep(), and no more in execve()
in_sleep() {
	local number _

	read -r number _ 2>/dev/null <"/proc/$1/syscall"
	[[ $number == @(35|230) ]]
}

# finish PID: wait for a child of ours, but not for ever; sets $status
finish() {
	if wait_until "$patience" ended "$1"; then
		wait "$1"
		status=$?
	else
		status=hangs
		diag "$1 ($(tr '\0' ' ' <"/proc/$1/cmdline")) does not end:" \
			"$(cat "/proc/$1/task/"*/stack 2>/dev/null)"
		kill -KILL "$1"
	fi
}

# in_time COMMAND...: run it; status 124 if it does not end
in_time() {
	timeout -k 5 "$patience" "$@"
}

# ---- targets

# target_start NAME COMMAND...: a program as described in targets/target.h.
# Its process id is in $target, what it printed in $T/NAME.map. Those that are
# started later are other targets; target_use NAME goes back to one.
declare -A target_pids target_fds
target_start() {
	local fd

	target_name=$1
	mkfifo "$T/$1.in"
	"${@:2}" <"$T/$1.in" >"$T/$1.map" 2>"$T/$1.err" &
	target_pids[$1]=$!
	started+=($!)
	exec {fd}>"$T/$1.in"
	target_fds[$1]=$fd
	wait_until $((2 * patience)) grep -q '^ready ' "$T/$1.map" ||
		bail "$1 does not start: $(cat "$T/$1.err")"
	target_use "$1"
}

# shellcheck disable=SC2034 # target: for the tests
target_use() {
	target_name=$1
	target=$(awk '$1 == "ready" { print $2 }' "$T/$1.map")
	wait_until "$patience" not_running "$target"
}

# map_lines: sets $lines, without a process
map_lines() {
	mapfile -t lines <"$T/$target_name.map"
}

answered() {
	map_lines
	(( ${#lines[@]} > $1 ))
}

# not_running TID: it sleeps, is stopped, or is gone
not_running() {
	local text

	read -r text 2>/dev/null <"/proc/$1/stat" || return 0
	text=${text##*) }
	[[ ${text%% *} != R ]]
}

# target_ask COMMAND: its answer is in $answer; false without one
target_ask() {
	local lines

	map_lines
	answer='no answer'
	echo "$1" >&"${target_fds[$target_name]}"
	wait_until $((4 * patience)) answered "${#lines[@]}" || return 1
	answer=${lines[-1]}
	# It waits for the next command now, or will in a moment.
	wait_until "$patience" not_running "$target"
}

# target_well: it runs, and finds itself unharmed and undisturbed
target_well() {
	target_ask verify
	[[ $answer =~ ^ok ]] || { echo "$answer"; return 1; }
}

target_stop() {
	local pid=${target_pids[$target_name]}

	echo quit >&"${target_fds[$target_name]}"
	if ! wait_until "$patience" ended "$pid"; then
		diag "$target_name does not end"
		kill -KILL "$pid"
	fi
	wait "$pid" 2>/dev/null
	eval "exec ${target_fds[$target_name]}>&-"
	rm -f "$T/$target_name.in"
}

# target_state PID: what a dump must leave as it was: for each thread its
# state, masks and pending signals, and tracer. Not SigQ, which all of a user share.
target_state() {
	awk '/^(State|TracerPid|SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt|Threads|Seccomp):/ {
		print FILENAME, $0 }' "/proc/$1/task/"*/status
}

# start_time PID: field 22 of its stat
start_time() {
	local text

	text=$(<"/proc/$1/stat")
	read -r -a text <<<"${text##*) }"
	echo "${text[19]}"
}

# ---- the driver

driver_loaded() {
	[[ -d /sys/module/procdump && -c /dev/procdump ]]
}

# Nobody uses the module: no dump, no callback that can still run, and no open
# device but the $opened ones that the test itself holds.
opened=0
driver_idle() {
	local count

	read -r count </sys/module/procdump/refcnt
	(( count == opened ))
}

# What a test machine needs is not to depend on the CPU that will be stuck: the
# test itself, and interrupts, those of the file system above all.
keep_off_cpu1() {
	local irq

	taskset -p 1 $$ >"$T/taskset" || bail 'taskset'
	for irq in /proc/irq/*/smp_affinity; do
		echo 1 2>/dev/null >"$irq"
	done
	echo 1 >/sys/devices/virtual/workqueue/cpumask
}

# tasks_may_hang: the kernel does not complain of those that wait for long, until the end
# of the test
tasks_may_hang() {
	local file=/proc/sys/kernel/hung_task_timeout_secs old

	old=$(<$file)
	eval "tasks_may_not_hang() { echo $old >$file; }"
	end_hooks+=(tasks_may_not_hang)
	echo 0 >$file
}

# report NAME: what ioctl_raw said of it, in $T/report
report() {
	sed -n "s/^out_$1=//p" "$T/report"
}

# dumps_active N: as many are in progress
dumps_active() {
	[[ $'\n'$("$raw" info)$'\n' == *$'\n'out_active=$1$'\n'* ]]
}

# parameter_set NAME VALUE: until the end of the test
parameter_set() {
	local old

	old=$(<"$parameters/$1")
	echo "$2" >"$parameters/$1" || bail "cannot set the parameter $1"
	eval "restore_$1() { echo $old >$parameters/$1; }"
	end_hooks+=("restore_$1")
}

# cache_dropped: what is in the page cache becomes free memory, of which a dump of the kernel
# takes a half for its copies. Not while a CPU is stuck: each has to give back its part.
cache_dropped() { echo 1 >/proc/sys/vm/drop_caches; }

# huge_pages N: there are so many from now on; false if memory is too torn for that
huge_pages() {
	local file=/proc/sys/vm/nr_hugepages

	they_are() {
		echo 1 >/proc/sys/vm/compact_memory
		echo "$1" >$file
		(( $(<$file) == $1 ))
	}
	wait_until "$patience" they_are "$1"
}

# info_bit NAME BIT: is it set in PROCDUMP_IOC_INFO's out_NAME?
info_bit() {
	local text

	text=$("$raw" info)
	text=${text##*out_"$1"=}
	(( ${text%%$'\n'*} >> $2 & 1 ))
}

# errno_of ARGUMENTS...: what ioctl_raw says; it limits its time itself
errno_of() {
	local output

	output=$("$raw" "$@" 2>&1)
	output=${output%%$'\n'*}
	echo "${output#errno }"
}

# ---- cores

# core_open FILE TO: decompress, or link; with holes where it has zeros
core_open() {
	rm -f "$2"
	# shellcheck disable=SC2216 # by /dev/stdin cp does read it
	case $(od -An -tx1 -N4 "$1" | tr -d ' ') in
	28b52ffd) zstd -dqq --sparse -f "$1" -o "$2" ;;
	1f8b*) gzip -dc "$1" | cp --sparse=always /dev/stdin "$2"
		[[ ${PIPESTATUS[*]} == '0 0' ]] ;;
	*) ln "$1" "$2" ;;
	esac
}

# What judges cores is asked through a process that runs until the end of the test, see
# judge.py. It needs nothing but Python's own library, and starts faster without "site".
judge_start() {
	mkfifo "$T/judge.in" "$T/judge.out"
	"$python" -SE "$e2e/judge.py" <"$T/judge.in" >"$T/judge.out" &
	started+=($!)
	exec {judge_in}>"$T/judge.in" {judge_out}<"$T/judge.out"
}

# judge_with NAME ARGUMENTS...: output and exit status of NAME.py
judge_with() {
	local status length text=''

	printf '%s\0' "$PWD" "$@" >&"$judge_in"
	echo >&"$judge_in"
	read -r -u "$judge_out" status length || { echo 'the judge is gone'; return 2; }
	(( ! length )) || read -r -N "$length" -u "$judge_out" text
	printf '%s' "$text"
	return "$status"
}

core_is() {
	judge_with check_core "$@"
}

# gdb_frames FILE: how many threads have a frame in what gdb printed for
# "thread apply all bt"; before that comes the current frame once more
gdb_frames() {
	sed -n '/^Thread /,$p' "$1" | grep -c '^#0 '
}

driver_loaded || bail 'the driver is not loaded'
for file in "$ctl" "$raw"; do
	[[ -x $file ]] || bail "$file is missing"
done
[[ $(<"$0") != *@(core_is|judge_with|crash.sh)* ]] || judge_start
