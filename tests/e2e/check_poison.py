#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""check_poison.py NAME.core...

Neither they nor NAME.report have what tests/modules/faults fills new memory and
the stack with: four bytes in a row outside of the segments, three in a number of
the report, and of new memory sixteen in what was dumped. And no note of a process has an address
of the kernel. Of kernel.core only what is outside of memory is looked at.
"""
import re
import struct
import sys

from core import Core

POISON = b'\xa5'
STACK = b'\xfe'
PT_LOAD = 1


def loads(file):
    """Where the contents of segments are: (offset, end), in order."""
    head = file.read(64)
    phoff, size, count = (
        (*struct.unpack_from('<Q', head, 32), *struct.unpack_from('<HH', head, 54))
        if head[4] == 2 else
        (*struct.unpack_from('<I', head, 28), *struct.unpack_from('<HH', head, 42)))
    file.seek(phoff)
    table = file.read(size * count)
    for at in range(0, len(table), size):
        if struct.unpack_from('<I', table, at)[0] != PT_LOAD:
            continue
        if head[4] == 2:
            offset, = struct.unpack_from('<Q', table, at + 8)
            length, = struct.unpack_from('<Q', table, at + 32)
        else:
            offset, = struct.unpack_from('<I', table, at + 4)
            length, = struct.unpack_from('<I', table, at + 16)
        yield offset, offset + length


def others(path):
    """What of the file is in no segment: (offset, bytes)."""
    with open(path, 'rb') as file:
        end = 0
        for start, stop in sorted(loads(file)):
            if start > end:
                file.seek(end)
                yield end, file.read(start - end)
            end = max(end, stop)
        file.seek(end)
        yield end, file.read()


def kernel_address(value):
    """Not -1 and the like, the vsyscall page, and masks of vector registers."""
    if not 0xffff800000000000 <= value < 0xffffffffff600000:
        return False
    return not set(value.to_bytes(8, 'little')) <= {0, 0xff}


def note_problems(path):
    core = Core(path)

    def of_the_stack(value):
        """In a 32-bit core; the stack is where addresses of the kernel begin."""
        return core.bits == 32 and core.segment(value >> 32)

    for note in core.notes:
        desc = bytes(note.desc)
        for at in range(0, len(desc) - 7, 8):
            value, = struct.unpack_from('<Q', desc, at)
            if kernel_address(value) and not of_the_stack(value):
                yield f'{value:#x} at {at:#x} of {note}'


def problems(path):
    name = path.removesuffix('.core')
    kernel = name.endswith('/kernel')
    seen = 0
    for offset, data in others(path):
        seen += len(data)
        # The kernel's own registers may have the compiler's pattern.
        for poison in [POISON] if kernel else [POISON, STACK]:
            at = data.find(4 * poison)
            if at >= 0:
                yield f'{poison.hex()} at {offset + at:#x}, outside of memory'
    if not kernel:
        with open(path, 'rb') as file:
            at = file.read().find(16 * POISON)
        if at >= 0:
            yield f'{POISON.hex()} at {at:#x}'
        yield from note_problems(path)
    with open(name + '.report') as file:
        members = re.findall(r'^(out_\w+)=(\d+)$', file.read(), re.M)
    for member, value in members:
        digits = f'{int(value):x}'
        if 3 * POISON.hex() in digits or 3 * STACK.hex() in digits:
            yield f'poison in {member}: {value}'
    if not seen or not members:
        yield 'there is nothing to look at'


def main():
    status = 0
    for path in sys.argv[1:]:
        for problem in problems(path):
            print(f'{path}: {problem}')
            status = 1
    return status


sys.exit(main())
