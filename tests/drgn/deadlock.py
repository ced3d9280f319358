#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What drgn finds in a kernel minidump: deadlock.py CORE VMLINUX [MODULE.ko...]

Every task and its stack, the modules, the log, and, of tasks in state D, the
mutexes they wait for and the owners of these. Fails unless all of it can be
read and two of the tasks wait for each other. Where to get all that:
procdump(4), "Readers".
"""
import sys

import drgn
from drgn.helpers.linux import for_each_task, list_for_each_entry, get_dmesg
from drgn.helpers.linux.sched import task_state_to_char

STACK = 16384


def waiter_of(prog, task):
    """The mutex_waiter on the stack of a task, found by its task."""
    stack = task.stack.value_()
    at = task.thread.sp.value_()
    while at < stack + STACK - 24:
        if prog.read_u64(at + 16) == task.value_():
            waiter = drgn.Object(prog, 'struct mutex_waiter', address=at)
            try:
                if (waiter.list.next.prev.value_() == at and
                        waiter.list.prev.next.value_() == at):
                    return waiter
            except drgn.FaultError:
                pass
        at += 8
    return None


def owner_of(prog, waiter, tasks):
    """The owner of the mutex whose list the waiter is in: the one entry of the
    list that is not on a stack is the head."""
    stacks = {t.stack.value_() // STACK for t in tasks}
    at = waiter.list.next
    while at.value_() // STACK in stacks:
        at = at.next
    mutex = drgn.container_of(at, 'struct mutex', 'wait_list')
    owner = mutex.owner.counter.value_() & ~7
    return mutex, drgn.cast('struct task_struct *', drgn.Object(prog, 'unsigned long', owner))


def stacks(prog, tasks):
    bad = []
    frames = 0
    for task in tasks:
        try:
            trace = prog.stack_trace(task)
            frames += len(trace)
            if not len(trace):
                bad.append(task)
        except (ValueError, LookupError, drgn.FaultError) as err:
            bad.append(task)
            print(f'  stack of {task.pid.value_()} {task.comm.string_().decode()}: {err}')
    return frames, bad


def main():
    prog = drgn.Program()
    prog.set_core_dump(sys.argv[1])
    prog.load_debug_info(sys.argv[2:])
    tasks = list(for_each_task(prog))
    frames, bad = stacks(prog, tasks)
    print(f'{len(tasks)} tasks, {frames} frames, {len(bad)} stacks cannot be read')
    modules = [m.name.string_().decode() for m in
               list_for_each_entry('struct module', prog['modules'].address_of_(), 'list')]
    print(f'{len(modules)} modules: {" ".join(sorted(modules))}')
    log = get_dmesg(prog).splitlines()
    print(f'{len(log)} lines of log, the last: {log[-1].decode()}')

    waits = {}
    for task in tasks:
        if task_state_to_char(task) != 'D':
            continue
        waiter = waiter_of(prog, task)
        if waiter is None:
            continue
        names = [f.name for f in prog.stack_trace(task)]
        if not any('mutex_lock' in (n or '') for n in names):
            continue
        mutex, owner = owner_of(prog, waiter, tasks)
        waits[task.pid.value_()] = owner.pid.value_()
        print(f'{task.pid.value_()} ({task.comm.string_().decode()}) waits for the mutex at '
              f'{mutex.value_():#x}, owner {owner.pid.value_()} ({owner.comm.string_().decode()})')
    cycle = [p for p in waits if waits.get(waits[p]) == p]
    print('wait for each other:', *cycle)
    sys.exit(0 if len(cycle) == 2 and not bad and 'procdump' in modules and log else 1)


if __name__ == '__main__':
    main()
