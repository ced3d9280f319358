#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Two cores of the same process that did nothing in between.

compare_core.py kernel OURS THEIRS	THEIRS: the kernel's own, of its crash
compare_core.py gcore OURS THEIRS	THEIRS: made by gdb
compare_core.py selftest CORE		faults are put in a copy of CORE; each
					must be found

Threads, notes field by field, segments and the contents of memory. Whatever
differs is looked up in EXPLAINED, which has the differences by nature, each
with its reason; any other one is printed, and then the exit status is 1. With
-v the explained ones are printed too, each kind once with its number.
"""
import os
import struct
import sys

import core
from core import BadCore, Core

NT_XSAVE_LAYOUT = 0x205
SIGKILL_BIT = 1 << 8
ENOSYS = -38
# A system call that a signal ended: EINTR and the codes for a restart, which
# user mode never sees.
INTERRUPTED = {-4, -512, -513, -514, -516}
PF_EXITING, PF_DUMPCORE, PF_SIGNALED = 0x4, 0x200, 0x400
PF_SUPERPRIV, PF_WHEN_DYING = 0x100, PF_EXITING | PF_DUMPCORE | PF_SIGNALED
# The least hole that our driver takes out of a segment (driver/segment.c).
HOLE = 1 << 20
CHUNK = 1 << 18

PRSTATUS64 = '<iiihxxQQiiii8Q', 112
PRSTATUS32 = '<iiihxxIIiiii8I', 72
STATUS = ('signo code errno cursig sigpend sighold pid ppid pgrp sid utime '
          'utime_us stime stime_us cutime cutime_us cstime cstime_us').split()
TIMES = {n for n in STATUS if 'time' in n}
PSINFO = 'state sname zomb nice flag uid gid pid ppid pgrp sid fname args'.split()

NAMES = {core.NT_PRSTATUS: 'PRSTATUS', core.NT_FPREGSET: 'FPREGSET',
         core.NT_PRPSINFO: 'PRPSINFO', core.NT_AUXV: 'AUXV',
         core.NT_X86_XSTATE: 'XSTATE', core.NT_FILE: 'FILE',
         core.NT_SIGINFO: 'SIGINFO', core.NT_386_TLS: '386_TLS', 0x201: '386_IOPERM',
         NT_XSAVE_LAYOUT: 'XSAVE_LAYOUT', 0x204: 'SHSTK',
         0x46e62b7f: 'PRXFPREG'}


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


# ---- what differs by nature: (field, whose core is the other) -> a function
# of our value, theirs and the two threads or cores, and the reason

def any_values(ours, theirs, a, b):
    return True


def was_asleep(ours, theirs, a, b):
    bits = 64 if 'rax' in a.regs else 32
    number = a.regs['orig_rax' if bits == 64 else 'orig_eax']
    return (signed(ours, bits) == ENOSYS and signed(number, bits) >= 0 and
            signed(theirs, bits) in INTERRUPTED)


def too_many_files(ours, theirs, a, b):
    """64 bytes for each mapping, of a file or not, in at most 4 MiB."""
    return [n for n in ours if n != 'FILE'] == theirs and len(b.loads) >= 65536


EXPLAINED = {
    'notes': (too_many_files, 'the kernel writes no NT_FILE of so many mappings'),
    'PRSTATUS.signo': (lambda o, t, a, b: o == 0,
                       'nothing has signalled a live process'),
    'PRSTATUS.cursig': (lambda o, t, a, b: o == 0,
                        'nothing has signalled a live process'),
    'PRSTATUS.sigpend': (lambda o, t, a, b: o | SIGKILL_BIT == t,
                         'a crash ends the other threads by SIGKILL'),
    'PRSTATUS.rax': (was_asleep,
                     'asleep in a system call, which a signal ended for the '
                     'other core'),
    'PRSTATUS.eax': (was_asleep, 'as rax'),
    'PRSTATUS.times': (any_values, 'the crash is later'),
    'SIGINFO': (lambda o, t, a, b: not any(o),
                'nothing has signalled a live process'),
    'PRPSINFO.state': (any_values, 'it sleeps; in a crash it runs or waits for '
                       'the dump'),
    'PRPSINFO.sname': (lambda o, t, a, b: o in b'RSDTtI' and t in b'RSDT.',
                       'as PRPSINFO.state'),
    'PRPSINFO.flag': (lambda o, t, a, b: not (o ^ t) & ~PF_WHEN_DYING & ~PF_SUPERPRIV,
                      'bits of a process that dies'),
    'order of threads': (any_values, 'a crash: the thread that got the signal, '
                         'then the others backwards; ours: the leader first'),
}

def no_mask(ours, theirs, a, b):
    """The mask of MXCSR, and which components there are and are in use."""
    return (ours[:28] == theirs[:28] and ours[32:464] == theirs[32:464] and
            ours[520:] == theirs[520:])


GCORE = {
    'PRSTATUS.signo': EXPLAINED['PRSTATUS.signo'],
    'PRSTATUS.cursig': EXPLAINED['PRSTATUS.cursig'],
    'PRSTATUS.rax': EXPLAINED['PRSTATUS.rax'],
    'PRSTATUS.eax': EXPLAINED['PRSTATUS.eax'],
    'PRSTATUS.times': (any_values, 'gdb leaves them zero'),
    **{f'PRSTATUS.{n}': (lambda o, t, a, b: t == 0, 'gdb leaves it zero')
       for n in 'sigpend sighold ppid pgrp sid'.split()},
    'PRSTATUS.fpvalid': (lambda o, t, a, b: o == 1, 'gdb leaves it zero'),
    'PRSTATUS.pid': (lambda o, t, a, b: False, ''),
    **{f'PRPSINFO.{n}': (any_values, 'gdb reads stat, and knows less')
       for n in 'state sname zomb nice flag uid gid args'.split()},
    'SIGINFO': (any_values, 'gdb sent a SIGSTOP'),
    'order of threads': EXPLAINED['order of threads'],
    'notes': (any_values, 'gdb has its own choice'),
    'notes of thread': (any_values, 'gdb has its own choice'),
    'size of XSTATE': (any_values, 'gdb knows the layout up to PKRU'),
    'XSTATE': (no_mask, 'gdb leaves zero what is no register'),
    'FPREGSET': (no_mask, 'gdb leaves zero what is no register'),
    'rseq': (any_values, 'gdb woke the thread, and it may be on another CPU'),
    'FILE': (any_values, 'gdb reads maps, and counts in bytes'),
    'segment': (any_values, 'gdb chooses by smaps, and merges'),
    'AUXV': (lambda o, t, a, b: t.startswith(o), 'gdb reads all of the file'),
}


class Judge:
    def __init__(self, table):
        self.table = table
        self.problems = []
        self.explained = {}

    def differ(self, field, where, ours, theirs, a=None, b=None):
        """They differ: is it by nature?"""
        rule = self.table.get(field)
        if rule and rule[0](ours, theirs, a, b):
            self.explained[field] = self.explained.get(field, 0) + 1
            return
        if isinstance(ours, int) and isinstance(theirs, int):
            ours, theirs = f'{ours:#x}', f'{theirs:#x}'
        elif isinstance(ours, bytes) and isinstance(theirs, bytes):
            if len(ours) == len(theirs):
                at = next(i for i in range(len(ours)) if ours[i] != theirs[i])
                where += f', byte {at}'
                ours, theirs = ours[at:at + 16].hex(), theirs[at:at + 16].hex()
            else:
                ours, theirs = f'{len(ours)} bytes', f'{len(theirs)} bytes'
        self.problems.append(f'{where}: {field}: {ours}, theirs {theirs}')

    def same(self, field, where, ours, theirs, a=None, b=None):
        if ours != theirs:
            self.differ(field, where, ours, theirs, a, b)


# ---- notes

def compare_status(judge, a, b, bits):
    format, regs = PRSTATUS64 if bits == 64 else PRSTATUS32
    where = f'thread {a.tid}'
    ours = dict(zip(STATUS, struct.unpack_from(format, a.raw)))
    theirs = dict(zip(STATUS, struct.unpack_from(format, b.raw)))
    for name in STATUS:
        field = 'PRSTATUS.times' if name in TIMES else f'PRSTATUS.{name}'
        judge.same(field, where, ours[name], theirs[name], a, b)
    for name, value in a.regs.items():
        judge.same(f'PRSTATUS.{name}', where, value, b.regs[name], a, b)
    judge.same('PRSTATUS.fpvalid', where, a.fpvalid, b.fpvalid, a, b)


def kind_name(kind):
    return NAMES.get(kind, f'{kind:#x}')


def of_thread(thread):
    """The layout of XSAVE is of the machine, wherever it stands."""
    return {(n.owner, n.kind): n.desc for n in thread.notes
            if n.kind not in (core.NT_PRSTATUS, core.NT_SIGINFO, NT_XSAVE_LAYOUT)}


def compare_thread(judge, a, b, bits):
    where = f'thread {a.tid}'
    compare_status(judge, a, b, bits)
    ours, theirs = of_thread(a), of_thread(b)
    judge.same('notes of thread', where, [kind_name(k) for _, k in ours],
               [kind_name(k) for _, k in theirs])
    for key in ours.keys() & theirs.keys():
        name, one, two = kind_name(key[1]), ours[key], theirs[key]
        if len(one) != len(two):
            judge.differ(f'size of {name}', where, len(one), len(two))
            one, two = one[:min(len(one), len(two))], two[:min(len(one), len(two))]
        judge.same(name, where, bytes(one), bytes(two), a, b)


def of_process(c):
    notes = {(n.owner, n.kind): bytes(n.desc) for n in c.process_notes
             if n.owner != 'PROCDUMP'}
    for n in c.notes:
        if n.kind in (NT_XSAVE_LAYOUT, core.NT_SIGINFO):
            notes.setdefault((n.owner, n.kind), bytes(n.desc))
    return notes


def joined_files(c):
    """NT_FILE, where the parts of a mapping with large holes are one again."""
    tail = {s.vaddr + s.filesz: s.vaddr + s.memsz for s in c.loads if c.tail_is_zero(s)}
    rows = []
    for start, end, offset, name in c.files():
        last = rows[-1] if rows else None
        if last and tail.get(last[1]) == start and last[3] == name and \
                start - last[0] == offset - last[2]:
            rows[-1] = (last[0], end, last[2], name)
        else:
            if last:
                rows[-1] = (last[0], tail.get(last[1], last[1]), *last[2:])
            rows.append((start, end, offset, name))
    if rows:
        last = rows[-1]
        rows[-1] = (last[0], tail.get(last[1], last[1]), *last[2:])
    return rows


def compare_psinfo(judge, one, two, bits):
    if len(one) != len(two):
        judge.differ('PRPSINFO', 'process', one, two)
        return
    format = '<bcbbxxxxQIIiiii16s80s' if bits == 64 else '<bcbbIHHiiii16s80s'
    ours = zip(PSINFO, struct.unpack(format, one))
    for (name, value), other in zip(ours, struct.unpack(format, two)):
        judge.same(f'PRPSINFO.{name}', 'process', value, other)


def compare_notes(judge, a, b):
    judge.same('order of threads', 'process', [t.tid for t in a.threads],
               [t.tid for t in b.threads])
    only = a.by_tid.keys() ^ b.by_tid.keys()
    if only:
        judge.differ('threads', 'process', sorted(only & a.by_tid.keys()),
                     sorted(only & b.by_tid.keys()))
    for tid in sorted(a.by_tid.keys() & b.by_tid.keys()):
        compare_thread(judge, a.by_tid[tid], b.by_tid[tid], a.bits)
    ours, theirs = of_process(a), of_process(b)
    judge.same('notes', 'process', sorted(kind_name(k) for _, k in ours),
               sorted(kind_name(k) for _, k in theirs), a, b)
    for key in ours.keys() & theirs.keys():
        name = kind_name(key[1])
        if name == 'PRPSINFO':
            compare_psinfo(judge, ours[key], theirs[key], a.bits)
        elif name == 'FILE' and ours[key] != theirs[key]:
            judge.same(name, 'process', joined_files(a), b.files())
        else:
            judge.same(name, 'process', ours[key], theirs[key])


# ---- memory

def parts_of(ours, theirs):
    """For each of their segments the run of ours that it was split into."""
    i = 0
    for s in theirs:
        parts = []
        while i < len(ours) and ours[i].vaddr < s.vaddr + s.memsz:
            parts.append(ours[i])
            i += 1
        yield s, parts
    if i < len(ours):
        yield None, ours[i:]


def compare_segments(judge, a, b):
    for s, parts in parts_of(a.loads, b.loads):
        if not s or not parts:
            judge.differ('segment', 'memory', parts, s)
            continue
        where = f'segment {s.vaddr:#x}'
        judge.same('segment', where, (parts[0].vaddr, parts[-1].vaddr + parts[-1].memsz),
                   (s.vaddr, s.vaddr + s.memsz))
        for before, after in zip(parts, parts[1:]):
            if before.vaddr + before.memsz != after.vaddr:
                judge.differ('segment', where, parts, s)
        for p in parts:
            judge.same('segment flags', where, p.flags, s.flags)
            judge.same('segment alignment', where, p.align, s.align)
        compare_sizes(judge, where, a, parts, s)


def compare_sizes(judge, where, a, parts, s):
    """Kept whole, or cut in the same place. Parts that are kept are kept to
    their end, with bytes or as a hole."""
    if len(parts) == 1 and (parts[0].filesz == s.filesz or
                            not a.tail_is_zero(parts[0])):
        judge.same('segment size in the file', where, parts[0].filesz, s.filesz)
        return
    judge.same('segment size in the file', where, s.memsz, s.filesz)
    for p in parts:
        tail = p.memsz - p.filesz
        if tail and not (a.tail_is_zero(p) and tail >= HOLE):
            judge.differ('segment size in the file', where, p.filesz, p.memsz)


def compare_memory(judge, a, b, both_only):
    """Where either has bytes; elsewhere both have holes, which are zeros."""
    reach = 0
    for start, end in sorted([*a.data_ranges(), *b.data_ranges()]):
        for at in range(max(start, reach), end, CHUNK):
            compare_chunk(judge, a, b, at, min(CHUNK, end - at), both_only)
        reach = max(reach, end)


def compare_chunk(judge, a, b, at, length, both_only):
    try:
        ours, theirs = a.read(at, length), b.read(at, length)
    except core.NotDumped as error:
        if length > 4096:
            for page in range(at, at + length, 4096):
                compare_chunk(judge, a, b, page, 4096, both_only)
        elif not both_only:
            judge.differ('memory', f'address {at:#x}', str(error), 'is there')
        return
    if ours == theirs:
        return
    for i in range(0, length, 8):
        if ours[i:i + 8] != theirs[i:i + 8]:
            field = 'rseq' if in_rseq(a, at + i) else 'memory'
            judge.differ(field, f'address {at + i:#x}', ours[i:i + 8], theirs[i:i + 8])


def in_rseq(c, address):
    """struct rseq, in which the kernel keeps a thread's CPU; of glibc 2.36."""
    return any(0 <= address - t.regs.get('fs_base', 0) - 2464 < 32 for t in c.threads)


