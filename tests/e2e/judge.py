#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run one judge after the other, for judge_with of lib.sh: to start Python takes
longer than to judge a small core.

A line of standard input asks: the working directory, the name of a program in this
directory, and its arguments, each with a NUL behind it. The answer is a line with
the exit status and the length of the output, and the output.

Each runs in a process of its own, so that nothing of it stays: no finding, and no
file that is still mapped.
"""
import os
import sys

import core		# which they all want

programs = {}


def program(name):
    """Path and code."""
    if name not in programs:
        path = f'{os.path.dirname(core.__file__)}/{name}.py'
        with open(path) as source:
            programs[name] = path, compile(source.read(), path, 'exec')
    return programs[name]


def run(path, code, directory, args, output):
    """In the child. What it raises ends it, with a trace in the output."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(directory)
    sys.argv = [path, *args]
    exec(code, {'__name__': '__main__'})
    sys.exit()


def answer(directory, name, *args):
    path, code = program(name)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        run(path, code, directory, args, write)
    os.close(write)
    with open(read, 'rb') as pipe:
        text = pipe.read().replace(b'\0', b'?')	# which bash cannot read
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(1, b'%d %d\n' % (status if status >= 0 else 128 - status, len(text)))
    while text:
        text = text[os.write(1, text):]


for line in sys.stdin:
    answer(*line.split('\0')[:-1])
