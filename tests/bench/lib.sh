# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For benches: . "${0%/*}/lib.sh". They measure commands that make the file
# $out, keep of each the fastest run, and print a table.
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../e2e/lib.sh"
bench=$root/tests/bench
rows=()
declare -A wall row pause

# measure NAME COMMAND...
measure() {
	local name=$1 got ms rest

	shift
	rm -f "$out"
	if ! got=$("$python" "$bench/measure.py" "$@" 2>"$T/log"); then
		not_ok "$name" "$(tail "$T/log")"
		return 1
	fi
	read -r ms rest <<<"$got"
	[[ ${wall[$name]:-} ]] || rows+=("$name")
	if [[ ! ${wall[$name]:-} ]] || (( ms < ${wall[$name]} )); then
		wall[$name]=$ms
		row[$name]="$ms $rest $(stat -c %s "$out" 2>/dev/null || echo 0)"
	fi
	: "${pause[$name]:=0}"
}

# measure_dump NAME COMMAND...: and the longest gap in the target's heartbeat.
# Of several the shortest, whichever was the fastest.
measure_dump() {
	local gap

	target_ask gap
	measure "$@" || return
	target_ask gap
	gap=$(( ${answer##*ns=} / 1000 ))
	(( ${pause[$1]} && ${pause[$1]} <= gap )) || pause[$1]=$gap
}

# no_more DESCRIPTION NUMBER PERCENT OTHER: NUMBER is at most so much of OTHER
no_more() {
	local ratio

	ratio=$("$python" -c 'import sys; print(f"{int(sys.argv[1]) / int(sys.argv[2]):.2f}")' "$2" "$4")
	if (( $2 * 100 <= $3 * $4 )); then
		ok "$1: $ratio times"
	else
		not_ok "$1: $ratio times, more than $3 %" "$2 ms, $4 ms"
	fi
}

# table FILE: for plot.py, and for people
table() {
	local name

	for name in "${rows[@]}"; do
		printf '%s\t%s\n' "$name" "$(tr ' ' '\t' <<<"${row[$name]} ${pause[$name]}")"
	done >"/run/out/$1"
	echo "Linux $(uname -r), $(nproc) CPUs" >/run/out/kernel
	diag "$1: $(uname -r), $(nproc) CPUs: ms, ms of all CPUs, KiB, KiB of kernel, bytes, pause us"
	diag "$(<"/run/out/$1")"
}
