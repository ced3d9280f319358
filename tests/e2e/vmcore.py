# SPDX-License-Identifier: GPL-2.0
"""A kernel minidump, read without debug symbols: ELF, notes, page tables, and
the offsets of members from the BTF of the running kernel."""
import bisect
import struct
import sys

BASE_MAP = 0xffffffff80000000
STACK_END = struct.pack('<I', 0x57ac6e9d)


class Btf:
    """Offsets of structure members, in bytes."""

    def __init__(self, path='/sys/kernel/btf/vmlinux'):
        raw = open(path, 'rb').read()
        _, _, _, hlen, toff, tlen, soff, slen = struct.unpack_from('<HBBIIIII', raw)
        types = raw[hlen + toff:hlen + toff + tlen]
        self.strings = raw[hlen + soff:hlen + soff + slen]
        self.structs, self.types, at = {}, [None], 0
        while at < len(types):
            name, info, size = struct.unpack_from('<III', types, at)
            kind, count, flag = info >> 24 & 0x1f, info & 0xffff, info >> 31
            at += 12
            members = []
            if kind in (4, 5):
                for i in range(count):
                    mname, mtype, moff = struct.unpack_from('<III', types, at + 12 * i)
                    members.append((self.string(mname), mtype,
                                    (moff & 0xffffff if flag else moff) // 8))
            at += {1: 4, 3: 12, 4: 12 * count, 5: 12 * count, 6: 8 * count,
                   13: 8 * count, 14: 4, 15: 12 * count, 17: 4,
                   19: 12 * count}.get(kind, 0)
            self.types.append((self.string(name), members, size, kind))
            if kind in (4, 5) and members:
                self.structs.setdefault(self.string(name), (members, size))

    def string(self, at):
        return self.strings[at:self.strings.index(b'\0', at)].decode()

    def search(self, members, name):
        for mname, mtype, off in members:
            if mname == name:
                return off
            if not mname and self.types[mtype][3] in (4, 5):
                found = self.search(self.types[mtype][1], name)
                if found is not None:
                    return off + found
        return None

    def offset(self, struct_name, name):
        return self.search(self.structs[struct_name][0], name)


class Vmcore:
    def __init__(self, path):
        self.file = open(path, 'rb')
        head = self.file.read(64)
        assert head[:6] == b'\x7fELF\x02\x01', 'not a 64-bit ELF'
        self.type, self.machine = struct.unpack_from('<HH', head, 16)
        phoff, shoff = struct.unpack_from('<QQ', head, 32)
        phnum, = struct.unpack_from('<H', head, 56)
        if phnum == 0xffff:
            self.file.seek(shoff)
            phnum = struct.unpack_from('<I', self.file.read(64), 44)[0]
        self.file.seek(phoff)
        raw = self.file.read(56 * phnum)
        self.phdrs = list(struct.iter_unpack('<IIQQQQQQ', raw))
        self.loads = [p for p in self.phdrs if p[0] == 1]
        self.notes = []
        for p in self.phdrs:
            if p[0] == 4:
                self.file.seek(p[2])
                self.read_notes(self.file.read(p[5]))
        self.info = dict(line.split('=', 1) for line in self.note('VMCOREINFO', 0)[0].decode().splitlines() if '=' in line)
        self.phys = sorted({p[4]: p for p in self.loads}.values(), key=lambda p: p[4])
        self.starts = [p[4] for p in self.phys]
        direct = [p for p in self.loads if p[3] < BASE_MAP]
        self.page_offset = direct[0][3] - direct[0][4]
        self.phys_base = int(self.info['NUMBER(phys_base)'])
        self.pgd = int(self.info['SYMBOL(swapper_pg_dir)'], 16)

    def read_notes(self, raw):
        at = 0
        while at + 12 <= len(raw):
            nsz, dsz, kind = struct.unpack_from('<III', raw, at)
            at += 12
            name = raw[at:at + nsz].rstrip(b'\0').decode()
            at += nsz + 3 & ~3
            self.notes.append((name, kind, raw[at:at + dsz]))
            at += dsz + 3 & ~3

    def note(self, name, kind):
        return [n[2] for n in self.notes if n[:2] == (name, kind)]

    def read_phys(self, addr, size):
        import bisect
        p = self.phys[max(0, bisect.bisect_right(self.starts, addr) - 1)]
        if not p[4] <= addr <= addr + size <= p[4] + p[5]:
            raise KeyError(f'physical {addr:#x} is not in the dump')
        self.file.seek(p[2] + addr - p[4])
        return self.file.read(size)

    def to_phys(self, addr):
        if addr >= BASE_MAP and addr < BASE_MAP + 0x40000000:
            return addr - BASE_MAP + self.phys_base
        if self.page_offset <= addr < self.page_offset + (1 << 46):
            return addr - self.page_offset
        table = self.to_phys(self.pgd)
        for shift in (39, 30, 21, 12):
            entry, = struct.unpack('<Q', self.read_phys(table + (addr >> shift & 511) * 8, 8))
            if not entry & 1:
                raise KeyError(f'{addr:#x} is not mapped')
            table = entry & 0xffffffffff000
            if shift < 39 and entry & 0x80 or shift == 12:
                mask = (1 << shift) - 1
                return table & ~mask | addr & mask
        return None

    def read(self, addr, size):
        out = b''
        while size:
            n = min(size, 4096 - addr % 4096)
            out += self.read_phys(self.to_phys(addr), n)
            addr, size = addr + n, size - n
        return out

    def u64(self, addr):
        return struct.unpack('<Q', self.read(addr, 8))[0]


def symbol(name):
    for line in open('/proc/kallsyms'):
        addr, _, got = line.split()[:3]
        if got == name:
            return int(addr, 16)
    raise KeyError(name)


functions = []


def function_at(addr):
    if not functions:
        for line in open('/proc/kallsyms'):
            at, kind, name = line.split()[:3]
            if kind in 'tT':
                functions.append((int(at, 16), name))
        functions.sort()
    i = bisect.bisect_right(functions, (addr, chr(0x10ffff))) - 1
    return functions[i][1] if i >= 0 else 'nowhere'


def tasks(core, btf):
    """Every process: pid, comm, task, stack."""
    tasks_off = btf.offset('task_struct', 'tasks')
    first = at = symbol('init_task')
    seen = set()
    while True:
        if at in seen:
            raise ValueError('the list of tasks does not come back')
        seen.add(at)
        pid, = struct.unpack('<i', core.read(at + btf.offset('task_struct', 'pid'), 4))
        comm = core.read(at + btf.offset('task_struct', 'comm'), 16).split(b'\0')[0]
        yield pid, comm, at, core.u64(at + btf.offset('task_struct', 'stack'))
        back = core.u64(core.u64(at + tasks_off) + 8)
        if back != at + tasks_off:
            raise ValueError(f'the list is torn behind task {pid}')
        at = core.u64(at + tasks_off) - tasks_off
        if at == first:
            return


def walk(core):
    """All processes can be listed, and all stacks be read."""
    btf, count, bad = Btf(), 0, []
    for pid, comm, task, stack in tasks(core, btf):
        count += 1
        try:
            if stack and core.read(stack, 16384)[:4] != STACK_END:
                bad.append(f'{pid} {comm}: no magic at the end of its stack')
        except KeyError as err:
            bad.append(f'{pid} {comm}: {err}')
    print(f'tasks={count} bad_stacks={len(bad)}')
    for line in bad[:5]:
        print(line)
    return not bad


def main():
    core, what = Vmcore(sys.argv[1]), sys.argv[2]
    if what == 'shape':
        assert core.type == 4 and core.machine == 62
        assert core.phdrs[0][0] == 4, 'the first header is not PT_NOTE'
        assert len(core.loads) >= 2 and core.loads[0][7] == 0
        assert all(p[5] == p[6] for p in core.loads)
        cpus = core.note('CORE', 1)
        assert len(cpus) == int(sys.argv[3]), f'{len(cpus)} CPUs'
        for i, cpu in enumerate(cpus):
            assert struct.unpack_from('<i', cpu, 32)[0] == i + 1
            assert struct.unpack_from('<Q', cpu, 112 + 16 * 8)[0] or len(sys.argv) > 4, f'no rip of CPU {i}'
        snap, = core.note('SNAP', 4)
        assert struct.unpack('<QQQ', snap)[1] == -int(core.info['KERNELOFFSET'], 16) % (1 << 64)
        banner = core.read(symbol('linux_banner'), 13)
        assert banner == b'Linux version', banner
        assert core.note('PROCDUMP', 0x50440003) and core.note('PROCDUMP', 0x50440005)
    elif what == 'walk':
        sys.exit(0 if walk(core) else 1)
    elif what == 'rip':	# the function that each CPU was in
        for cpu in core.note('CORE', 1):
            print(function_at(struct.unpack_from('<Q', cpu, 112 + 16 * 8)[0]))
    elif what == 'waits':	# a CPU that waits there: is its stack as it was then?
        for cpu in core.note('CORE', 1):
            rip, rsp = (struct.unpack_from('<Q', cpu, 112 + i * 8)[0] for i in (16, 19))
            if function_at(rip) == sys.argv[3]:
                words = struct.iter_unpack('<Q', core.read(rsp, min(512, 4096 - rsp % 4096)))
                callers = {function_at(w) for w, in words if w >= BASE_MAP}
                assert sys.argv[4] in callers, callers
                return
        raise KeyError(sys.argv[3])
    elif what == 'report':
        print(core.note('PROCDUMP', 0x50440006)[0].decode())
    elif what == 'stack':	# of process PID: are these arguments of a system call there?
        btf = Btf()
        for pid, comm, task, stack in tasks(core, btf):
            if pid == int(sys.argv[3]):
                raw = core.read(stack, 16384)
                assert all(struct.pack('<Q', int(a, 16)) in raw for a in sys.argv[4:])
                return
        raise KeyError(sys.argv[3])


if __name__ == '__main__':
    main()
