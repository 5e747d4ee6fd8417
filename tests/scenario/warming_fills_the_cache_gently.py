"""livery cache warm: every page of a sitemap is asked for through the running
livery, no faster than told, and is stored and dressed after it; what is not
ours, or not to be kept, is named and left alone."""
import gzip
import os
import pty
import time
from lib import Scenario

HOST = "http://www.example.org"


def urlset(*paths):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://'
            'www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>' % "".join(
                "<url><loc>%s</loc></url>" % path.replace("&", "&amp;")
                for path in paths))


def index(*paths):
    return "<sitemapindex>%s</sitemapindex>" % "".join(
        "<sitemap><loc>%s</loc></sitemap>" % path for path in paths)


with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, site={"hosts": ["www.example.org",
                                                     "*.example.net"]})
    livery.theme_is_live()
    through = "%s:%d" % livery.at if isinstance(livery.at, tuple) else \
        "unix:" + livery.at
    conf = s.path("livery.conf")

    def warm(*words, status=0):
        got, out, err = s.run("cache", "warm", "-c", conf, "--through",
                              through, "--rate", "1000", *words)
        s.check(got == status, "warm %s ended with %d\n%s%s" %
                (" ".join(words), got, out, err))
        return out, err

    # A list: once each, dressed, of our hosts only.
    pages = [HOST + "/p%d?max-age=600" % n for n in range(20)]
    lines = s.write("list.txt", "\n".join(
        ["# pages", ""] + pages + ["  " + pages[0] + "#part  ",
         "http://other.example/x", "/no-base", "ftp://x/", "no address",
         HOST + "/basket?cookie=1&max-age=600", HOST + "/none?cc=no-store",
         HOST + "/file.txt?max-age=600", HOST + "/gone?status=404&max-age=9",
         "http://sub.example.net/y?max-age=600"]) + "\n")
    out, _ = warm(lines)
    s.check(out.startswith("23 stored, 0 were fresh, 2 not stored, 0 failed, "
                           "1 of other hosts, 3 no addresses\n"), out)
    for words in ("set-cookie, as " + HOST + "/basket", "no-store, as",
                  "http://other.example/x", "need --base", "/no-base",
                  "404  " + HOST + "/gone"):
        s.check(words in out, words + " is missing in\n" + out)
    for page in pages:
        s.equal(origin.count(page[len(HOST):].split("?")[0]), 1, page)
        livery.get(page[len(HOST):]).must(200, cache="hit", themed=True)
        s.equal(origin.count(page[len(HOST):].split("?")[0]), 1, page)
    # Again: nothing is fetched that is fresh.
    out, _ = warm(lines)
    s.check(out.startswith("0 stored, 23 were fresh, 2 not stored"), out)
    # Paths, for a host that is said; from standard input.
    out, _ = warm(s.write("paths.txt", "/q1?max-age=60\n/q2?max-age=60\n"),
                  "--base", "https://www.example.org/")
    s.check(out.startswith("2 stored"), out)
    livery.stored("https://www.example.org/q1")

    # Sitemaps: an index in the site itself, gzipped, one missing.
    deep = s.write("deep.xml", index(HOST + "/s.txt?max-age=1"))
    origin.set("/map.xml", "type=text/xml&body=" + urlset(
        *[HOST + "/m%d?max-age=60" % n for n in range(5)]).replace(
            "&", "%26").replace("=", "%3D").replace(" ", "%20").replace(
            "?", "%3F").replace("\n", "%0A").replace('"', "%22").replace(
            "<", "%3C").replace(">", "%3E"))
    top = s.path("top.xml.gz")
    with gzip.open(top, "wb") as out_file:
        out_file.write(index(HOST + "/map.xml", HOST + "/map.xml",
                             HOST + "/missing.xml?status=404",
                             "http://other.example/map.xml").encode())
    out, err = warm(top)
    s.check(out.startswith("5 stored, 0 were fresh, 0 not stored, 0 failed, "
                           "1 of other hosts"), out)
    s.check("missing.xml" in err and "status 404" in err, err)
    livery.get("/m4?max-age=60").must(200, cache="hit", themed=True)

    # What is no list, or bites.
    for name, text, words in (
            ("bomb.xml", '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;'
             '&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
             "document type"),
            ("html.xml", "<html><body>x</body></html>", "root is <html>"),
            ("cut.xml", "<urlset><url>", "line 1"),
            ("empty.txt", "\n", "there is no page")):
        _, err = warm(s.write(name, text), status=1)
        s.check(words in err, err)
    bomb = s.path("bomb.gz")
    with gzip.open(bomb, "wb") as out_file:
        for _ in range(80):
            out_file.write(b"#" * (1 << 20))
    _, err = warm(bomb, status=1)
    s.check("bomb.gz" in err, err)
    _, err = warm("/nowhere", status=1)
    _, err = warm("--rate", "0", lines, status=2)
    _, err = warm("--parallel", "65", lines, status=2)
    _, err = warm(status=2)

    # The rate holds, and no more at a time than told.
    slow = s.write("slow.txt", "\n".join(
        HOST + "/slow%d?max-age=60&delay=50" % n for n in range(10)) + "\n")
    origin.zero()
    began = time.monotonic()
    warm("--rate", "10/s", "--parallel", "3", slow)
    s.check(time.monotonic() - began >= 0.9, "10 in less than a second")
    s.check(origin.most() <= 3, "%d at a time" % origin.most())

    # A failing site is left in peace after twenty.
    bad = s.write("bad.txt", "\n".join(
        HOST + "/bad%d?status=503" % n for n in range(100)) + "\n")
    out, _ = warm("--parallel", "1", bad, status=1)
    s.check("20 failed" in out and "80 were not asked for" in out, out)
    s.check("status 503, as " + HOST + "/bad0" in out, out)

    # Nobody there.
    got, out, err = s.run("cache", "warm", "--through", "127.0.0.1:1", lines)
    s.equal(got, 1)
    s.check("nobody answers on 127.0.0.1:1" in out, out)

    # On a terminal there is a bar.
    main, side = pty.openpty()
    if os.fork() == 0:
        os.dup2(side, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execve(os.environ["LIVERY"], ["livery", "cache", "warm", "-c",
                  conf, "--through", through, "--rate", "20", slow],
                  s.environment())
    os.close(side)
    shown = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.wait()
    s.check(b"\r\x1b[K[###" in shown and b"] 10 of 10" in shown, shown)
