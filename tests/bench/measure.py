#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""measure.py COMMAND...: run it; then, on standard output, what it took:

WALL CPU RSS KERNEL

ms from start to end; ms that all CPUs were busy meanwhile, with whom ever, so that
what the kernel's workers do for the command counts; peak memory of the command,
or of the largest of its children, in KiB; and the kernel's own memory at its
peak, above what it was before, in KiB (page cache is not in it, but the nodes
that find it are). Exits with the command's status."""
import os
import sys
import threading
import time

KERNEL = {'Slab', 'KernelStack', 'PageTables', 'SecPageTables', 'VmallocUsed', 'Percpu'}


def kernel_kib():
    with open('/proc/meminfo') as file:
        return sum(int(line.split()[1]) for line in file if line.split(':')[0] in KERNEL)


def busy_ms():
    with open('/proc/stat') as file:
        user, nice, system, _, _, irq, softirq = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + softirq) * 1000 // os.sysconf('SC_CLK_TCK')


class Sampler(threading.Thread):
    """The largest that kernel_kib() was, ten times a second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.first = self.most = kernel_kib()

    def run(self):
        while True:
            self.most = max(self.most, kernel_kib())
            time.sleep(0.1)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sampler = Sampler()
    busy, began = busy_ms(), time.monotonic()
    pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                          file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    sampler.start()
    _, status, usage = os.wait4(pid, 0)
    wall, busy = time.monotonic() - began, busy_ms() - busy
    print(int(wall * 1000), busy, usage.ru_maxrss, max(0, sampler.most - sampler.first))
    sys.exit(os.waitstatus_to_exitcode(status) and 1)


main()
