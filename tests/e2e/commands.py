# SPDX-License-Identifier: GPL-2.0
"""What a target in Python does with the commands of lib.sh when it only waits,
as commands_serve() of tests/targets/target.h. MORE has other commands."""
import os
import sys


def serve(more={}, pid=None):
    print('ready', pid or os.getpid(), flush=True)
    for line in sys.stdin:
        command = line.strip()
        if command == 'quit':
            break
        if command in more:
            more[command]()
        print('ok' if command in ('verify', *more) else 'bad', flush=True)
