#!/usr/bin/python3
"""Makes src/dom/names_hash.h and src/dom/entity_hash.h: where a name of
names_el.h, names_attr.h and entity_list.h is found without a second guess. To
be run in the root of the tree after a change of these; the unit test of
dom/names fails until then.

The hash is computed here as dom/key.h computes it. Names with the same low bits
share a shift, chosen so that each name falls into a slot of its own."""
import random
import re
import sys

MASK = (1 << 64) - 1


def key(name):
    data = name.encode()
    part = 8 if len(data) >= 8 else 4
    if len(data) >= 4:
        return (int.from_bytes(data[:part], "little"),
                int.from_bytes(data[-part:], "little"))
    return data[0] | data[len(data) // 2] << 8, data[-1]


def hashed(name, factor):
    first, last = key(name)
    mixed = (first + len(name.encode())) * factor & MASK
    mixed = (mixed ^ mixed >> 32 ^ last ^ last >> 32) * factor & MASK
    return mixed >> 32


def place(names, factor, shifts, slots):
    """The shift of each group and the name in each slot, or None."""
    groups = [[] for _ in range(shifts)]
    for number, name in enumerate(names):
        h = hashed(name, factor)
        groups[h % shifts].append((h // shifts, number + 1))
    shift_of, taken = [0] * shifts, [0] * slots
    for group in sorted(range(shifts), key=lambda g: -len(groups[g])):
        for shift in range(slots):
            where = {(h + shift) % slots for h, _ in groups[group]}
            if len(where) < len(groups[group]):
                return None
            if not any(taken[w] for w in where):
                break
        else:
            return None
        shift_of[group] = shift
        for h, number in groups[group]:
            taken[(h + shift) % slots] = number
    return shift_of, taken


def table(name, numbers):
    lines, line = ["static const uint16_t %s[%d] = {" % (name, len(numbers))], "\t"
    for number in numbers:
        word = "%d, " % number
        if len((line + word).expandtabs().rstrip()) > 78:
            lines.append(line.rstrip())
            line = "\t"
        line += word
    return "\n".join(lines + [line.rstrip(), "};"]) + "\n"


def make(what, path, macro, shifts, slots):
    with open(path) as file:
        names = re.findall(r'^%s\w*\([^"]*"([^"]*)"' % macro, file.read(), re.M)
    if names != sorted(set(names)):
        sys.exit("%s: not sorted, or one twice" % path)
    chance = random.Random(1)
    while True:
        factor = chance.getrandbits(64) | 1
        placed = place(names, factor, shifts, slots)
        if placed:
            break
    up = what.upper()
    return ("#define %s_FACTOR UINT64_C(0x%016x)\n" % (up, factor)
            + "\nenum { %s_SHIFTS = %d, %s_SLOTS = %d };\n\n" % (up, shifts, up, slots)
            + table(what + "_shifts", placed[0]) + "\n"
            + table(what + "_slots", placed[1]))


HEAD = """/* dom/%s.h - for %s.c alone; made by tests/tools/names_hash.py */
#ifndef DOM_%s_H
#define DOM_%s_H

#include <stdint.h>

/* clang-format off */
"""
LISTS = {
    "names": [("el", "names_el", "NAMES_EL", 64, 512),
              ("attr", "names_attr", "NAMES_ATTR", 256, 1024)],
    "entity": [("entity", "entity_list", "ENTITY", 1024, 4096)],
}

for user, lists in LISTS.items():
    guard = user.upper() + "_HASH"
    with open("src/dom/%s_hash.h" % user, "w") as out:
        out.write(HEAD % (user + "_hash", user, guard, guard))
        for what, path, *rest in lists:
            out.write(make(what, "src/dom/%s.h" % path, *rest) + "\n")
        out.write("/* clang-format on */\n\n#endif\n")
