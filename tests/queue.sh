# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A queue of jobs: as many run at once as there are processors, so that none waits for
# the end of a part. Sourced, after tests/vm/tap.sh, by tests/run; needs say, which
# announces a job.
#
# queue LABEL KIND NEEDS COMMAND...: a job. Its last line must be that of tap_summary,
# as from tests/vm/run, and "results COMMAND..." for our own functions; its other lines
# are shown with the label. NEEDS is the label of a job that has to end well before it,
# or nothing. Of those that could start, one comes first whose KIND does not run.
#
# queue_run: until all is done; the results are added up, as tap_summary prints them, and
# what took how long is said.
#
# A job is a process group of its own, so it does not see ^C: a signal to us ends all.
declare -A job_kind=() job_needs=() job_command=() job_log=() job_label=() job_good=() job_begun=()
waiting=() took=()
queue_width=$(nproc)
queue() {
	waiting+=("$1")
	job_kind[$1]=$2
	job_needs[$1]=$3
	printf -v "job_command[$1]" '%q ' "${@:4}"
}

results() {
	tap_passed=0 tap_failed=0 tap_skipped=0 tap_failures=()
	"$@"
	tap_summary
}

# job_next: sets $at, the place in the queue of the one to start next
job_next() {
	local i kinds=' ' label pid

	for pid in "${!job_log[@]}"; do kinds+="${job_kind[${job_label[$pid]}]} "; done
	at=
	for i in "${!waiting[@]}"; do
		label=${waiting[i]}
		[[ ! ${job_needs[$label]} || ${job_good[${job_needs[$label]}]:-} ]] || continue
		: "${at:=$i}"
		[[ $kinds == *" ${job_kind[$label]} "* ]] || { at=$i; break; }
	done
	[[ $at ]]
}

# job_start AT: the one at this place
job_start() {
	local label=${waiting[$1]} log

	unset "waiting[$1]"
	say "$label"
	job_begun[$label]=$SECONDS
	log=$(mktemp) || exit 2
	# With a process group of its own, which a signal to us ends as a whole.
	set -m
	eval "${job_command[$label]}" </dev/null 2>&1 | tee "$log" | sed -u "s/^/$label: /" &
	set +m
	job_log[$!]=$log
	job_label[$!]=$label
}

job_ended() {
	local pid

	for pid in "${!job_log[@]}"; do
		kill -0 "$pid" 2>/dev/null || { echo "$pid"; return; }
	done
	return 1
}

# job_end: waits for one, and adds up its results
job_end() {
	local pid label log last

	# "wait -n" alone may miss one that has ended before.
	until pid=$(job_ended); do wait -n "${!job_log[@]}"; done
	label=${job_label[$pid]} log=${job_log[$pid]}
	unset "job_log[$pid]" "job_label[$pid]"
	took+=("$(( SECONDS - job_begun[$label] )) s, from ${job_begun[$label]} s on: $label")
	last=$(tail -n 1 "$log")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		tap_passed=$(( tap_passed + BASH_REMATCH[1] ))
		tap_failed=$(( tap_failed + BASH_REMATCH[2] ))
		tap_skipped=$(( tap_skipped + ${BASH_REMATCH[4]:-0} ))
		(( BASH_REMATCH[2] + ${BASH_REMATCH[4]:-0} )) || job_good[$label]=1
		mapfile -t -O "${#tap_failures[@]}" tap_failures < <(
			sed -n "/^# failures:\$/,\$ s/^#   /$label: /p" "$log")
	else
		tap_name=$label
		tap_fail 'no result'
	fi
	rm -f "$log"
}

# queue_run: until all is done. What needs a job that did not end well is not run.
queue_run() {
	local at

	while (( ${#waiting[@]} + ${#job_log[@]} )); do
		if (( ${#job_log[@]} < queue_width )) && job_next; then
			job_start "$at"
		elif (( ${#job_log[@]} )); then
			job_end
		else
			echo "# not run: ${waiting[*]}"
			waiting=()
		fi
	done
	(( ! ${#took[@]} )) || printf '# took %s\n' "${took[@]}"
}

trap 'for group in $(jobs -p); do kill -- "-$group"; done 2>/dev/null; exit 130' INT TERM
