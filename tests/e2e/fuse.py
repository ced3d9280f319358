# SPDX-License-Identifier: GPL-2.0
"""A FUSE file system of one file, for tests. linux/fuse.h has the protocol."""
import os
import signal
import struct

from libc import libc, must

CLONE_NEWNS, MS_PRIVATE_REC, PR_SET_PDEATHSIG = 0x20000, 0x44000, 1
GETATTR, OPEN, READ, RELEASE, FLUSH, INIT = 3, 14, 15, 18, 25, 26
NO_ANSWER = (2, 36, 42)			# FORGET, INTERRUPT, BATCH_FORGET
ENOSYS = 38
FOPEN_DIRECT_IO = 1


def mount(path):
    """On a file, for this process and its children only. Returns the device."""
    must(libc.unshare(CLONE_NEWNS))
    fd = os.open('/dev/fuse', os.O_RDWR | os.O_CLOEXEC)
    must(libc.mount(b'none', b'/', None, MS_PRIVATE_REC, None))
    options = 'fd=%d,rootmode=100700,user_id=0,group_id=0' % fd
    must(libc.mount(b'fuse', path.encode(), b'fuse', 0, options.encode()))
    return fd


def answer(fd, unique, data=b'', error=0):
    os.write(fd, struct.pack('<IiQ', 16 + len(data), -error, unique) + data)


def serve(fd, size, read, flags=0):
    fixed = {
        INIT: struct.pack('<IIIIHHIIHHII24x', 7, 31, 0, 0, 1, 1, 4096, 1, 0, 0, 0, 0),
        OPEN: struct.pack('<QII', 0, flags, 0),
        GETATTR: struct.pack('<QII6Q10I', 1, 0, 0, 1, size, 8, 0, 0, 0,
                             0, 0, 0, 0o100700, 1, 0, 0, 0, 4096, 0),
        RELEASE: b'',
        FLUSH: b'',
    }
    while True:
        request = os.read(fd, 1 << 18)
        opcode, unique = struct.unpack_from('<IQ', request, 4)
        if opcode == READ:
            answer(fd, unique, read(*struct.unpack_from('<QI', request, 48)))
        elif opcode in fixed:
            answer(fd, unique, fixed[opcode])
        elif opcode not in NO_ANSWER:
            answer(fd, unique, error=ENOSYS)


def start(fd, size, read, flags=0):
    """Serve in a child of this process: read(offset, size) is what is read."""
    parent = os.getpid()
    if not os.fork():
        # With the target, or what the target waits for would never come.
        must(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
        if os.getppid() == parent:
            serve(fd, size, read, flags)
        os._exit(1)
    os.close(fd)
