#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that was killed and does not end: reaped.py

It is a child, which is kept at PTRACE_EVENT_EXIT, where it has its memory and all
registers, and which is the one that is named after "ready". Commands as in
tests/targets/target.h, and "reap": its memory is taken away. It ends with "quit".
"""
import ctypes
import mmap
import os
import signal

import commands
from libc import libc, must

libc.ptrace.argtypes = [ctypes.c_long] * 4
SYS_PROCESS_MRELEASE = 448
PTRACE_CONT, PTRACE_SEIZE = 7, 0x4206
PTRACE_O_TRACEEXIT, PTRACE_EVENT_EXIT = 1 << 6, 6


def kept_child():
    filled, tell = os.pipe()
    pid = os.fork()
    if not pid:
        area = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        area.write(b'this was in the heap' * (len(area) // 20))
        os.write(tell, b'.')
        while True:
            signal.pause()
    os.read(filled, 1)
    must(libc.ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT))
    os.kill(pid, signal.SIGKILL)
    if os.waitpid(pid, 0)[1] >> 8 != PTRACE_EVENT_EXIT << 8 | signal.SIGTRAP:
        raise OSError('it ended')
    return pid


child = kept_child()
pidfd = os.pidfd_open(child)
commands.serve({'reap': lambda: must(libc.syscall(SYS_PROCESS_MRELEASE, pidfd, 0))},
               child)
must(libc.ptrace(PTRACE_CONT, child, 0, 0))
os.waitpid(child, 0)
