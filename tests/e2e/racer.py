#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Dump a process that executes other programs: racer.py DEVICE FILE PID SECONDS [KIND...]

DEVICE and FILE are descriptors. In modes 1 to 4 by turns, for SECONDS, and longer
until each KIND came 20 times, but not for thirty times as long. Prints "KIND COUNT"
a line: the name of an error, or for a core "secret" if it has the word, "name" if
it only has the name of the program "closed", else "plain". Only a dump that
succeeded may leave anything in the file.
"""
import collections
import errno
import os
import sys
import time

import core
import request

ENOUGH = 20


def kind(file):
    dumped = core.Core(f'/proc/self/fd/{file}')
    if dumped.data.find(b'SECRETghij') >= 0:
        return 'secret'
    return 'name' if dumped.psinfo()[2] == 'closed' else 'plain'


def dump(device, file, pid, mode):
    os.truncate(file, 0)
    try:
        request.dump(device, pid, file, mode)
    except OSError as error:
        if os.fstat(file).st_size:
            return 'refused-but-written'
        return errno.errorcode[error.errno]
    return kind(file)


device, file, pid, seconds = map(int, sys.argv[1:5])
seen = collections.Counter()
began = time.monotonic()
count = 0
while True:
    passed = time.monotonic() - began
    if passed > 30 * seconds or (passed > seconds and
                                 all(seen[k] >= ENOUGH for k in sys.argv[5:])):
        break
    seen[dump(device, file, pid, count % 4 + 1)] += 1
    count += 1
    # Whoever writes more audit records than are read is put to sleep.
    if count % 16 == 0:
        time.sleep(0.001)
for k in sorted(seen):
    print(k, seen[k])
