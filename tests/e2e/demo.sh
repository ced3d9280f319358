#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What make demo shows, in a virtual machine with the driver loaded: a core of
# a busy redis-server, while it serves its clients.
#
# For people; the lines that begin with "ok" or "not ok" are for tests/vm/run.
# timeout: 900
# shellcheck disable=SC2317 # functions that wait_until calls
. "${0%/*}/lib.sh"
. "${0%/*}/redis.sh"
need redis-benchmark redis-cli gdb "$redis_program"

say() {
	printf '\n==> %s\n' "$*"
}

stop() {
	printf '\n'
	not_ok "$1" "${2:-}"
	done_testing
}

say "A redis-server with 100 MB of keys on Linux $(uname -r)"
redis_start || stop 'redis-server starts' "$(tail "$T/redis.log")"
awk '/^(Name|VmRSS|Threads)/' "/proc/$redis/status"
printf 'Keys:\t%s\n' "$redis_keys"

say 'redis-benchmark keeps it busy, and a client measures each answer'
redis_load_start || stop 'redis-benchmark runs' "$(tail "$T/load.log")"
mkfifo "$T/latency.in"
"$python" "$e2e/latency.py" "$redis_socket" <"$T/latency.in" >"$T/latency" 2>&1 &
client=$!
started+=("$client")
exec {client_fd}>"$T/latency.in"
wait_until "$patience" grep -q ready "$T/latency" || stop 'the client starts' "$(<"$T/latency")"
rounds=$(redis_load_rounds)

mkdir -p /var/crash
say "procdumpctl -p $redis -Z /var/crash"
"$ctl" -v -p "$redis" -Z /var/crash >"$T/path" 2>"$T/report"
status=$?
core=$(<"$T/path")
cat "$T/report"
(( ! status )) || stop 'procdumpctl' "exit code $status"
ls -l "$core"

more_rounds() {
	(( $(redis_load_rounds) > rounds + 1 ))
}
wait_until $((4 * patience)) more_rounds || stop 'redis-benchmark goes on' "$(tail "$T/load.log")"
exec {client_fd}>&-
finish "$client"
read -r asked longest < <(tail -n 1 "$T/latency")
(( ! status )) || stop 'the client was served' "$(<"$T/latency")"
say "What the clients saw"
echo "redis-benchmark: $(redis_load_rounds) rounds, the last one:"
tr '\r' '\n' <"$T/load.log" | grep 'requests per second' | tail -n 4
echo "the other client: $asked answers, the longest took $longest ms (under emulation)"
redis_load_stop || stop 'redis-benchmark saw no error' "$(grep -i error "$T/load.log")"
echo "redis-cli ping: $(redis_cli ping)"

say 'gdb: the backtrace of all threads, from the core'
zstd -dqq --sparse -f "$core" -o "$T/core" || stop 'zstd -d'
in_time gdb -nx -batch -ex 'set pagination off' -ex 'thread apply all bt' \
	"$redis_program" "$T/core" 2>"$T/gdb.err" | tee "$T/gdb" |
	grep -vE '^(\[New LWP|warning:|Core was|Program term|Using host|\[Thread deb|$)'

printf '\n'
is 'procdumpctl wrote a core that is whole' "$(core_is whole "$T/core" 2>&1)" ''
is 'gdb shows a frame of every thread' "$(gdb_frames "$T/gdb")" \
	"$(find "/proc/$redis/task" -mindepth 1 -maxdepth 1 | wc -l)"
is 'the server still answers' "$(redis_cli ping)" PONG
ok 'redis-benchmark saw no error'
rm -f "$core"
done_testing
