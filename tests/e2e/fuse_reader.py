#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process in a read that is direct without O_DIRECT: fuse_reader.py FILE [map]

A child of it serves a FUSE file system of one file, mounted on FILE for the two
only, that passes the page cache (FOPEN_DIRECT_IO), and it is in a read of that.
With map it maps the file instead, for writing, and does no more with it.
At the command verify it writes to the page that is read into, lets the read end,
looks whether anything was lost, and begins the next one. The others as in
tests/targets/target.h.
"""
import mmap
import os
import queue
import sys
import threading

import fuse

DATA = bytes(i * 7 % 251 + 1 for i in range(2048))
BEHIND = 3000

come = queue.Queue()


def read_all(path, area):
    with open(path, 'rb', buffering=0) as file:
        while True:
            come.put(os.preadv(file.fileno(), [memoryview(area)[:len(DATA)]], 0))


def start_server(path, direct):
    """Pipes: one byte from the server for each read that begins, one to it for
    each that is to end."""
    reads, asked = os.pipe()
    told, ends = os.pipe()

    def read(offset, size):
        if direct:
            os.write(asked, b'r')
            os.read(told, 1)
        return DATA

    # Mounted before: to read from a device that nothing is mounted with is an error.
    fuse.start(fuse.mount(path), len(DATA), read, fuse.FOPEN_DIRECT_IO if direct else 0)
    return reads, ends


def hold_mapping(path):
    with open(path, 'r+b') as file:
        mapped = mmap.mmap(file.fileno(), len(DATA))
    print('ready', os.getpid(), flush=True)
    for line in sys.stdin:
        if line.strip() != 'verify':
            break
        print('ok' if mapped[:] == DATA else 'bad: not what was read', flush=True)
    os._exit(0)


def main():
    direct = len(sys.argv) < 3
    reads, ends = start_server(sys.argv[1], direct)
    if not direct:
        hold_mapping(sys.argv[1])
    area = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area[:] = bytes(4096)
    threading.Thread(target=read_all, args=(sys.argv[1], area), daemon=True).start()
    os.read(reads, 1)
    print('ready', os.getpid(), flush=True)
    for line in sys.stdin:
        if line.strip() != 'verify':
            break
        area[BEHIND] ^= 0xff
        os.write(ends, b'e')
        size = come.get()
        good = size == len(DATA) and area[:size] == DATA
        area[:size] = bytes(size)
        os.read(reads, 1)
        print('ok' if good else 'bad: what was read is lost', flush=True)
    os._exit(0)


main()
