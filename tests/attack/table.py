"""The table of attacks: what stands in the files beside this one.

[CLASS] begins a class of cases. What holds for its cases until it is said
otherwise, or the next class begins:
    form BYTES      {} in it is where the bytes of a case go (alone: {})
    clean TARGET... a client that means well asks for these afterwards; {} is
                    the bytes of the case there, too
    # words         nobody reads these but you

A case is one line, NAME | WHAT MUST BE | BYTES. The bytes are all that the
attacker sends on one connection; lines that begin with a tab go on with them.
In bytes:
    \\r \\n \\t \\0 \\xNN \\\\ as in C, \\s a space at an end of the line
    {id}        what tells one play of a case from all others
    {N*TEXT}    TEXT so many times
    {wait}      a pause: what follows comes in another packet
Behind them comes a request for /{id}/after with Connection: close, so that the
other side has something to take for a part of it, and an end.

What must be, words with a blank between (\\s is one in them):
    refused[=400,501]  one answer of 4xx or 5xx (of these), and closed; nothing
                       of it reaches the upstream
    N                  so many requests reach the upstream, the last one too,
                       and each is answered by its own answer
    N-M                no fewer, no more (what is stored need not be asked for)
    alone              no request behind it
    method= target= host= len=     so is the first request that the upstream saw
                                   (len: bytes of its body)
    has=TEXT lacks=TEXT            a line of its head, lower case; or no such
    status=N                       of the first answer
    nginx=WORD haproxy=WORD        behind these another must be: "skip" is not
                                   played, N-M as above
A request whose target has "smuggled" in it must never reach the upstream, and
nobody who means well may ever get an answer with "evil" in it.
"""
import re

CONTROL = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\", "s": " "}


class Mistake(Exception):
    """The table cannot be read."""


def unescape(text):
    def one(found):
        word = found.group(1)
        if word[0] == "x":
            return chr(int(word[1:], 16))
        if word not in CONTROL:
            raise Mistake("no escape: \\%s" % word)
        return CONTROL[word]
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, text)


def repeat(text):
    """The innermost first."""
    while True:
        text, n = re.subn(r"\{(\d+)\*([^{}]*)\}",
                          lambda found: found.group(2) * int(found.group(1)),
                          text)
        if not n:
            return text


class Case:
    """One attack and what must come of it."""

    def __init__(self, attack_class, name, wanted, text, clean):
        self.attack_class = attack_class
        self.name = name
        self.label = "%s/%s" % (attack_class, name)
        self.text = text
        self.clean = clean
        self.refused = None
        self.least = self.most = 0
        self.alone = False
        self.first = {}
        self.has, self.lacks = [], []
        self.status = None
        self.behind = {}
        for word in wanted.split():
            self.take(unescape(word))

    def take(self, word):
        key, _, value = word.partition("=")
        if key == "refused":
            self.refused = [int(n) for n in value.split(",") if n]
        elif re.fullmatch(r"\d+(-\d+)?", word):
            self.least, self.most = span(word)
        elif key == "alone":
            self.alone = True
        elif key in ("method", "target", "host", "len"):
            self.first[key] = value
        elif key in ("has", "lacks"):
            getattr(self, key).append(value.lower())
        elif key == "status":
            self.status = int(value)
        elif key in ("nginx", "haproxy"):
            self.behind[key] = value
        else:
            raise Mistake("%s: what is %r?" % (self.label, word))

    def pieces(self, play):
        """The bytes, cut where there is a pause."""
        text = repeat(self.text.replace("{id}", play))
        out = [unescape(part).encode("latin-1")
               for part in text.split("{wait}")]
        if not self.alone:
            out[-1] += after(play)
        return out

    def targets(self, play):
        return [target.replace("{id}", play) for target in self.clean]


def after(play):
    return ("GET /%s/after HTTP/1.1\r\nHost: a.test\r\nConnection: close"
            "\r\n\r\n" % play).encode()


def span(word):
    least, _, most = word.partition("-")
    return int(least), int(most or least)


def logical_lines(path):
    """(number, line), with what goes on behind it."""
    out = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith("\t") and out:
                out[-1][1] += line.strip()
            elif line.strip() and not line.startswith("#"):
                out.append([number, line.strip()])
    return out


def read(path):
    cases, form, clean, where = [], "{}", [], ""
    for number, line in logical_lines(path):
        word, _, rest = line.partition(" ")
        if line.startswith("[") and line.endswith("]"):
            where, form, clean = line[1:-1], "{}", []
        elif word == "form":
            form = rest.strip()
        elif word == "clean":
            clean = rest.split()
        else:
            parts = [part.strip() for part in line.split(" | ", 2)]
            if len(parts) != 3 or form.count("{}") != 1:
                raise Mistake("%s:%d: NAME | WHAT | BYTES" % (path, number))
            cases.append(Case(where, parts[0], parts[1],
                              form.replace("{}", parts[2]),
                              [at.replace("{}", parts[2]) for at in clean]))
    names = [case.label for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise Mistake("%s stands there twice" % name)
    return cases
