#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Judge a core by its content.

check_core.py threads MAP CORE	core of threads64; MAP is what it printed
check_core.py threads32 MAP CORE	core of threads32, likewise
check_core.py maps MAP CORE	core of quiet
check_core.py whole CORE	any finished core
check_core.py ended CORE	any core with an end mark, pages may be missing;
				prints the mark
check_core.py list CORE		prints a line for each thread, in the order of
				the core: TID CAUGHT STATE COMM
check_core.py same CORE CORE	of one quiescent process: equal byte for byte
				but for the times listed in TIMES below

--foreign: the core was not made by procdump, so do not look for its notes.
Prints what is wrong, a line each; exit 1 if anything is.
"""
import struct
import sys
import zlib

import core
from core import BadCore, Core, NotDumped

CONSISTENCY_LIVE, CONSISTENCY_ATOMIC = 1, 3
CAUGHT_PARKED, CAUGHT_OFF_CPU = 1, 2

# (owner, type): parts of the note, (offset, end), that are times and so differ
# between two dumps of a process that does nothing.
TIMES = {
    ('CORE', core.NT_PRSTATUS): [(48, 112)],		# utime to cstime
    ('PROCDUMP', core.NT_DUMP): [(24, 48)],		# realtime to hold_ns
    ('PROCDUMP', core.NT_END): [(32, 40)],		# pause_ns
}
TIMES32 = {**TIMES, ('CORE', core.NT_PRSTATUS): [(40, 72)]}

problems = []
foreign = False


def wrong(text):
    problems.append(text)


def expect(what, got, want):
    if got != want:
        if isinstance(got, int) and isinstance(want, int):
            got, want = f'{got:#x}', f'{want:#x}'
        wrong(f'{what}: {got}, expected {want}')


def heap_page(data, number, seed, what):
    """The page's round, or None if it is not what it says."""
    n, s, round = struct.unpack_from('<QQQ', data)
    if (n, s) != (number, seed):
        wrong(f'{what}: page {number} says it is page {n} of seed {s}')
        return None
    if zlib.crc32(data[:4092]) != struct.unpack_from('<I', data, 4092)[0]:
        wrong(f'{what}: page {number} has a bad checksum')
        return None
    return round


def check_whole(c):
    """What every finished core has."""
    c.auxv()
    if not c.files():
        wrong('NT_FILE names no file')
    c.psinfo()
    if not c.loads:
        wrong('no memory segment')
    if not c.threads:
        wrong('no thread')
    for t in c.threads:
        if not t.pc:
            wrong(f'thread {t.tid} has no program counter')
    if foreign:
        return
    for t in c.threads:
        for kind in (core.NT_FPREGSET, core.NT_X86_XSTATE):
            if not t.note(kind):
                wrong(f'thread {t.tid} has no note {kind:#x}')
        if not t.fpvalid:
            wrong(f'thread {t.tid} has pr_fpvalid 0')
    end = c.end_note()
    if not end:
        wrong('no end mark')
        return
    expect('pages missing', end['pages_missing'], 0)
    expect('version of the end mark', end['version'], 1)
    dump = c.dump_note()
    expect('threads in the dump note', dump['threads'], len(c.threads))
    expect('thread notes', sorted(c.thread_notes()), sorted(c.by_tid))
    expect('pid in the dump note', dump['pid'], c.psinfo()[1])


class Map:
    def __init__(self, path):
        self.threads, self.maps = [], {}
        for line in open(path):
            word = line.split()
            if word[0] == 'thread':
                self.threads.append(word[1:])
            elif word[0] == 'map':
                self.maps[word[1]] = int(word[2], 16), int(word[3], 16)
            elif word[0] == 'ready':
                self.pid = int(word[1])
            else:
                setattr(self, word[0], word[1:])


def check_vectors(t, index, pattern, avx, what):
    for v in range(16):
        want = struct.pack('<4Q', *(pattern(index, 32 + 8 * v + q) for q in range(4)))
        if t.xmm(v) != want[:16]:
            wrong(f'{what}: xmm{v} is {t.xmm(v).hex()}')
        if t.ymm(v)[:16 * (1 + avx)] != want[:16 * (1 + avx)]:
            wrong(f'{what}: ymm{v} is {t.ymm(v).hex()}')
    # An integer in the 80-bit format: 64 bits of mantissa, 16 of exponent.
    value = index + 1
    shift = 63 - (value.bit_length() - 1)
    want = struct.pack('<QH', value << shift, 16383 + 63 - shift)
    if t.x87(0) != want:
        wrong(f'{what}: st0 is {t.x87(0).hex()}, expected {want.hex()}')


