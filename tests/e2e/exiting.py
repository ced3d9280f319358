#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process whose exit, or execve(), takes as long as a test wants:
exiting.py [PROGRAM ARGUMENT...]

It polls a ring of io_uring by that ring, which it must cancel when it exits,
under the ring's lock. A child has the lock, because it makes the kernel read
from a page that a userfaultfd serves, until the child gets SIGUSR1. Prints
"child PID"; commands as in tests/targets/target.h, and "exec": it executes
PROGRAM.
"""
import ctypes
import mmap
import os
import signal
import struct
import sys
import threading

import commands
import uffd
from libc import libc, must

SYS_IO_URING_SETUP, SYS_IO_URING_ENTER, SYS_IO_URING_REGISTER = 425, 426, 427
IORING_OP_POLL_ADD, IORING_REGISTER_EVENTFD = 6, 4
IORING_OFF_SQ_RING, IORING_OFF_SQES = 0, 0x10000000
POLLIN = 1


def poll_itself():
    """A ring with a request that waits for an event of that ring."""
    params = ctypes.create_string_buffer(120)
    ring = must(libc.syscall(SYS_IO_URING_SETUP, 1, params))
    tail, = struct.unpack_from('I', params, 44)
    array, = struct.unpack_from('I', params, 64)
    queue = mmap.mmap(ring, 4096, offset=IORING_OFF_SQ_RING)
    entries = mmap.mmap(ring, 4096, offset=IORING_OFF_SQES)
    struct.pack_into('=BBHiQQII', entries, 0, IORING_OP_POLL_ADD, 0, 0, ring,
                     0, 0, 0, POLLIN)
    struct.pack_into('I', queue, array, 0)
    struct.pack_into('I', queue, tail, 1)
    if must(libc.syscall(SYS_IO_URING_ENTER, ring, 1, 0, 0, None, 0)) != 1:
        raise OSError('io_uring_enter')
    return ring


def keep_lock(ring):
    area = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    fd = uffd.registered(area)
    thread = threading.Thread(target=libc.syscall, args=(
        SYS_IO_URING_REGISTER, ring, IORING_REGISTER_EVENTFD,
        ctypes.c_void_p(uffd.address(area)), 1))
    thread.start()
    signal.sigwait({signal.SIGUSR1})
    uffd.zero(fd, area)
    thread.join()


kept = poll_itself()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
child = os.fork()
if not child:
    keep_lock(kept)
    os._exit(0)
print('child', child)
commands.serve({'exec': lambda: os.execv(sys.argv[1], sys.argv[1:])})
