"""One figure: pace over buffer, both in steps of two. Plain SVG."""
import math

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 60
PACES = [0.5e6, 1e6, 2e6, 4e6, 8e6, 16e6, 32e6, 64e6]
MARKS = ["circle", "square"]
COLOURS = ["#0a5fa8", "#b8480b"]


class Axes:
    def __init__(self, buffers):
        self.first, self.last = math.log2(buffers[0]), math.log2(buffers[-1])
        self.low, self.high = math.log2(PACES[0]), math.log2(PACES[-1])

    def x(self, buffer):
        return LEFT + (math.log2(buffer) - self.first) / (
            self.last - self.first) * (WIDTH - LEFT - RIGHT - 20) + 10

    def y(self, pace):
        return HEIGHT - BOTTOM - (math.log2(pace) - self.low) / (
            self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def text(x, y, words, anchor="middle", more=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>' % (
        x, y, anchor, more, words)


def grid(axes, buffers, size):
    for pace in PACES:
        y = axes.y(pace)
        yield '<path class="grid" d="M%d %.1fH%d"/>' % (LEFT, y,
                                                        WIDTH - RIGHT)
        yield text(LEFT - 8, y + 4, "%g" % (pace / 1e6), "end")
    for buffer in buffers:
        x = axes.x(buffer)
        yield '<path class="grid" d="M%.1f %dV%d"/>' % (x, TOP,
                                                        HEIGHT - BOTTOM)
        yield text(x, HEIGHT - BOTTOM + 18, size(buffer))
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 42, "buffer")
    yield text(20, (TOP + HEIGHT - BOTTOM) / 2, "MB/s", more=' transform='
               '"rotate(-90 20 %.1f)"' % ((TOP + HEIGHT - BOTTOM) / 2))


def mark(shape, colour, x, y):
    if shape == "circle":
        return '<circle cx="%.1f" cy="%.1f" r="5" fill="%s"/>' % (x, y,
                                                                  colour)
    return '<rect x="%.1f" y="%.1f" width="8" height="8" fill="none" ' \
        'stroke="%s" stroke-width="2"/>' % (x - 4, y - 4, colour)


def points(axes, found, shape, colour):
    for buffer, pace in found.items():
        if buffer:
            yield mark(shape, colour, axes.x(buffer), axes.y(pace))


def legend(names, formula):
    y = TOP + 22
    yield '<path class="formula" d="M%d %dh28"/>' % (LEFT + 16, y - 4)
    yield text(LEFT + 52, y, formula, "start")
    for i, name in enumerate(names):
        y += 20
        yield mark(MARKS[i], COLOURS[i], LEFT + 30, y - 4)
        yield text(LEFT + 52, y, name, "start")


def draw(path, buffers, size, expected, series):
    """series: (name, buffer -> pace); what has no buffer is left out."""
    axes = Axes(buffers)
    # Enough places for the knee to be one.
    steps = [2 ** (axes.first + (axes.last - axes.first) * i / 96)
             for i in range(97)]
    line = "L".join("%.1f %.1f" % (axes.x(b), axes.y(expected(b)))
                    for b in steps)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
             'font-family="sans-serif" font-size="13">' % (WIDTH, HEIGHT),
             '<style>.grid{stroke:#ddd;fill:none}.formula{stroke:#444;'
             'stroke-width:2;fill:none}</style>',
             '<rect width="%d" height="%d" fill="#fff"/>' % (WIDTH, HEIGHT)]
    parts += grid(axes, buffers, size)
    parts.append('<path class="formula" d="M%s"/>' % line)
    for i, (_, found) in enumerate(series):
        parts += points(axes, found, MARKS[i], COLOURS[i])
    parts += legend([name for name, _ in series],
                    "min(line, buffer / round trip)")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(parts + ["</svg>", ""]))
