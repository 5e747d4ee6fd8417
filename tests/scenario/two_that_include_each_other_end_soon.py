"""Two liveries whose pages include each other come to an end at once: each sees
in Via how often a request has passed it (RFC 9110 7.6.3), and the include that
goes too far is refused. Nobody's forged Via costs anybody else anything."""
from urllib.parse import quote
from lib import Connection, Scenario


def page(words, include):
    return "max-age=60&body=" + quote(
        "<html><head><title>t</title></head><body><main>%s"
        '<!--#include virtual="%s?;filter_xpath=//main/node()" -->'
        "</main></body></html>" % (words, include))


def seen(count):
    return {"Via": ", ".join(["1.1 livery"] * count)}


with Scenario() as s:
    one, two, theme = s.origin(), s.origin(), s.origin()
    # An answer that waits for this is one that went round and round.
    site = {"includes": "both", "fragment_wait": "8s",
            "fragment_timeout": "8s"}
    a = s.livery(one, theme, site=site)
    b = s.livery(two, theme, file="b.conf", site=dict(
        site, fragment_hosts=["127.0.0.1:%d" % a.port]),
        cache={"file": s.path("cache", "b.db")})
    s.conf(one, theme, site=dict(
        site, fragment_hosts=["127.0.0.1:%d" % b.port]))
    s.check(a.reload(), "a knows b")
    a.theme_is_live()
    b.theme_is_live()
    one.set("/a", page("<i>ay</i>", "http://127.0.0.1:%d/b" % b.port))
    two.set("/b", page("<b>bee</b>", "http://127.0.0.1:%d/a" % a.port))
    one.set("/one", page("<u>once</u>", "http://127.0.0.1:%d/end" % b.port))
    two.set("/end", "max-age=60&body=" + quote(
        "<html><head><title>t</title></head><body><main><b>end</b></main>"
        "</body></html>"))

    # What includes itself by way of another comes without delay, a few rounds
    # deep, and the operator is told on both sides.
    said = a.get("/a").must(200, themed=True, has="<i>ay</i><b>bee</b>",
                            within=4)
    s.check(said.text.count("<i>ay</i>") <= 5, "only a few rounds")
    s.until(lambda: any(
        "Via" in " ".join(str(v) for v in dict(row).values())
        for side in (a, b) for row in side.rows("SELECT * FROM problems")),
        "a problem that names the loop")
    s.check(one.count("/a") <= 5 and two.count("/b") <= 5,
            "few questions: %d, %d" % (one.count("/a"), two.count("/b")))

    # A request that has been here too often is refused, whatever it is for.
    a.get("/plain", fields=seen(5)).must(508, lacks="main page")
    s.equal(one.count("/plain"), 0, "the upstream is not asked")
    a.get("/plain", fields=seen(4)).must(200)
    a.get("/other", fields={"Via": "1.1 other, 1.0 livery-2 (livery), "
                            "1.1 x.example.org:80"}).must(200)
    # From memory it is no round more.
    a.get("/p?max-age=60").must(200)
    a.get("/p?max-age=60", fields=seen(9)).must(200, cache="hit")

    # Who forges Via gets a page without its part, and nobody else does.
    forged = a.get("/one", fields=seen(4)).must(200, has="once", lacks="end<")
    s.check("private" in forged.get("Cache-Control", ""), "it is not kept")
    a.get("/one").must(200, has="<u>once</u><b>end</b>")
    a.get("/one").must(200, has="<u>once</u><b>end</b>", cache="hit")
