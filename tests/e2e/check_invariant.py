#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""check_invariant.py MAP CORE: is what tests/targets/invariant.c promises true
in its core? Exit 1 and say what is not, if it is not."""
import struct
import sys

import core

MAGIC = 0x6e6f6465a11600d5

def main():
    words = {}
    for line in open(sys.argv[1]):
        name, *rest = line.split()
        words[name] = rest
    c = core.Core(sys.argv[2])

    def read(address, layout):

        return struct.unpack(layout, c.read(address, struct.calcsize(layout)))

    start, count = int(words['pages'][0], 16), int(words['pages'][1])
    pages = c.read(start, count * 4096)
    values = [struct.unpack_from('<Q', pages, i * 4096)[0] for i in range(count)]
    steps = [i for i in range(1, count) if values[i] != values[i - 1]]
    if len(steps) > 1 or (steps and values[steps[0]] != values[0] - 1):
        sys.exit(f'pages: {len(steps)} steps, from {min(values)} to {max(values)}')

    address, count = int(words['list'][0], 16), int(words['list'][1])
    node = read(address, '<Q')[0]
    for number in range(count):
        if not node:
            sys.exit(f'list: it ends before node {number}')
        magic, got, following = read(node, '<QQQ')
        if magic != MAGIC or got != number:
            sys.exit(f'list: node {number} is {got} with magic {magic:#x}')
        node = following
    if node:
        sys.exit('list: it goes on behind its last node')

main()
