# SPDX-License-Identifier: GPL-2.0
"""Read an ELF core: headers, notes, memory. Standard library only.

It takes nothing on trust: what lies outside the file, overlaps or has a bad
length raises BadCore, so that a cut or twisted core never reads as a good one.
Formats: elf(5), core(5), include/uapi/linux/elf.h, and for our own notes
uapi/linux/procdump.h.
"""
import bisect
import mmap
import os
import struct

PT_LOAD, PT_NOTE = 1, 4
ET_CORE = 4
PN_XNUM = 0xffff

NT_PRSTATUS, NT_FPREGSET, NT_PRPSINFO, NT_AUXV = 1, 2, 3, 6
NT_386_TLS, NT_X86_XSTATE = 0x200, 0x202
NT_FILE, NT_SIGINFO = 0x46494c45, 0x53494749

# Owner PROCDUMP
NT_DUMP, NT_THREAD, NT_END = 0x50440001, 0x50440002, 0x50440003

REGS64 = ('r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax '
          'rip cs eflags rsp ss fs_base gs_base ds es fs gs').split()
REGS32 = ('ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags '
          'esp ss').split()


class BadCore(Exception):
    pass


class NotDumped(Exception):
    """The address is in no segment, or in the part of one without bytes."""


class Note:
    def __init__(self, owner, kind, offset, desc):
        self.owner, self.kind, self.offset, self.desc = owner, kind, offset, desc

    def __repr__(self):
        return f'{self.owner}/{self.kind:#x} ({len(self.desc)} bytes)'


class Segment:
    def __init__(self, kind, flags, offset, vaddr, filesz, memsz, align):
        self.kind, self.flags, self.offset, self.vaddr = kind, flags, offset, vaddr
        self.filesz, self.memsz, self.align = filesz, memsz, align

    def __repr__(self):
        return (f'segment {self.vaddr:#x}+{self.memsz:#x} flags {self.flags} '
                f'at {self.offset:#x}+{self.filesz:#x}')


class Thread:
    """A PRSTATUS note and the notes that follow it up to the next one."""

    def __init__(self, note, bits):
        self.notes = [note]
        self.raw = note.desc
        if bits == 64:
            if len(note.desc) != 336:
                raise BadCore(f'PRSTATUS of {len(note.desc)} bytes')
            (self.signo, self.code, self.errno, self.cursig, self.sigpend,
             self.sighold, self.pid, self.ppid, self.pgrp, self.sid) = \
                struct.unpack_from('<iiihxxQQiiii', note.desc)
            self.regs = dict(zip(REGS64, struct.unpack_from('<27Q', note.desc, 112)))
            self.fpvalid = struct.unpack_from('<i', note.desc, 328)[0]
            self.pc = self.regs['rip']
        else:
            if len(note.desc) != 144:
                raise BadCore(f'PRSTATUS of {len(note.desc)} bytes')
            (self.signo, self.code, self.errno, self.cursig, self.sigpend,
             self.sighold, self.pid, self.ppid, self.pgrp, self.sid) = \
                struct.unpack_from('<iiihxxIIiiii', note.desc)
            self.regs = dict(zip(REGS32, struct.unpack_from('<17I', note.desc, 72)))
            self.fpvalid = struct.unpack_from('<i', note.desc, 140)[0]
            self.pc = self.regs['eip']
        self.tid = self.pid

    def note(self, kind, owner=None):
        found = [n for n in self.notes
                 if n.kind == kind and (owner is None or n.owner == owner)]
        if len(found) > 1:
            raise BadCore(f'thread {self.tid} has {len(found)} notes {kind:#x}')
        return found[0] if found else None

    def x87(self, number):
        """The register as it lies in memory: 10 bytes."""
        return bytes(self.note(NT_FPREGSET).desc[32 + 16 * number:][:10])

    def xmm(self, number):
        return bytes(self.note(NT_FPREGSET).desc[160 + 16 * number:][:16])

    def ymm(self, number):
        """All 32 bytes, from XSTATE, which has the standard format."""
        state = self.note(NT_X86_XSTATE).desc
        low = state[160 + 16 * number:][:16]
        present = struct.unpack_from('<Q', state, 512)[0]
        high = state[576 + 16 * number:][:16] if present & 4 else bytes(16)
        return bytes(low + high)


