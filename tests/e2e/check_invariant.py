#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""check_invariant.py MAP CORE COUNT COMMAND...: run COMMAND, which writes CORE,
COUNT times. Is what tests/targets/invariant.c promises true in it? Prints how
many of the cores break it, and on standard error how. Exit 1 if the command
fails."""
import struct
import subprocess
import sys

import core

MAGIC = 0x6e6f6465a11600d5


def broken(words, path):
    """What is wrong in this core, or None."""
    c = core.Core(path)

    def read(address, layout):
        return struct.unpack(layout, c.read(address, struct.calcsize(layout)))

    start, count = int(words['pages'][0], 16), int(words['pages'][1])
    pages = c.read(start, count * 4096)
    values = [struct.unpack_from('<Q', pages, i * 4096)[0] for i in range(count)]
    steps = [i for i in range(1, count) if values[i] != values[i - 1]]
    if len(steps) > 1 or (steps and values[steps[0]] != values[0] - 1):
        return f'pages: {len(steps)} steps, from {min(values)} to {max(values)}'

    address, count = int(words['list'][0], 16), int(words['list'][1])
    node = read(address, '<Q')[0]
    for number in range(count):
        if not node:
            return f'list: it ends before node {number}'
        magic, got, following = read(node, '<QQQ')
        if magic != MAGIC or got != number:
            return f'list: node {number} is {got} with magic {magic:#x}'
        node = following
    return 'list: it goes on behind its last node' if node else None


def main():
    words = {}
    for line in open(sys.argv[1]):
        name, *rest = line.split()
        words[name] = rest
    count = 0
    for _ in range(int(sys.argv[3])):
        done = subprocess.run(sys.argv[4:], stdout=subprocess.PIPE)
        if done.returncode:
            sys.exit(done.stdout.decode())
        why = broken(words, sys.argv[2])
        if why:
            count += 1
            print(why, file=sys.stderr)
    print(count)


main()
