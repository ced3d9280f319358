#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that may have to wait for what it executes: exec_slow.py FILE

FILE gets a program, on a FUSE file system of its own, whose data is far behind its
code, and is not read before somebody writes to the pipe FILE.go. Commands as in
tests/targets/target.h, and "exec": it executes that. The program waits for a signal.
"""
import os
import struct
import sys

import commands
import fuse

BASE, DATA_AT = 0x400000, 1 << 20
# pause(), again and again
CODE = bytes.fromhex('b822000000 0f05 ebf7')


def program():
    """Its data is a few bytes, and zeros, which execve() writes behind them."""
    header = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01', 2, 62, 1,
                         BASE + 176, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    code = struct.pack('<IIQQQQQQ', 1, 5, 0, BASE, BASE, 4096, 4096, 4096)
    data = struct.pack('<IIQQQQQQ', 1, 6, DATA_AT, BASE + DATA_AT, BASE + DATA_AT,
                       16, 8192, 4096)
    image = (header + code + data + CODE).ljust(DATA_AT, b'\0')
    return image + b'data of this one'


def read(offset, size):
    if offset + size > DATA_AT and go:
        os.read(go.pop(), 1)
    return image[offset:offset + size]


image = program()
path = sys.argv[1]
go = [os.open(path + '.go', os.O_RDWR)]
fuse.start(fuse.mount(path), len(image), read)
commands.serve({'exec': lambda: os.execv(path, [path])})