def check_keys(t, index, offset, what):
    """PKRU, which is the thread's and not in memory while it runs."""
    if offset:
        got = struct.unpack_from('<I', t.note(core.NT_X86_XSTATE).desc, offset)[0]
        expect(f'{what}: pkru', hex(got), hex(index + 1 << 4))


def check_thread(c, t, words, pattern, sym, avx, pkru):
    index, kind = int(words[1]), words[2]
    fs, gs, low, high, blocked, pending = (int(w, 16) for w in words[3:9])
    what = f'thread {index} ({kind}, {words[0]})'
    if foreign:
        pending = blocked = None
    else:
        expect(f'{what}: pending signals', t.sigpend, pending)
        expect(f'{what}: blocked signals', t.sighold, blocked)
    if kind == 'churn':
        return
    expect(f'{what}: fs_base', t.regs['fs_base'], fs)
    expect(f'{what}: gs_base', t.regs['gs_base'], gs)
    for pair in words[9].split(','):
        name, value = pair.split('=')
        expect(f'{what}: {name}', t.regs[name], int(value, 16))
    if not low <= t.regs['rsp'] < high:
        wrong(f"{what}: rsp {t.regs['rsp']:#x} is outside its stack {low:#x}-{high:#x}")
    expect(f'{what}: cs', t.regs['cs'], 0x33)
    if kind == 'spin':
        if not sym[0] <= t.pc < sym[1]:
            wrong(f'{what}: rip {t.pc:#x} is not in its loop')
    else:
        expect(f'{what}: rip', t.pc, sym[2])
        expect(f'{what}: rcx, which holds the return address', t.regs['rcx'], sym[2])
        numbers = {'read': 0, 'poll': 7, 'sleep': 35, 'futex': 202}
        if not foreign:
            expect(f'{what}: orig_rax', t.regs['orig_rax'], numbers[kind])
    check_vectors(t, index, pattern, avx, what)
    if not foreign:
        check_keys(t, index, pkru, what)
    # The frame in memory must agree with the registers.
    if struct.unpack('<Q', c.read(gs + 0x60, 8))[0] != pattern(index, 12):
        wrong(f'{what}: its frame in memory differs')


def check_threads(path, c):
    m = Map(path)
    sym = [int(w, 16) for w in m.sym]
    seed = int(m.heap[2])
    avx, pkru = int(m.avx[0]), int(m.pkru[0])

    def pattern(index, r):
        return 0x5064 << 48 | index << 32 | r << 16 | seed & 0xffff

    tids = {int(t[0]) for t in m.threads} | {m.pid}
    expect('threads', sorted(c.by_tid), sorted(tids))
    expect('first thread', c.threads[0].tid, m.pid)
    for words in m.threads:
        t = c.by_tid.get(int(words[0]))
        if t:
            check_thread(c, t, words, pattern, sym, avx, pkru)
    check_heap(c, int(m.heap[0], 16), int(m.heap[1]), seed, int(m.churn[0], 16))
    if foreign:
        return
    notes = c.thread_notes()
    for words in m.threads:
        note = notes.get(int(words[0]))
        if note and words[2] not in ('spin', 'churn'):
            expect(f'thread {words[1]}: state', note['state'], 'S')
            expect(f'thread {words[1]}: caught', note['caught'], CAUGHT_OFF_CPU)
        if note:
            expect(f'thread {words[1]}: flags', note['flags'], 0)
        if note and note['caught'] not in (CAUGHT_PARKED, CAUGHT_OFF_CPU):
            wrong(f"thread {words[1]}: caught {note['caught']}")


def check_heap(c, address, pages, seed, churn):
    """Every page; with churn, memory of one moment is a staircase."""
    writing = 0
    rounds = []
    if churn:
        writing, round = struct.unpack('<QQ', c.read(churn, 16))
    for p in range(pages):
        data = c.read(address + 4096 * p, 4096)
        if churn and p + 1 == writing:
            rounds.append(None)
        else:
            rounds.append(heap_page(data, p, seed, 'heap'))
    if not churn:
        return
    if writing:
        before, after = rounds[:writing - 1], rounds[writing:]
        good = set(before) <= {round} and set(after) <= {round - 1}
    else:
        good = set(rounds) <= {round, round - 1} and \
            rounds == sorted(rounds, reverse=True)
    if not good:
        wrong(f'memory of more than one moment: in round {round}, at page '
              f'{writing - 1}, the heap has rounds {sorted(set(rounds) - {None})}')