class Core:
    def __init__(self, path):
        self.path = path
        self.file = open(path, 'rb')
        try:
            self.data = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise BadCore(f'{path} is empty')
        self.size = len(self.data)
        self._header()
        self._segments()
        self.notes = []
        for segment in self.segments:
            if segment.kind == PT_NOTE:
                self._notes(segment)
        self._threads()

    def _unpack(self, format, offset):
        if offset < 0 or offset + struct.calcsize(format) > self.size:
            raise BadCore(f'offset {offset:#x} is behind the end of the file')
        return struct.unpack_from(format, self.data, offset)

    def _header(self):
        ident = self._unpack('<16s', 0)[0]
        if ident[:4] != b'\x7fELF' or ident[5:7] != b'\x01\x01':
            raise BadCore('no ELF header')
        if ident[4] not in (1, 2):
            raise BadCore(f'ELF class {ident[4]}')
        self.bits = 32 * ident[4]
        format = '<HHIQQQIHHHHHH' if self.bits == 64 else '<HHIIIIIHHHHHH'
        (self.type, self.machine, version, self.entry, self.phoff, self.shoff,
         self.flags, ehsize, phentsize, self.phnum, shentsize, shnum,
         shstrndx) = self._unpack(format, 16)
        if self.type != ET_CORE:
            raise BadCore(f'ELF type {self.type} is no core')
        if self.machine != (62 if self.bits == 64 else 3):
            raise BadCore(f'machine {self.machine}')
        if version != 1 or ehsize != (64 if self.bits == 64 else 52):
            raise BadCore('odd ELF header')
        if phentsize != (56 if self.bits == 64 else 32):
            raise BadCore(f'phentsize {phentsize}')
        if self.phnum == PN_XNUM:
            if not self.shoff:
                raise BadCore('PN_XNUM without a section header')
            self.phnum = self._unpack('<I', self.shoff + (44 if self.bits == 64 else 28))[0]

    def _segments(self):
        self.segments = []
        for i in range(self.phnum):
            if self.bits == 64:
                kind, flags, offset, vaddr, _, filesz, memsz, align = \
                    self._unpack('<IIQQQQQQ', self.phoff + 56 * i)
            else:
                kind, offset, vaddr, _, filesz, memsz, flags, align = \
                    self._unpack('<IIIIIIII', self.phoff + 32 * i)
            segment = Segment(kind, flags, offset, vaddr, filesz, memsz, align)
            if offset + filesz > self.size:
                raise BadCore(f'{segment} ends behind the file ({self.size:#x})')
            self.segments.append(segment)
        self.loads = [s for s in self.segments if s.kind == PT_LOAD]
        end = 0
        for s in self.loads:
            if s.vaddr < end:
                raise BadCore(f'{s} is out of order or overlaps')
            if s.filesz > s.memsz:
                raise BadCore(f'{s} has more file than memory')
            end = s.vaddr + s.memsz
        self.starts = [s.vaddr for s in self.loads]
        self.named = None

    def _notes(self, segment):
        offset, end = segment.offset, segment.offset + segment.filesz
        while offset < end:
            namesz, descsz, kind = self._unpack('<III', offset)
            name = offset + 12
            desc = name + (namesz + 3 & ~3)
            offset = desc + (descsz + 3 & ~3)
            if desc + descsz > end or namesz == 0:
                raise BadCore(f'a note at {name - 12:#x} is longer than its segment')
            owner = self.data[name:name + namesz]
            if owner[-1:] != b'\0':
                raise BadCore(f'note owner {owner}')
            self.notes.append(Note(owner[:-1].decode(), kind, desc,
                                   self.data[desc:desc + descsz]))

    def _threads(self):
        self.threads = []
        self.process_notes = []
        for note in self.notes:
            if note.owner == 'CORE' and note.kind == NT_PRSTATUS:
                self.threads.append(Thread(note, self.bits))
            elif self._per_thread(note) and self.threads:
                self.threads[-1].notes.append(note)
            else:
                self.process_notes.append(note)
        self.by_tid = {t.tid: t for t in self.threads}
        if len(self.by_tid) != len(self.threads):
            raise BadCore('a thread id comes twice')

    @staticmethod
    def _per_thread(note):
        if note.owner == 'LINUX':
            return True
        return note.owner == 'CORE' and note.kind in (NT_FPREGSET, NT_SIGINFO)

    def process_note(self, kind, owner='CORE'):
        found = [n for n in self.process_notes if (n.owner, n.kind) == (owner, kind)]
        if len(found) != 1:
            raise BadCore(f'{len(found)} notes {owner}/{kind:#x}, not one')
        return found[0]

    def segment(self, address):
        i = bisect.bisect_right(self.starts, address) - 1
        if i >= 0 and address < self.loads[i].vaddr + self.loads[i].memsz:
            return self.loads[i]
        return None

    def tail_is_zero(self, s):
        """Is the rest of the segment, behind its bytes, a hole: memory that was
        never touched? What is of a file there was left out."""
        if not 0 < s.filesz < s.memsz:
            return False
        if self.named is None:
            self.named = {f[0]: f[1] for f in self.files()}
        return self.named.get(s.vaddr, 0) <= s.vaddr + s.filesz

    def read(self, address, length):
        """Bytes of memory; may run over the seam of two segments."""
        parts = []
        while length:
            s = self.segment(address)
            if s is None:
                raise NotDumped(f'{address:#x} is not in the core')
            done = address - s.vaddr
            if done < s.filesz:
                n = min(length, s.filesz - done)
                parts.append(self.data[s.offset + done:s.offset + done + n])
            elif self.tail_is_zero(s):
                n = min(length, s.memsz - done)
                parts.append(bytes(n))
            else:
                raise NotDumped(f'{address:#x} is not in the core')
            address += n
            length -= n
        return b''.join(parts)

    def data_ranges(self):
        """Addresses of memory with bytes that are in no hole of the file."""
        fd = self.file.fileno()
        for s in self.loads:
            at, end = s.offset, s.offset + s.filesz
            while at < end:
                try:
                    at = os.lseek(fd, at, os.SEEK_DATA)
                except OSError:		# none any more
                    break
                hole = os.lseek(fd, at, os.SEEK_HOLE)
                if at < end:
                    yield s.vaddr + at - s.offset, s.vaddr + min(hole, end) - s.offset
                at = hole

    def auxv(self):
        word = '<QQ' if self.bits == 64 else '<II'
        pairs = list(struct.iter_unpack(word, self.process_note(NT_AUXV).desc))
        if (0, 0) != pairs[-1] and pairs[-1][0] != 0:
            raise BadCore('AUXV has no end')
        return dict(pairs)

    def files(self):
        """NT_FILE: list of (start, end, offset in bytes, name)."""
        desc = self.process_note(NT_FILE).desc
        w = 8 if self.bits == 64 else 4
        letter = 'Q' if w == 8 else 'I'
        count, page = struct.unpack_from(f'<2{letter}', desc)
        rows = [struct.unpack_from(f'<3{letter}', desc, 2 * w + 3 * w * i)
                for i in range(count)]
        names = desc[2 * w + 3 * w * count:].split(b'\0')
        if len(names) != count + 1 or names[-1]:
            raise BadCore(f'NT_FILE: {count} mappings, {len(names) - 1} names')
        if page not in (1, 4096):
            raise BadCore(f'NT_FILE: page size {page}')
        return [(start, end, offset * page, name.decode())
                for (start, end, offset), name in zip(rows, names)]

    def psinfo(self):
        """(state letter, pid, name, arguments)"""
        desc = self.process_note(NT_PRPSINFO).desc
        format = '<bcbbxxxxQIIiiii16s80s' if self.bits == 64 else '<bcbbIHHiiii16s80s'
        if len(desc) != struct.calcsize(format):
            raise BadCore(f'PRPSINFO of {len(desc)} bytes')
        fields = struct.unpack(format, desc)
        text = [f.split(b'\0')[0].decode() for f in fields[-2:]]
        return fields[1].decode(), fields[7], *text

    # Our own notes.

    def dump_note(self):
        names = ('version abi mode_asked mode pid threads realtime_ns '
                 'boottime_ns hold_ns release').split()
        note = dict(zip(names, struct.unpack_from(
            '<IIIIiIQQQ64s', self.process_note(NT_DUMP, 'PROCDUMP').desc)))
        note['release'] = note['release'].split(b'\0')[0].decode()
        return note

    def thread_notes(self):
        notes = {}
        for n in self.notes:
            if (n.owner, n.kind) != ('PROCDUMP', NT_THREAD):
                continue
            tid, caught, state, flags, start, comm = \
                struct.unpack_from('<iIc3xIQ16s', n.desc)
            if tid in notes:
                raise BadCore(f'two PROCDUMP notes of thread {tid}')
            notes[tid] = {'caught': caught, 'state': state.decode(),
                          'flags': flags, 'start': start, 'comm': comm.split(b'\0')[0].decode()}
        return notes

    def end_note(self):
        """The end mark, or None in a core that was cut."""
        last = [s for s in self.segments if s.kind == PT_NOTE][-1]
        names = ('version consistency pages pages_zero pages_missing pause_ns '
                 'ranges reserved').split()
        found = [n for n in self.notes if (n.owner, n.kind) == ('PROCDUMP', NT_END)]
        if not found:
            return None
        if len(found) > 1:
            raise BadCore('two end marks')
        if last.offset + last.filesz != self.size:
            raise BadCore('the end mark is not at the end')
        if not last.offset <= found[0].offset < self.size:
            raise BadCore('the end mark is not in the last note segment')
        note = dict(zip(names, struct.unpack_from('<IIQQQQII', found[0].desc)))
        note['range'] = list(struct.iter_unpack('<QQ', found[0].desc[48:560]))[:note['ranges']]
        return note
