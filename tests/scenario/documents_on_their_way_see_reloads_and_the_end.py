"""Pages wait for documents while clients leave, the configuration is read again
and again, and TERM comes: nobody who stays is dropped, and the end is clean."""
import threading
import time
from urllib.parse import quote
from lib import Scenario

RULES = """<rules xmlns="http://namespaces.plone.org/diazo"
    xmlns:css="http://namespaces.plone.org/diazo/css">
  <replace css:theme-children="main" css:content-children="main"/>
  <before css:theme-children="main" css:content="#nav" href="/nav"/>
  <before css:theme-children="main" css:content="#way" href="/way"/>
  <after css:theme-children="main" css:content="#news" href="%s/news"/>
</rules>"""


def body(mark, text, more):
    return more + "&type=text/html&body=" + quote(
        "<html><body><div id='%s'>%s</div></body></html>" % (mark, text))


def leave(livery, until):
    while time.monotonic() < until:
        hasty = livery.connect()
        hasty.ask("/hasty%d" % (time.monotonic_ns() % 100000))
        time.sleep(0.02)
        hasty.close()


with Scenario() as s:
    origin, other, theme = s.origin(), s.origin(), s.origin()
    # One for each page, one that changes, one redirected to.
    origin.set("/nav", body("nav", "the nav", "cc=no-store&delay=40"))
    origin.set("/way", "status=302&cc=no-store&location=/way2")
    origin.set("/way2", body("way", "the <!--#include virtual='/in' -->",
                             "max-age=1&delay=20"))
    origin.set("/in", body("in", "include", "max-age=1&delay=10"))
    other.set("/news", body("news", "the news", "max-age=1&delay=60"))
    blocks = {
        "theme_options": {"rules": s.write("rules.xml", RULES % other.url)},
        "site": {"includes": "ssi", "fragment_min_refresh": "100ms",
                 "fragment_wait": "%dms" % s.within(2000),
                 "fragment_hosts": [other.url[7:]]}}
    livery = s.livery(origin, theme, **blocks)
    livery.theme_is_live()
    seconds = 4 * s.within(1)
    crowd = s.crowd(livery, "/p%d?max-age=60", "-r", 60, "-t", seconds,
                    wait=False)
    hasty = threading.Thread(
        target=leave, args=(livery, time.monotonic() + seconds / 2))
    hasty.start()
    for turn in range(8):
        blocks["site"]["params"] = ["turn=constant:%d" % turn]
        blocks["site"]["fragment_timeout"] = "%ds" % (5 + turn % 2)
        s.conf(origin, theme, **blocks)
        s.check(livery.reload(), livery.errors())
        livery.get("/mine%d" % turn).must(
            200, themed=True, has=["the nav", "the news", "include"])
    hasty.join()
    figures = crowd()
    s.equal(figures["failed"], 0, figures)
    s.equal(list(figures["status"]), ["200"], figures)
    # The end, with all of them on their way; some of those who wait leave.
    origin.set("/nav", body("nav", "late", "cc=no-store&delay=700"))
    asked = origin.count("/nav")
    waiting = [livery.connect() for n in range(40)]
    for n, connection in enumerate(waiting):
        connection.ask("/last%d" % n)
    s.until(lambda: origin.count("/nav") >= asked + 20, "them to be asked")
    for connection in waiting[::4]:
        connection.close()
    livery.term(within=s.within(15))
    for n, connection in enumerate(waiting):
        if n % 4:
            connection.read().must(200, themed=True, has="late")
    # And with what never comes.
    origin.set("/nav", "mode=hang")
    livery = livery.again()
    livery.theme_is_live()
    s.crowd(livery, "/never%d", "-n", 50, "-w", 1, wait=False)
    time.sleep(0.3)
    livery.term(within=s.within(15))
