# SPDX-License-Identifier: GPL-2.0
"""latency.py SOCKET: ask a redis-server PING without a break until standard
input ends; then print how often, and the longest time without an answer."""
import select
import socket
import sys
import time

server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
longest = 0
count = 0
print('ready', flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    start = time.monotonic()
    server.sendall(b'PING\r\n')
    reply = server.recv(64)
    if reply != b'+PONG\r\n':
        sys.exit(f'bad reply: {reply}')
    longest = max(longest, time.monotonic() - start)
    count += 1
print(f'{count} {longest * 1000:.1f}')