def compare(judge, a, b, gcore):
    for field in 'bits type machine flags entry'.split():
        judge.same(f'ELF header: {field}', 'file', getattr(a, field), getattr(b, field))
    if a.bits != b.bits:
        return
    compare_notes(judge, a, b)
    if not gcore:
        compare_segments(judge, a, b)
    compare_memory(judge, a, b, gcore)


# ---- does it find what it should?

def faults(c):
    """(what, offset, bytes): each makes a core that is not the same."""
    t = c.threads[len(c.threads) // 2]
    regs = 112 if c.bits == 64 else 72
    ph = 56 if c.bits == 64 else 32
    flags = 4 if c.bits == 64 else 24
    load = next(i for i, s in enumerate(c.segments) if s.kind == core.PT_LOAD and s.filesz)
    s = c.segments[load]
    full = max(c.loads, key=lambda s: s.filesz)

    def flip(what, offset, bit=1):
        return what, offset, bytes([c.data[offset] ^ bit])

    yield flip('general register', t.notes[0].offset + regs + 2)
    yield flip('blocked signals', t.notes[0].offset + 24)
    yield flip('parent', t.notes[0].offset + (36 if c.bits == 64 else 28))
    yield flip('floating point', t.note(core.NT_FPREGSET).offset + 8)
    yield flip('vector', t.note(core.NT_X86_XSTATE).offset + 576 + 5)
    yield flip('auxiliary vector', c.process_note(core.NT_AUXV).offset + 8)
    yield flip('mapped file', c.process_note(core.NT_FILE).offset + 24)
    yield flip('arguments', c.process_note(core.NT_PRPSINFO).offset
               + len(c.process_note(core.NT_PRPSINFO).desc) - 80)
    yield flip('memory', full.offset + full.filesz // 2)
    yield flip('last byte of memory', full.offset + full.filesz - 1)
    yield flip('permission', c.phoff + ph * load + flags, 4)
    yield flip('type of a note', t.note(core.NT_X86_XSTATE).offset - 12, 1)
    yield flip('length of a segment', c.phoff + ph * load + (41 if c.bits == 64 else 21), 16)
    yield flip('memory that is left out', c.phoff + ph * load +
               (33 if c.bits == 64 else 17), s.filesz >> 8 & 255)
    yield flip('machine', 18)


def selftest(path):
    c = Core(path)
    verdict = Judge(EXPLAINED)
    compare(verdict, c, c, False)
    missed = verdict.problems
    utime = c.threads[0].notes[0].offset + (48 if c.bits == 64 else 40)
    import tempfile	# takes as long as a small core
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path) or '.') as folder:
        for what, offset, data in [*faults(c), ('', utime, b'\x55')]:
            bad = os.path.join(folder, 'core')
            with open(bad, 'wb') as file:
                file.write(c.data)
                file.seek(offset)
                file.write(data)
            verdict = Judge(EXPLAINED)
            try:
                compare(verdict, c, Core(bad), False)
            except (BadCore, core.NotDumped) as error:
                verdict.problems.append(str(error))
            if what and not verdict.problems:
                missed.append(f'not found: {what}')
            elif not what and verdict.problems:
                missed += verdict.problems
    return missed


def main():
    args = [a for a in sys.argv[1:] if a != '-v']
    if args[:1] == ['selftest'] and len(args) == 2:
        problems = selftest(args[1])
    elif args[:1] in (['kernel'], ['gcore']) and len(args) == 3:
        judge = Judge(GCORE if args[0] == 'gcore' else EXPLAINED)
        try:
            compare(judge, Core(args[1]), Core(args[2]), args[0] == 'gcore')
        except (BadCore, core.NotDumped) as error:
            judge.problems.append(f'{type(error).__name__}: {error}')
        problems = judge.problems
        if '-v' in sys.argv:
            for field, count in sorted(judge.explained.items()):
                print(f'explained {field} ({count}): {judge.table[field][1]}')
    else:
        sys.exit(__doc__)
    for text in problems[:40]:
        print(text)
    if len(problems) > 40:
        print(f'and {len(problems) - 40} more')
    sys.exit(bool(problems))


main()
