#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What drgn finds in a kernel minidump: deadlock.py CORE VMLINUX [MODULE.ko...]

Every task and its stack, the modules, the log, and, of tasks in state D, the
mutexes they wait for and the owners of these. Fails unless all of it can be
read and two of the tasks wait for each other. An old drgn may know too little
of a new kernel to unwind stacks: then it goes on with what it can read, and
fails in the end. tests/drgn/run has the rest that it takes.
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


def names(prog, task):
    """The functions on its stack; None if that cannot be read."""
    try:
        return [f.name or '?' for f in prog.stack_trace(task)]
    except Exception as err:    # pylint: disable=broad-except # drgn raises that
        names.error = err
        return None


names.error = 'they are empty'


def load(prog, files):
    """Modules that its version cannot find are not worth to end for."""
    try:
        prog.load_debug_info(files)
    except drgn.MissingDebugInfoError as err:
        print('not loaded:', ' '.join(str(err).split()))


def main():
    prog = drgn.Program()
    prog.set_core_dump(sys.argv[1])
    load(prog, sys.argv[2:])
    tasks = list(for_each_task(prog))
    stacks = [names(prog, t) for t in tasks]
    bad = sum(not s for s in stacks)
    print(f'{len(tasks)} tasks, {sum(len(s or []) for s in stacks)} frames, '
          f'{bad} stacks cannot be read', f'({names.error})' if bad else '')
    modules = [m.name.string_().decode() for m in
               list_for_each_entry('struct module', prog['modules'].address_of_(), 'list')]
    print(f'{len(modules)} modules: {" ".join(sorted(modules))}')
    log = get_dmesg(prog).splitlines()
    print(f'{len(log)} lines of log, the last: {log[-1].decode()}')

    waits = {}
    for task, stack in zip(tasks, stacks):
        if task_state_to_char(task) != 'D':
            continue
        waiter = waiter_of(prog, task)
        # Without a stack it may be an rw_semaphore, which has its owner there too.
        if waiter is None or stack and not any('mutex_lock' in n for n in stack):
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
