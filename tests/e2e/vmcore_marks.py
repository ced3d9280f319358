# SPDX-License-Identifier: GPL-2.0
"""Plant markers in memory, and say so; then wait to be killed. The markers are
made up here, so that the program itself does not hold them. vmcore_marks.py
find CORE looks for them; refless CORE for those of tests/modules/refless.c."""
import ctypes
import mmap
import os
import sys

KINDS = ['anonymous', 'cache', 'huge', 'freed', 'slab']
STACK = [0x5a1b2c3d4e5f6071, 0x1f2e3d4c5b6a7988]


def marker(kind):
    seed = KINDS.index(kind) + 1
    size = 14 if kind == 'slab' else 40
    return bytes(0x41 + (i * 7 + seed * 11 + i * i * seed) % 26 for i in range(size))


def fill(m, kind):
    mark = marker(kind)
    for at in range(0, len(m), 4096):
        m[at + 64:at + 64 + len(mark)] = mark


def plant(directory):
    libc = ctypes.CDLL(None, use_errno=True)
    anon = mmap.mmap(-1, 16 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    fill(anon, 'anonymous')
    with open('/proc/sys/vm/nr_hugepages', 'w') as f:
        f.write('4\n')
    huge = mmap.mmap(-1, 4 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x40000)
    fill(huge, 'huge')
    path = os.path.join(directory, 'cache')
    with open(path, 'wb') as f:
        f.truncate(16 << 20)
    with open(path, 'r+b') as f:
        fill(mmap.mmap(f.fileno(), 16 << 20), 'cache')
    freed = mmap.mmap(-1, 16 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    fill(freed, 'freed')
    freed.close()
    libc.prctl(15, marker('slab'), 0, 0, 0)
    with open(os.path.join(directory, 'planted'), 'w') as f:
        f.write(f'{os.getpid()}\n')
    wait = (ctypes.c_long * 2)(100000, 0)
    libc.syscall(35, wait, ctypes.c_long(0), ctypes.c_long(0),
                 ctypes.c_long(STACK[0]), ctypes.c_long(STACK[1]))


def refless(path):
    """Prints how often each of the module's markers occurs."""
    marks = [bytes(0x41 + (i * i * kind + i * 7 + kind * 11) % 26 for i in range(32))
             for kind in (1, 2, 3)]
    with open(path, 'rb') as f, mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as m:
        print(*(sum(m[at:at + 32] == mark for at in range(0, len(m), 4096))
                for mark in marks))


def find(path):
    """Prints how often each marker occurs."""
    count = dict.fromkeys(KINDS, 0)
    with open(path, 'rb') as f:
        tail = b''
        while chunk := f.read(1 << 20):
            for kind in KINDS:
                count[kind] += (tail + chunk).count(marker(kind)) - tail.count(marker(kind))
            tail = chunk[-64:]
    print(' '.join(f'{k}={n}' for k, n in count.items()))


if sys.argv[1] == 'plant':
    plant(sys.argv[2])
elif sys.argv[1] == 'refless':
    refless(sys.argv[2])
else:
    find(sys.argv[2])
