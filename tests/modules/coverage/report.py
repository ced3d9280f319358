#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
report.py RUN.json... >UNCOVERED: adds up what gcov found in several runs, each
a file with one JSON document a line, as "gcov --json-format --stdout" prints
them. Standard error gets a table of the files of driver/, standard output the
lines that never ran, by function.
"""
import json
import os
import sys

DRIVER = os.path.join(os.path.dirname(os.path.realpath(__file__)), '../../../driver')


def read(paths):
    """{file: {line: [function, count]}} of all runs and all objects"""
    files = {}
    for path in paths:
        for document in open(path):
            for file in json.loads(document)['files']:
                # Links to the sources are beside the objects; others are the
                # kernel's headers.
                name = os.path.basename(file['file'])
                if '/include/' in file['file'] or not os.path.exists(os.path.join(DRIVER, name)):
                    continue
                lines = files.setdefault(name, {})
                names = {line: function['name'] for function in file['functions']
                         for line in range(function['start_line'], function['end_line'] + 1)}
                for line in file['lines']:
                    number = line['line_number']
                    lines.setdefault(number, [names.get(number, ''), 0])[1] += line['count']
    return files


def missing(lines):
    """[(function, [(first, last)])]: lines without code do not end a range"""
    result = []
    before = False
    for number in sorted(lines):
        function, count = lines[number]
        if count:
            before = False
            continue
        if not result or result[-1][0] != function:
            result.append((function, []))
            before = False
        ranges = result[-1][1]
        if before:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
        before = True
    return result


def row(name, lines):
    run = sum(1 for _, count in lines if count)
    print(f'{name:20} {len(lines):6} {run:6} {100 * run / len(lines):6.1f} %', file=sys.stderr)


def main():
    files = read(sys.argv[1:])
    print(f'{"file":20} {"lines":>6} {"run":>6}', file=sys.stderr)
    for name in sorted(files):
        lines = files[name]
        row(name, list(lines.values()))
        with open(os.path.join(DRIVER, name)) as source:
            text = source.read().split('\n')
        for function, ranges in missing(lines):
            print(f'{name}: {function or "inlined"}')
            for first, last in ranges:
                for number in range(first, last + 1):
                    mark = '-' if lines.get(number, ' 1')[1] == 0 else ' '
                    print(f'  {number:5} {mark} {text[number - 1]}')
                print()
    row('all', [line for lines in files.values() for line in lines.values()])


main()
