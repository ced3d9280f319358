#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process in a read that is direct without O_DIRECT: fuse_reader.py FILE [map]

A child of it serves a FUSE file system of one file, mounted on FILE for the two
only, that passes the page cache (FOPEN_DIRECT_IO), and it is in a read of that.
With map it maps the file instead, for writing, and does no more with it.
At the command verify it writes to the page that is read into, lets the read end,
looks whether anything was lost, and begins the next one. The others as in
tests/targets/target.h. linux/fuse.h has the protocol.
"""
import ctypes
import mmap
import os
import queue
import signal
import struct
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_PRIVATE_REC, PR_SET_PDEATHSIG = 0x20000, 0x44000, 1
GETATTR, OPEN, READ, RELEASE, FLUSH, INIT = 3, 14, 15, 18, 25, 26
NO_ANSWER = (2, 36, 42)			# FORGET, INTERRUPT, BATCH_FORGET
ENOSYS = 38
FOPEN_DIRECT_IO = 1
DATA = bytes(i * 7 % 251 + 1 for i in range(2048))
BEHIND = 3000

come = queue.Queue()


def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'system call')


def mount(fd, path):
    must(libc.mount(b'none', b'/', None, MS_PRIVATE_REC, None))
    options = 'fd=%d,rootmode=100600,user_id=0,group_id=0' % fd
    must(libc.mount(b'fuse_reader', path.encode(), b'fuse', 0, options.encode()))


def answer(fd, unique, data=b'', error=0):
    os.write(fd, struct.pack('<IiQ', 16 + len(data), -error, unique) + data)


def attributes():
    return struct.pack('<QII6Q10I', 1, 0, 0, 1, len(DATA), 8, 0, 0, 0,
                       0, 0, 0, 0o100600, 1, 0, 0, 0, 4096, 0)


def serve_files(fd, asked, told, direct):
    fixed = {
        INIT: struct.pack('<IIIIHHIIHHII24x', 7, 31, 0, 0, 1, 1, 4096, 1, 0, 0, 0, 0),
        OPEN: struct.pack('<QII', 0, FOPEN_DIRECT_IO if direct else 0, 0),
        GETATTR: attributes(),
        RELEASE: b'',
        FLUSH: b'',
    }
    while True:
        request = os.read(fd, 1 << 18)
        opcode, unique = struct.unpack_from('<IQ', request, 4)
        if opcode == READ and not direct:
            answer(fd, unique, DATA)
        elif opcode == READ:
            os.write(asked, b'r')
            os.read(told, 1)
            answer(fd, unique, DATA)
        elif opcode in fixed:
            answer(fd, unique, fixed[opcode])
        elif opcode not in NO_ANSWER:
            answer(fd, unique, error=ENOSYS)


def read_all(path, area):
    with open(path, 'rb', buffering=0) as file:
        while True:
            come.put(os.preadv(file.fileno(), [memoryview(area)[:len(DATA)]], 0))


def start_server(fuse, direct):
    """Pipes: one byte from the server for each read that begins, one to it for
    each that is to end."""
    reads, asked = os.pipe()
    told, ends = os.pipe()
    parent = os.getpid()
    if not os.fork():
        # With the target, or what the target waits for would never come.
        must(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
        if os.getppid() == parent:
            serve_files(fuse, asked, told, direct)
        os._exit(1)
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
    must(libc.unshare(CLONE_NEWNS))
    fuse = os.open('/dev/fuse', os.O_RDWR | os.O_CLOEXEC)
    # Before: to read from a device that nothing is mounted with is an error.
    mount(fuse, sys.argv[1])
    direct = len(sys.argv) < 3
    reads, ends = start_server(fuse, direct)
    os.close(fuse)
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
