# SPDX-License-Identifier: GPL-2.0
"""A Python process with eight threads that count, and the commands of
targets/target.h: verify answers ok once each has counted on."""
import os
import sys
import threading
import time

THREADS = 8
counts = [0] * THREADS


def count_up(index):
    numbers = {}
    while True:
        counts[index] += 1
        numbers[counts[index] % 1000] = str(counts[index])
        if index % 2:
            time.sleep(0.001)


def counted_on():
    before = list(counts)
    deadline = time.monotonic() + 120
    while any(a == b for a, b in zip(counts, before)):
        if time.monotonic() > deadline:
            return 'bad ' + ' '.join(str(a - b) for a, b in zip(counts, before))
        time.sleep(0.01)
    return 'ok'


# Known contents for the core to show.
marker = ['procdump-python-%06d' % i for i in range(20000)]
for i in range(THREADS):
    threading.Thread(target=count_up, args=(i,), daemon=True).start()
print(counted_on() == 'ok' and f'ready {os.getpid()}', flush=True)
for line in sys.stdin:
    if line.strip() == 'quit':
        break
    print(counted_on(), flush=True)
os._exit(0)
