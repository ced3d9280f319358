# SPDX-License-Identifier: GPL-2.0
"""userfaultfd(2), numbers from linux/userfaultfd.h and asm/unistd_64.h."""
import ctypes
import fcntl
import os
import struct

from libc import libc, must

SYS_USERFAULTFD = 323
UFFD_API, UFFDIO_API, UFFDIO_REGISTER = 0xaa, 0xc018aa3f, 0xc020aa00
UFFDIO_ZEROPAGE, UFFDIO_WRITEPROTECT = 0xc020aa04, 0xc018aa06
# Modes of a registration, and features.
MISSING, WP = 1, 2
WP_UNPOPULATED, WP_ASYNC = 1 << 13, 1 << 15


def address(area):
    return ctypes.addressof(ctypes.c_char.from_buffer(area))


def ask(fd, request, form, *values):
    fcntl.ioctl(fd, request, bytearray(struct.pack(form, *values)))


def registered(area, mode=MISSING, features=0):
    """A descriptor that serves area, a mapping that can be written to."""
    fd = must(libc.syscall(SYS_USERFAULTFD, os.O_CLOEXEC))
    ask(fd, UFFDIO_API, 'QQQ', UFFD_API, features, 0)
    ask(fd, UFFDIO_REGISTER, 'QQQQ', address(area), len(area), mode, 0)
    return fd


def zero(fd, area):
    """The zero page for each that is missing."""
    ask(fd, UFFDIO_ZEROPAGE, 'QQQq', address(area), len(area), 0, 0)


def protect(fd, area):
    ask(fd, UFFDIO_WRITEPROTECT, 'QQQ', address(area), len(area), 1)
