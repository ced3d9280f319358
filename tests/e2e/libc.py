# SPDX-License-Identifier: GPL-2.0
"""Functions of the C library that Python has not, and its errors."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def must(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
