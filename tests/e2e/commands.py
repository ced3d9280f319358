# SPDX-License-Identifier: GPL-2.0
"""What a target in Python does with the commands of lib.sh when it only waits,
as commands_serve() of tests/targets/target.h."""
import os
import sys


def serve():
    print('ready', os.getpid(), flush=True)
    for line in sys.stdin:
        if line.strip() == 'quit':
            break
        print('ok' if line.strip() == 'verify' else 'bad', flush=True)
