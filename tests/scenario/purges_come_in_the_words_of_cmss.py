"""PURGE, BAN and PURGEKEYS as Plone, plugins for WordPress, FOSHttpCache and
xkey's clients send them; a dry run only counts; strangers need the token, and
what they send never reaches an upstream."""
from lib import Scenario

TOKEN = "a-token-of-enough-bytes"

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, top={"purge_token": TOKEN})
    livery.theme_is_live()

    def page(path, *fields, host="www.example.org"):
        more = "".join("&header=%s" % f for f in fields)
        return path + "?max-age=600" + more

    def fill(*targets, **more):
        for target in targets:
            livery.get(target, **more).must(200)
            livery.get(target, **more).must(200, cache="hit")

    def purge(target, status=200, method="PURGE", fields=None, has=None,
              **more):
        return livery.get(target, method, fields=fields or {}, **more).must(
            status, has=has)

    def gone(*targets, **more):
        for target in targets:
            livery.get(target, **more).must(200, cache="miss")

    def kept(*targets, **more):
        for target in targets:
            livery.get(target, **more).must(200, cache="hit")

    # ---- Plone: paths as the site has them, and as Zope's proxies write them
    one = "/news/one"
    origin.set(one, "max-age=600")
    fill(one)
    got = purge(one + "/", has="Purged 1 objects, expired 0 objects")
    s.equal(got.get("X-Cache"), "PURGED")
    gone(one)
    s.equal(purge("/never", 404).get("X-Cache"), "MISS")
    base = "/VirtualHostBase/http/www.example.org:80/Plone/VirtualHostRoot"
    purge(base + one, host="127.0.0.1")
    gone(one)
    fill(one, host="other.example.org")
    purge(base + one)
    kept(one, host="other.example.org")
    gone(one)
    purge(base + "/_vh_news/one")
    gone(one)
    purge(base + "/_vh_news/_vh_one")
    gone(one)
    origin.set("/", "max-age=600")
    fill("/")
    purge(base)
    gone("/")
    purge(base + "/")
    gone("/")
    uid = "8a1e5c"
    tagged = page("/tagged", "X-Ids-Involved:%%20%%23%s%%23ffff%%23" % uid)
    fill(tagged, one)
    purge("/@@purgebyid/" + uid)
    gone(tagged)
    kept(one)
    purge("/@@purgebyid/ffff")
    purge("/@@purgebyid/ffff", 404)

    # ---- WordPress: path and pattern; a flush of all
    regex = {"X-Purge-Method": "regex"}
    blog = ["/blog/a", "/blog/b/c", "/blog"]
    for path in blog:
        origin.set(path, "max-age=600")
    fill(*blog)
    purge("/blog/.*", fields=regex, has="Purged 2 objects")
    gone(*blog[:2])
    kept(blog[2])
    purge("/blog/[ab]$", fields=regex, has="Purged 1 objects")
    purge(blog[2], fields={"X-Purge-Method": "default"})
    gone(blog[2])
    purge(blog[2], 400, fields={"X-Purge-Method": "what"})
    fill(*blog)
    purge("/.*", fields=regex)
    gone(*blog)
    livery.get(one).must(200, cache="miss", themed=True)

    # ---- FOSHttpCache: BAN by fields, all of which must hold
    fill(*blog)
    style = page("/blog/style.css")
    fill(style)
    ban = {"X-Host": "^www.example.org$", "X-Url": "^/blog/",
           "X-Content-Type": "text/css"}
    purge("/", method="BAN", fields=ban, has="Purged 1 objects")
    gone(style)
    kept(*blog)
    purge("/", 404, "BAN", {**ban, "X-Host": "^elsewhere$"})
    news = page("/t1", "X-Cache-Tags:%20news,sports")
    other = page("/t2", "X-Cache-Tags:%20newsletter")
    fill(news, other)
    purge("/", method="BAN", fields={
        "X-Host": ".*", "X-Url": ".*", "X-Content-Type": ".*",
        "X-Cache-Tags": "(^|,)(news|x)(,|$)"}, has="Purged 1 objects")
    gone(news)
    kept(other, *blog)
    purge("/", 400, "BAN", {"X-Url": "(("})
    purge("/blog/a", method="BAN", has="Purged 1 objects")
    gone(blog[0])

    # ---- keys: PURGEKEYS, and PURGE with the field of the answers
    k1, k2 = page("/k1", "xkey:%20k1%20all"), page("/k2", "xkey:%20k2%20all")
    fill(k1, k2, other)
    purge("/", 400, "PURGEKEYS")
    purge("/", 400, "PURGEKEYS", {"xkey-purge": " , "})
    purge("/", 404, "PURGEKEYS", {"xkey-purge": "nothing"})
    purge("/", method="PURGEKEYS", fields={"xkey-purge": "nothing, k1 k2"},
          has="Purged 2 objects, expired 0 objects")
    gone(k1, k2)
    kept(other)
    purge("/", fields={"Surrogate-Key": "k1"}, has="Purged 1 objects")
    gone(k1)
    kept(k2)
    purge("/", fields={"xkey": "all"}, has="Purged 2 objects")
    gone(k1, k2)

    # ---- a dry run counts, and nothing else
    fill(k1, k2)
    got = purge("/", fields={"xkey": "all", "X-Purge-Dry-Run": "1"},
                has="Would purge 2 objects")
    purge(".*" and "/k[12]", method="BAN", fields={"X-Purge-Dry-Run": "1"},
          has="Would purge 2 objects")
    kept(k1, k2)
    livery.stored("/k2")
    for words, status in ((("--tag", "all"), 0), (("--regex", "^/k[12]"), 0),
                          (("--tag", "none"), 1)):
        got, out, err = s.run("cache", "purge", "--cache", livery.cache,
                              "--dry-run", *words)
        s.equal(got, status, "dry run of %s\n%s%s" % (words, out, err))
        s.check(("would be purged\t%d" % (0 if status else 2)) in out, out)
    got = livery.ask_admin("/purge?tag=all&dry=1", "POST", body=b"")
    s.check('"purged": 2' in got.must(200).text, got.text)
    livery.ask_admin("/purge?regex=((", "POST", body=b"").must(400)
    kept(k1, k2)
    got = livery.ask_admin("/purge?regex=^/k1", "POST", body=b"")
    s.check('"purged": 1' in got.must(200).text, got.text)
    gone(k1)
    kept(k2)

    # ---- who may
    far = {"X-Forwarded-For": "192.0.2.7"}
    before = origin.count()
    for method in ("PURGE", "BAN", "PURGEKEYS"):
        for more in ({}, {"Authorization": "Bearer wrong"},
                     {"X-Purge-Token": TOKEN + "x"}, {"X-Purge-Token": ""},
                     {"Authorization": "Basic " + TOKEN}):
            purge("/k2", 403, method, {**far, "xkey-purge": "all", **more})
    s.equal(origin.count(), before)
    kept(k2)
    for more in ({"Authorization": "Bearer " + TOKEN},
                 {"X-Purge-Token": TOKEN}):
        purge("/", fields={**far, "xkey": "k2", **more})
        gone(k2)
    s.check(TOKEN not in livery.errors() and
            TOKEN not in livery.said(), "the token is in the log")
