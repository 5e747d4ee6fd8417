"""What a page says does not depend on how it comes: all at once or a few bytes
at a time, in whichever encoding, read by either parser. Of encodings a byte
order mark counts first, then the header, then a meta; a page that says that it
is XHTML may close any element by itself."""
import socket
import threading
from lib import Scenario

PAGE = """<!DOCTYPE html>
<html><head>%s<title>Words</title></head>
<body><main id="main"><p>%s</p><table><tr><td>cell</td></tr></table></main>
</body></html>"""
XHTML = """%s<html xmlns="http://www.w3.org/1999/xhtml"><head>
<title>Words</title></head><body><main id="main"><div class="a"/>
<p>behind it</p></main></body></html>"""
DOCTYPE = ('<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
           '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n')
HTML = "text/html"


def meta(name):
    return '<meta charset="%s">' % name


# name, encoding of the bytes, what is before them, meta, header, words
ENCODINGS = (
    ("mark over both", "utf-8", b"\xef\xbb\xbf", meta("windows-1252"),
     HTML + "; charset=iso-8859-2", "caf\u00e9 \u65e5\u672c"),
    ("header over meta", "utf-8", b"", meta("windows-1252"),
     HTML + "; charset=utf-8", "caf\u00e9 \u65e5\u672c"),
    ("windows-1252", "cp1252", b"", "", HTML + "; charset=ISO-8859-1",
     "caf\u00e9 \u20ac"),
    ("ISO-8859-2", "iso8859-2", b"", meta("ISO-8859-2"), HTML,
     "\u0142\u017c"),
    ("Shift_JIS", "cp932", b"", meta("Shift_JIS"), HTML,
     "\u65e5\u672c\u8a9e \u8868"),
    ("GB18030", "gb18030", b"", meta("gb18030"), HTML,
     "\u4e2d\u6587 \U00020000"),
    ("UTF-16", "utf-16-le", b"\xff\xfe", "", HTML, "caf\u00e9 \u65e5\u672c"),
    ("the other UTF-16", "utf-16-be", b"\xfe\xff", meta("windows-1252"),
     HTML + "; charset=utf-8", "caf\u00e9 \u65e5\u672c"),
    ("what nobody knows", "utf-8", b"", meta("x-klingon"),
     HTML + "; charset=x-romulan", "caf\u00e9 \u65e5\u672c"),
)


class Origin:
    """/N is page N at once, /N?slow a few bytes at a time."""

    def __init__(self):
        self.pages = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def add(self, body, kind):
        self.pages.append((body, kind))
        return "/%d" % (len(self.pages) - 1)

    def accept(self):
        while True:
            client = self.listener.accept()[0]
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.answer, args=(client,),
                             daemon=True).start()

    def answer(self, client):
        with client, client.makefile("rb") as lines:
            number, _, slow = lines.readline().split(b" ")[1].partition(b"?")
            while lines.readline() not in (b"\r\n", b""):
                pass
            body, kind = self.pages[int(number[1:])]
            client.sendall(("HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                            "Connection: close\r\n\r\n" % kind).encode())
            piece = 3 if slow else len(body)
            for at in range(0, len(body), piece):
                client.sendall(body[at:at + piece])


with Scenario() as s:
    theme = s.origin()
    origin = Origin()
    for parser in ("html5", "libxml2"):
        livery = s.livery(origin, theme, site={"html_parser": parser})
        livery.theme_is_live()
        for name, coding, mark, said, kind, words in ENCODINGS:
            target = origin.add(mark + (PAGE % (said, words)).encode(coding),
                                kind)
            whole = livery.get(target).must(200, themed=True)
            s.check("<p>%s</p>" % words in whole.text,
                    "%s, %s: %s" % (parser, name, whole.text[-400:]))
            slow = livery.get(target + "?slow").must(200, themed=True)
            s.equal(slow.text, whole.text, "%s, %s" % (parser, name))
        for name, first, kind in (
                ("DOCTYPE", DOCTYPE, HTML),
                ("declaration", '<?xml version="1.0"?>\n', HTML),
                ("media type", "", "application/xhtml+xml")):
            target = origin.add((XHTML % first).encode(), kind)
            for way in ("", "?slow"):
                livery.get(target + way).must(
                    200, themed=True, has='<div class="a"></div>\n<p>')
        livery.term()
