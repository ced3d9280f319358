#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that a snapshot of its memory could harm: hazards.py KIND [PATH]

none, direct PATH, aio, io_uring, pinned, hugetlb, userfaultfd; or whose memory
a copy does not have: dontfork, wipeonfork, shared. Those three have a mark in
it, which is nowhere else. Or filled MIB: one that has that much memory; cipher and
tty: one with a thread that waits for data. Commands as in tests/targets/target.h.
"""
import ctypes
import fcntl
import mmap
import os
import socket
import struct
import sys
import threading
import time

import commands

libc = ctypes.CDLL(None, use_errno=True)
SYS_IO_SETUP, SYS_USERFAULTFD = 206, 323
SYS_IO_URING_SETUP, SYS_IO_URING_REGISTER = 425, 427
IORING_REGISTER_BUFFERS = 0
MAP_PRIVATE_ANON, MAP_POPULATE, MAP_HUGETLB = 0x22, 0x8000, 0x40000
UFFDIO_API, UFFDIO_REGISTER = 0xc018aa3f, 0xc020aa00
kept = []


def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'system call')
    return result


def address(area):
    return ctypes.addressof(ctypes.c_char.from_buffer(area))


def userfaultfd():
    fd = must(libc.syscall(SYS_USERFAULTFD, os.O_CLOEXEC))
    area = mmap.mmap(-1, 1 << 20, flags=MAP_PRIVATE_ANON)
    fcntl.ioctl(fd, UFFDIO_API, bytearray(struct.pack('QQQ', 0xaa, 0, 0)))
    fcntl.ioctl(fd, UFFDIO_REGISTER,
                bytearray(struct.pack('QQQQ', address(area), 1 << 20, 1, 0)))
    kept.extend((fd, area))


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


def marked(advice, flags=MAP_PRIVATE_ANON):
    area = mmap.mmap(-1, 1 << 20, flags=flags)
    if advice:
        area.madvise(advice)
    # Made in place, so that it is in no other object.
    for i in range(32):
        area[4096 * 100 + i] = (i * 37 + 11) & 0xff
    kept.append(area)


kind = sys.argv[1]
if kind == 'direct':
    kept.append(os.open(sys.argv[2], os.O_RDONLY | os.O_DIRECT))
elif kind == 'filled':
    kept.append(mmap.mmap(-1, int(sys.argv[2]) << 20,
                          flags=MAP_PRIVATE_ANON | MAP_POPULATE))
elif kind == 'dontfork':
    marked(10)
elif kind == 'wipeonfork':
    marked(18)
elif kind == 'shared':
    marked(0, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
elif kind != 'none':
    {'aio': aio, 'io_uring': io_uring, 'pinned': pinned, 'hugetlb': hugetlb,
     'userfaultfd': userfaultfd, 'cipher': cipher, 'tty': tty}[kind]()

commands.serve()
