#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""plot.py bars|lines SVG TITLE TSV...: a drawing of what throughput.test (bars)
or growth.test (lines) has measured, and its tables in Markdown on standard
output. No library is needed."""
import math
import sys
from html import escape
from os.path import basename

COLORS = {'procdump': '#0a7d4f', 'procdump: pause': '#6cc29a', 'gcore': '#b5473c'}
OTHER = '#68788a'


def read(path):
    """Lines of measure.py, as lib.sh writes them."""
    names = 'wall', 'cpu', 'rss', 'kernel', 'bytes', 'pause'
    with open(path) as file:
        for line in file:
            name, *numbers = line.rstrip('\n').split('\t')
            yield name, dict(zip(names, map(int, numbers)))


def text(x, y, words, anchor='start', more=''):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{more}>{escape(words)}</text>'


def rect(x, y, width, height, color):
    return (f'<rect x="{x:.0f}" y="{y:.0f}" width="{max(width, 1):.1f}" height="{height}" '
            f'fill="{color}"/>')


def svg(path, title, width, height, parts):
    with open(path, 'w') as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                   'font-family="sans-serif" font-size="12">\n'
                   '<rect width="100%" height="100%" fill="#fff"/>\n')
        file.write('\n'.join([text(10, 18, title, more=' font-weight="bold"'), *parts, '</svg>', '']))


def bars(path, title, files):
    left, full, y, parts = 210, 420, 30, []
    for file in files:
        rows = list(read(file))
        most = max(max(row['wall'], row['cpu']) for _, row in rows)
        for name, row in rows:
            color = COLORS['procdump'] if name.startswith('procdump') else OTHER
            parts += [text(left - 8, y + 13, name, 'end'),
                      rect(left, y + 2, full * row['wall'] / most, 9, color),
                      rect(left, y + 12, full * row['cpu'] / most, 4, '#c4ccd4'),
                      text(left + full * row['wall'] / most + 5, y + 11, f"{row['wall'] / 1000:.1f} s")]
            y += 22
        y += 14
    parts.append(text(left, y, 'thick: until the core is there; thin, grey: time of all CPUs'))
    svg(path, title, left + full + 60, y + 12, parts)


def series(file):
    """What growth.test has compared: name -> [(number, ms)]."""
    lines = {}
    for name, row in read(file):
        who, number = name.split()
        lines.setdefault(who, []).append((int(number), row['wall']))
        if who == 'procdump':
            lines.setdefault('procdump: pause', []).append((int(number), row['pause'] / 1000))
    return lines


def panel(x, y, size, file):
    lines = series(file)
    points = [point for line in lines.values() for point in line]
    low_x, high_x = (math.log10(f(n for n, _ in points)) for f in (min, max))
    low_y, high_y = 0, math.ceil(math.log10(max(ms for _, ms in points)))
    what = {'memory': 'MiB', 'threads': 'threads', 'mappings': 'mappings'}[basename(file).split('.')[-2]]

    def place(number, ms):
        return (x + (math.log10(number) - low_x) / (high_x - low_x) * size,
                y + size - (math.log10(max(ms, 1)) - low_y) / (high_y - low_y) * size)

    parts = [f'<path d="M{x} {y}v{size}h{size}" fill="none" stroke="#888"/>',
             text(x + size / 2, y + size + 34, what, 'middle')]
    for power in range(low_y, high_y + 1):
        at = place(10 ** low_x, 10 ** power)[1]
        parts.append(f'<path d="M{x} {at:.0f}h{size}" stroke="#e4e8ec"/>')
        label = f'{10 ** power} ms' if power < 3 else f'{10 ** (power - 3)} s'
        parts.append(text(x - 6, at + 4, label, 'end'))
    for number in sorted({number for number, _ in points}):
        parts.append(text(place(number, 1)[0], y + size + 16, f'{number:,}', 'middle'))
    for name, line in lines.items():
        path = ' '.join(f'{px:.0f},{py:.0f}' for px, py in (place(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke-width="2" stroke="{COLORS[name]}"/>')
    return parts


def lines(path, title, files):
    size, parts = 190, []
    for i, file in enumerate(files):
        parts += panel(62 + i * (size + 75), 52, size, file)
    for i, (name, color) in enumerate(COLORS.items()):
        parts += [rect(62 + i * 130, 28, 10, 10, color), text(76 + i * 130, 37, name)]
    svg(path, title, 62 + len(files) * (size + 75), 300, parts)


def table(file):
    print(f'\n{basename(file)}\n\n| | takes | all CPUs | MiB | pause | its memory | of the kernel |\n'
          '|---|---|---|---|---|---|---|')
    for name, row in read(file):
        pause = f"{row['pause'] / 1000:.0f} ms" if row['pause'] else '-'
        print(f"| {name} | {row['wall'] / 1000:.2f} s | {row['cpu'] / 1000:.2f} s | "
              f"{row['bytes'] / 2 ** 20:.0f} | {pause} | {row['rss'] / 1024:.0f} MiB | "
              f"{row['kernel'] / 1024:.0f} MiB |")


def main():
    draw = {'bars': bars, 'lines': lines}.get(sys.argv[1] if len(sys.argv) > 4 else '')
    if not draw:
        sys.exit(__doc__)
    draw(sys.argv[2], sys.argv[3], sys.argv[4:])
    for file in sys.argv[4:]:
        table(file)


main()
