#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that a snapshot of its memory could harm: hazards.py KIND [PATH]

none, direct PATH, aio, io_uring, pinned, hugetlb, userfaultfd; or whose memory
a copy does not have: dontfork, wipeonfork, shared. Those three have a mark in
it, which is nowhere else. Or filled MIB and shmem MIB: one that has that much memory
of its own, or that could be shared and has no zeros; cipher and
tty: one with a thread that waits for data; secret: one with 16 pages of
memfd_secret(2), each with the mark; zeropage: one with 16 pages of a file, which have
the mark, and the zero page in place of each; protected: one with 16 pages, and a huge
one, that userfaultfd protects and nobody ever touched, whose place it prints as "map
NAME START LENGTH". Commands as in tests/targets/target.h.
"""
import ctypes
import mmap
import os
import socket
import struct
import sys
import threading
import time

import commands
import uffd
from libc import libc, must
from uffd import address

SYS_IO_SETUP, SYS_MEMFD_SECRET = 206, 447
SYS_IO_URING_SETUP, SYS_IO_URING_REGISTER = 425, 427
IORING_REGISTER_BUFFERS = 0
MAP_PRIVATE_ANON, MAP_POPULATE, MAP_HUGETLB = 0x22, 0x8000, 0x40000
kept = []


def userfaultfd():
    area = mmap.mmap(-1, 1 << 20, flags=MAP_PRIVATE_ANON)
    kept.extend((area, uffd.registered(area)))


def hugetlb():
    area = mmap.mmap(-1, 2 << 20, flags=MAP_PRIVATE_ANON | MAP_HUGETLB)
    area[0] = 1
    kept.append(area)


def aio():
    context = ctypes.c_ulong(0)
    must(libc.syscall(SYS_IO_SETUP, 1, ctypes.byref(context)))


def io_uring():
    return must(libc.syscall(SYS_IO_URING_SETUP, 1, ctypes.create_string_buffer(120)))


def pinned():
    area = mmap.mmap(-1, 8 << 20, flags=MAP_PRIVATE_ANON)
    vector = struct.pack('QQ', address(area), len(area))
    must(libc.syscall(SYS_IO_URING_REGISTER, io_uring(), IORING_REGISTER_BUFFERS,
                      vector, 1))
    kept.append(area)


def cipher():
    algorithm = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
    algorithm.bind(('skcipher', 'cbc(aes)'))
    algorithm.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, bytes(16))
    kept.append(algorithm)
    reads(algorithm.accept()[0].recv, 45)


def tty():
    ends = os.openpty()
    kept.extend(ends)
    reads(lambda size: os.read(ends[1], size), 0)


def reads(function, call):
    """A thread that is in this system call. One that waits for Python's lock sleeps, too."""
    thread = threading.Thread(target=function, args=(16,), daemon=True)
    thread.start()
    while True:
        with open(f'/proc/self/task/{thread.native_id}/syscall') as f:
            if f.read().split()[0] == str(call):
                return
        time.sleep(0.01)


def mark(area, at):
    # Made in place, so that it is in no other object.
    for i in range(32):
        area[at + i] = (i * 37 + 11) & 0xff


def marked(advice, flags=MAP_PRIVATE_ANON):
    area = mmap.mmap(-1, 1 << 20, flags=flags)
    if advice:
        area.madvise(advice)
    mark(area, 4096 * 100)
    kept.append(area)


def file_marked(fd):
    os.ftruncate(fd, 16 * 4096)
    area = mmap.mmap(fd, 16 * 4096)
    for i in range(16):
        mark(area, i * 4096)
    return area


def secret():
    kept.append(file_marked(must(libc.syscall(SYS_MEMFD_SECRET, os.O_CLOEXEC))))


def zeropage():
    fd = os.memfd_create('zeropage')
    file_marked(fd).close()
    area = mmap.mmap(fd, 16 * 4096, flags=mmap.MAP_PRIVATE)
    fd = uffd.registered(area)
    uffd.zero(fd, area)
    # The pages stay; who dumps this has no fault to wait for.
    os.close(fd)
    kept.append(area)


def protected():
    for name, size, flags in ('small', 16 * 4096, 0), ('huge', 2 << 20, MAP_HUGETLB):
        area = mmap.mmap(-1, size, flags=MAP_PRIVATE_ANON | flags)
        uffd.protect(uffd.registered(area, uffd.WP, uffd.WP_UNPOPULATED), area)
        kept.append(area)
        print(f'map {name} {address(area):x} {size:x}')


kind = sys.argv[1]
if kind == 'direct':
    kept.append(os.open(sys.argv[2], os.O_RDONLY | os.O_DIRECT))
elif kind == 'filled':
    kept.append(mmap.mmap(-1, int(sys.argv[2]) << 20,
                          flags=MAP_PRIVATE_ANON | MAP_POPULATE))
elif kind == 'shmem':
    kept.append(mmap.mmap(-1, int(sys.argv[2]) << 20))
    for _ in range(int(sys.argv[2])):
        kept[0].write(b'x' * (1 << 20))
elif kind == 'dontfork':
    marked(10)
elif kind == 'wipeonfork':
    marked(18)
elif kind == 'shared':
    marked(0, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
elif kind != 'none':
    {'aio': aio, 'io_uring': io_uring, 'pinned': pinned, 'hugetlb': hugetlb,
     'userfaultfd': userfaultfd, 'cipher': cipher, 'tty': tty, 'secret': secret,
     'zeropage': zeropage, 'protected': protected}[kind]()

commands.serve()
