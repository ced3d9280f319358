# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Compare our core with the one that the kernel writes. Wants lib.sh.

ulimit -c unlimited
pattern=$(</proc/sys/kernel/core_pattern)
restore_pattern() { echo "$pattern" >/proc/sys/kernel/core_pattern; }
end_hooks+=(restore_pattern)
echo "$T/kernel.%p" >/proc/sys/kernel/core_pattern

judge() {
	judge_with compare_core "$@"
}

# Bash's children ignore SIGQUIT, and redis catches SIGSEGV and SIGABRT.
crash() {
	kill -SYS "$1" && wait_until $((2 * patience)) ended "$1" && [[ -s $T/kernel.$1 ]]
}

# against_crash WHAT PID [OPTION...]: ends the process
against_crash() {
	local mode

	for mode in stop auto; do
		check "$1, $mode: dump" \
			in_time "$ctl" -q -p "$2" -M "$mode" -o "$T/core.$mode" "${@:3}"
	done
	check "$1: the kernel writes a core" crash "$2"
	for mode in stop auto; do
		check "$1, $mode: no difference to the kernel's core" \
			judge kernel "$T/core.$mode" "$T/kernel.$2"
	done
	rm -f "$T/core."* "$T/kernel."*
	wait "$2" 2>/dev/null
}
