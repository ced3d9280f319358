# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Judge TAP. Sourced by tests/vm/run.
#
# tap_begin NAME, tap_line LINE for each line of output, tap_end STATUS. A
# test passes when it exits with 0, its plan was seen once, as many results as
# planned came in, numbered in order where numbered, and none is "not ok".
# Everything wrong counts as one failure, and is listed by tap_summary, with the
# first lines that the test says about it.

tap_passed=0
tap_failed=0
tap_skipped=0
tap_failures=()
tap_told=6	# lines about the last failure; no more than six
tap_name=

tap_fail() {
	tap_told=0
	tap_failures+=("${tap_name:+$tap_name: }$1")
	tap_failed=$((tap_failed + 1))
}

# tap_result LINE: count one "ok" or "not ok" line; false if it is neither.
tap_result() {
	local skip='^ok\>.*#[[:space:]]*(SKIP|skip)'

	if [[ $1 =~ ^not\ ok($|[[:space:]]) ]]; then
		tap_fail "$1"
	elif [[ $1 =~ $skip ]]; then
		tap_skipped=$((tap_skipped + 1))
	elif [[ $1 =~ ^ok($|[[:space:]]) ]]; then
		tap_passed=$((tap_passed + 1))
	else
		return 1
	fi
}

tap_begin() {
	tap_name=$1
	tap_plan=
	tap_seen=0
	tap_told=6
}

# tap_tell LINE: what is said right after a failed result is about it
tap_tell() {
	(( tap_told < 6 )) || return
	tap_told=$((tap_told + 1))
	tap_failures[-1]+=$'\n'"#       ${1:0:300}"
}

tap_line() {
	[[ $1 == 'not ok'* || $1 == '#'* ]] || tap_told=6
	[[ $1 != '#'* ]] || tap_tell "${1#\# }"
	if [[ $1 =~ ^1\.\.([0-9]+)(.*)$ ]]; then
		[[ ! $tap_plan ]] || tap_fail "a second plan: $1"
		tap_plan=${BASH_REMATCH[1]}
		if (( tap_plan == 0 )); then
			if [[ ${BASH_REMATCH[2]} =~ \#[[:space:]]*(SKIP|skip) ]]; then
				tap_skipped=$((tap_skipped + 1))
			else
				tap_fail 'nothing planned, and no reason given'
			fi
		fi
	elif tap_result "$1"; then
		tap_seen=$((tap_seen + 1))
		if [[ $1 =~ ^(not\ )?ok\ ([0-9]+) ]] && (( 10#${BASH_REMATCH[2]} != tap_seen )); then
			tap_fail "result number $tap_seen is called ${BASH_REMATCH[2]}"
		fi
	elif [[ $1 == 'Bail out!'* ]]; then
		tap_fail "$1"
	fi
}

tap_end() {
	if [[ ! $tap_plan ]]; then
		tap_fail 'no plan'
	elif (( tap_seen != tap_plan )); then
		tap_fail "$tap_plan results planned, $tap_seen seen"
	fi
	case $1 in
	0) ;;
	timeout) tap_fail 'timed out' ;;
	*) tap_fail "exit status $1" ;;
	esac
	tap_name=
}

# The last line is for programs, too. False when something failed.
tap_summary() {
	if (( ${#tap_failures[@]} )); then
		echo "# failures:"
		printf '#   %s\n' "${tap_failures[@]}"
	fi
	printf '%d passed, %d failed' "$tap_passed" "$tap_failed"
	(( ! tap_skipped )) || printf ', %d skipped' "$tap_skipped"
	echo
	(( ! tap_failed ))
}
