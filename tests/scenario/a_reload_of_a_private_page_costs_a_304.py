"""A dressed page has an ETag that leads back to the upstream's. So who reloads a
page that nobody shares is told by the upstream's own 304 that it still holds,
and nothing is dressed; a new version of the theme, or of the page, is sent."""
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, theme_options={
        "min_refresh": "100ms", "ttl": "100ms"})
    livery.theme_is_live()
    for cookie, target, strong in (
            ("session=1", "/mine?etag=one&cc=private", True),
            ("", "/weak?header=ETag:W/%22one%22&cc=private,max-age=0", False)):
        path = target.partition("?")[0]
        own = {"Cookie": cookie} if cookie else {}
        first = livery.get(target, fields=own).must(200, themed=True)
        tag = first.get("ETag")
        s.check(tag.startswith('W/"one-' if strong else 'W/"one~'), tag)
        s.equal(first.get("Last-Modified"), None)
        dressed = livery.metrics()["dressed_total"]
        if not strong:
            origin.set(path, "status=304&header=ETag:W/%22one%22")
        with livery.connect() as client:
            for _ in range(2):  # and the connection stays
                again = client.get(target, fields=dict(own, **{
                    "If-None-Match": '"other", %s' % tag})).must(304)
                s.equal(again.get("ETag"), tag)
                s.equal(again.body, b"")
                s.equal(again.get("Content-Length"),
                        first.get("Content-Length"))
                s.equal(again.get("Connection"), None)
        sent = origin.last(path)
        s.check('If-None-Match: "other", %s"one"\r\n' %
                ("" if strong else "W/") in sent, sent)
        s.equal(livery.metrics()["dressed_total"], dressed)
        # In another coding it would have another length, which nobody knows.
        again = livery.get(target, fields=dict(own, **{
            "Accept-Encoding": "gzip", "If-None-Match": tag})).must(304)
        s.equal(again.get("Content-Length"), None)
        origin.set(path)

    # ---- the upstream's page is another
    own = {"Cookie": "session=1"}
    first = livery.get("/c?etag=one", fields=own).must(200)
    own["If-None-Match"] = first.get("ETag")
    origin.set("/c", "etag=two")
    livery.get("/c?etag=one", fields=own).must(200, themed=True)

    # ---- no ETag from the upstream: a sum of what was made; the bytes are
    # the same for all answers to this path
    own = {"Cookie": "session=1"}
    page = "/none?body=%3Cbody%3E%3Cmain%20id=main%3E%3Ch1%3Ex%3C/h1%3E%3C/main%3E"
    first = livery.get(page, fields=own).must(200, themed=True)
    s.check(first.get("ETag").startswith('W/"'), first.fields)
    own["If-None-Match"] = first.get("ETag")
    livery.get(page, fields=own).must(304)
    origin.set("/none", "body=%3Cbody%3E%3Cmain%20id=main%3E%3Ch1%3Ey%3C/h1%3E%3C/main%3E")
    livery.get("/none?x", fields=own).must(200)

    # ---- no page is dressed anew that a 304 has confirmed
    livery.get("/again?max-age=10&etag=k").must(200, themed=True)
    first = livery.get("/again?max-age=10&etag=k").must(200, cache="hit")
    dressed = livery.metrics()["dressed_total"]
    s.clock.forward(20)
    second = livery.get("/again?max-age=10&etag=k").must(200, themed=True)
    s.equal(origin.count("/again"), 2)
    s.equal((second.body, second.get("ETag")),
            (first.body, first.get("ETag")))
    livery.get("/again?max-age=10&etag=k").must(200, themed=True)
    s.equal(livery.metrics()["dressed_total"], dressed)
    # but for a field that is not of the moment
    s.clock.forward(20)
    origin.set("/again", "max-age=10&etag=k&header=X-Look:other")
    answer = livery.get("/again?max-age=10&etag=k").must(200, themed=True)
    s.equal(answer.get("X-Look"), "other")
    s.equal(livery.metrics()["dressed_total"], dressed + 1)

    # ---- another theme: the old tag leads nowhere, and the page is sent
    old = livery.get("/c?etag=one", fields={"Cookie": "session=1"}).must(200)
    theme.set("/theme", "size=3000")
    s.clock.forward(60)

    def is_new():
        return livery.get("/c?etag=one", fields={
            "Cookie": "session=1"}).get("ETag") != old.get("ETag")
    s.until(is_new, "the theme's new version")
    answer = livery.get("/c?etag=one", fields={
        "Cookie": "session=1", "If-None-Match": old.get("ETag")})
    answer.must(200, themed=True)
    s.check(old.get("ETag") in origin.last("/c"), "passed as it came")

    # ---- and the stored ones are dressed anew without asking anybody
    livery.get("/kept?max-age=10000&etag=k").must(200, themed=True)
    first = livery.get("/kept?max-age=10000&etag=k").must(200, cache="hit")
    theme.set("/theme", "size=5000")
    s.clock.forward(60)
    s.until(lambda: livery.get("/kept?max-age=10000&etag=k").get("ETag") !=
            first.get("ETag"), "the stored page in the new theme")
    s.equal(origin.count("/kept"), 1, "asked for the theme's sake")