def check_maps(path, c):
    m = Map(path)
    for name in ('data', 'shared', 'memfd', 'none'):
        start, length = m.maps[name]
        for p in range(length // 4096):
            heap_page(c.read(start + 4096 * p, 4096), p, 7, name)
    start, length = m.maps['sparse']
    pages = length // 4096
    for n in range(3):
        heap_page(c.read(start + (pages - 1) * n // 2 * 4096, 4096), n, 7, 'sparse')
    for p in (1, pages // 4, pages - 2):
        if any(c.read(start + 4096 * p, 4096)):
            wrong(f'sparse: page {p} is not zero')
    start, length = m.maps['zero']
    if any(c.read(start, length)):
        wrong('zero: not all zero')
    start, length = m.maps['file']
    heap_page(c.read(start, 4096), 0, 7, 'file')
    for name in ('dontdump', 'textonly'):
        start, length = m.maps[name]
        try:
            c.read(start + length - 4096, 4096)
            wrong(f'{name}: is in the core')
        except NotDumped:
            pass


def check_thread32(t, index, avx, base, entry):
    def pattern(r):
        return 0x50000000 | index << 12 | r

    where = f'thread {index}'
    for r, name in enumerate('ebx ecx edx esi edi ebp'.split()):
        expect(f'{where}: {name}', hex(t.regs[name]), hex(pattern(r)))
    state = t.note(core.NT_X86_XSTATE).desc
    for v in range(8):
        got = struct.unpack('<8I', t.ymm(v))[:8 if avx else 4]
        expect(f'{where}: vector {v}', got,
               tuple(pattern(16 + 8 * v + p) for p in range(len(got))))
    # An integer, as the floating-point number of 80 bits that it became.
    exponent = (index + 1).bit_length() - 1
    expect(f'{where}: st0', bytes(state[32:42]).hex(),
           struct.pack('<QH', (index + 1) << 63 - exponent, 16383 + exponent).hex())
    slots = struct.iter_unpack('<4I', t.note(core.NT_386_TLS).desc)
    expect(f'{where}: segment {entry}', {e[0]: e[1] for e in slots}.get(entry), base)


def check_threads32(path, c):
    for line in open(path):
        kind, *words = line.split()
        if kind != 'thread':
            continue
        tid, index, avx, entry = (int(words[i]) for i in (0, 1, 2, 4))
        check_thread32(c.by_tid[tid], index, avx, int(words[3], 16), entry)


def masked(c):
    """The core's bytes, with zeros where TIMES says."""
    data = bytearray(c.data)
    for note in c.notes:
        times = TIMES if c.bits == 64 else TIMES32
        for start, end in times.get((note.owner, note.kind), ()):
            data[note.offset + start:note.offset + end] = bytes(end - start)
    return data


def place(c, offset):
    for note in c.notes:
        if note.offset <= offset < note.offset + len(note.desc):
            return f'{note} at byte {offset - note.offset}'
    for s in c.segments:
        if s.offset <= offset < s.offset + s.filesz:
            return f'{s} at byte {offset - s.offset:#x}'
    return f'file offset {offset:#x}'


def check_same(a, b):
    expect('segments', [repr(s) for s in b.segments], [repr(s) for s in a.segments])
    expect('notes', [repr(n) for n in b.notes], [repr(n) for n in a.notes])
    expect('length', b.size, a.size)
    one, two = masked(a), masked(b)
    for at in range(0, min(len(one), len(two)), 4096):
        if one[at:at + 4096] != two[at:at + 4096]:
            first = next(i for i in range(4096) if one[at + i] != two[at + i])
            wrong(f'differs in {place(a, at + first)}')


def print_end(c):
    end = c.end_note()
    if not end:
        wrong('no end mark')
        return
    print(' '.join(f'{k}={v}' for k, v in end.items() if k != 'range'))


def print_threads(c):
    notes = c.thread_notes()
    for t in c.threads:
        n = notes[t.tid]
        print(t.tid, n['caught'], n['state'], n['comm'])


def main():
    global foreign
    args = sys.argv[1:]
    if '--foreign' in args:
        args.remove('--foreign')
        foreign = True
    try:
        c = Core(args[-1])
        if args[0] not in ('ended', 'list'):
            check_whole(c)
        if args[0] == 'threads':
            check_threads(args[1], c)
        elif args[0] == 'threads32':
            check_threads32(args[1], c)
        elif args[0] == 'maps':
            check_maps(args[1], c)
        elif args[0] == 'same':
            check_same(Core(args[1]), c)
        elif args[0] == 'ended':
            print_end(c)
        elif args[0] == 'list':
            print_threads(c)
        elif args[0] != 'whole':
            sys.exit(__doc__)
    except (BadCore, NotDumped) as error:
        wrong(f'{type(error).__name__}: {error}')
    for text in problems[:20]:
        print(text)
    if len(problems) > 20:
        print(f'and {len(problems) - 20} more')
    sys.exit(bool(problems))


if __name__ == '__main__':
    main()
