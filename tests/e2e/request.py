# SPDX-License-Identifier: GPL-2.0
"""PROCDUMP_IOC_DUMP for tests in Python; uapi/linux/procdump.h has the layout."""
import fcntl
import struct

PROCDUMP_IOC_DUMP = 0xd701
SIZE = 208


def dump(device, pid, file, mode=0, max_pause_ns=0):
    """Dump PID to FILE, both DEVICE and FILE being descriptors; OSError if it fails."""
    members = struct.pack('=IiQQiIIiIIQQ', SIZE, pid, 0, 0, file, mode,
                          0, 0, 0, 0, 0, max_pause_ns)
    fcntl.ioctl(device, PROCDUMP_IOC_DUMP, bytearray(members.ljust(SIZE, b'\0')))
