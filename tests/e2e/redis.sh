# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A redis-server with 100 MB of keys that serves redis-benchmark; for
# redis.test and demo.sh. Wants $T, wait_until and started.

# redis-check-rdb of redis-tools is the server, under its own name.
redis_program=/usr/bin/redis-check-rdb
redis_socket=$T/redis.sock

redis_cli() {
	timeout -k 5 120 redis-cli -s "$redis_socket" "$@"
}

redis_answers() {
	[[ $(redis_cli ping 2>/dev/null) == PONG ]]
}

# redis_start [KEYS]: sets $redis, its process id, and $redis_keys
redis_start() {
	ln -s "$redis_program" "$T/redis-server"
	"$T/redis-server" --port 0 --unixsocket "$redis_socket" --save '' \
		--dir "$T" --enable-debug-command yes >"$T/redis.log" 2>&1 &
	redis=$!
	started+=("$redis")
	wait_until 120 redis_answers || return 1
	redis_cli debug populate "${1:-100000}" key 1000 >"$T/redis.populate" 2>&1 || return 1
	redis_keys=$(redis_cli dbsize)
	(( redis_keys == ${1:-100000} ))
}

# redis_load_start: clients that read and write until redis_load_stop, which
# is false if any of them ever saw an error. They use keys that exist.
redis_load_start() {
	rm -f "$T/load.stop"
	redis_load >"$T/load.log" 2>&1 &
	redis_loader=$!
	started+=("$redis_loader")
	wait_until 120 grep -q '^round' "$T/load.log"
}

redis_load() {
	local round=0

	while [[ ! -e $T/load.stop ]]; do
		redis-benchmark -s "$redis_socket" -c 8 -n 2000 -d 100 -q -t ping,get,lpush,lpop ||
			echo "failed: status $?"
		round=$((round + 1))
		echo "round $round"
	done
}

redis_load_rounds() {
	grep -c '^round' "$T/load.log"
}

redis_load_stop() {
	touch "$T/load.stop"
	wait "$redis_loader"
	! grep -iE 'failed|error|refused|closed' "$T/load.log"
}
