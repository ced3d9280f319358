#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that has a file mapped whose server hangs: file_hangs.py FILE PAGES

FILE gets a FUSE file system of its own, with PAGES pages. Its server answers for the
first page, and then not before somebody writes to the pipe FILE.go. Commands as in
tests/targets/target.h; "protect": it has userfaultfd protect what is mapped; and "read":
it reads the second page, which takes that long.
"""
import mmap
import os
import sys

import commands
import fuse
import uffd

PAGE = 4096


def page(number):
    return bytes([number % 255 + 1]) * PAGE


def read(offset, size):
    if offset and go:
        os.read(go.pop(), 1)
    return b''.join(page(n) for n in range(offset // PAGE, (offset + size) // PAGE))


def protect():
    uffd.protect(uffd.registered(mapped, uffd.WP, uffd.WP_ASYNC), mapped)


def touch():
    if mapped[PAGE] != page(1)[0]:
        print('bad: not what is in the file', flush=True)


if __name__ == '__main__':
    path, pages = sys.argv[1], int(sys.argv[2])
    go = [os.open(path + '.go', os.O_RDWR)]
    fuse.start(fuse.mount(path), pages * PAGE, read)
    with open(path, 'rb') as file:
        mapped = mmap.mmap(file.fileno(), pages * PAGE, mmap.MAP_PRIVATE)
    assert mapped[0] == page(0)[0]
    commands.serve({'protect': protect, 'read': touch})
