"""A site's own token and addresses purge that site and no other, whatever words
the request has; who may purge everything still may; a site says what a purge
does that does not say."""
from lib import Scenario

ALL = "a-token-for-all-the-sites"
OURS = "a-token-for-the-second-only"
TWO = """
upstream second { url = "%s" }
site second {
	hosts = { "second.example", "*.second.example" }
	upstream = second
	purge = soft
	purge_token = "%s"
	purge_allowed = { "192.0.2.0/24", "127.0.0.1" }
}
"""
FAR = {"X-Forwarded-For": "198.51.100.7"}
NEAR = {"X-Forwarded-For": "192.0.2.7"}

with Scenario() as s:
    origin = s.origin()
    first, second = "www.example.org", "second.example"
    livery = s.livery(origin, more=TWO % (origin.url, OURS), top={
        "purge_token": ALL}, site={"hosts": [first]})
    page = "/p?max-age=600&header=xkey:%20k"

    def fill(target=page):
        for host in (first, second):
            livery.get(target, host=host).must(200)
            livery.get(target, host=host).must(200, cache="hit")

    def is_as(one, two, target=page):
        livery.get(target, host=first).must(200, cache=one)
        livery.get(target, host=second).must(200, cache=two)

    def purge(target, status=200, method="PURGE", host=second, has=None,
              **fields):
        fields = {name.replace("_", "-"): value
                  for name, value in fields.items()}
        return livery.get(target, method, host=host, fields={
            **FAR, **fields}).must(status, has=has)

    mine = {"X_Purge_Token": OURS}
    hard = {**mine, "X_Purge_Soft": "0"}
    # ---- each kind of words, in which the other site is not meant
    for target, method, fields in (
            (page, "PURGE", {}), (page, "PURGE", {"X_Purge_Method": "exact"}),
            ("/", "PURGE", {"xkey": "k"}), ("/@@purgebyid/k", "PURGE", {}),
            ("/", "PURGEKEYS", {"xkey_purge": "j k"}),
            ("/p", "PURGE", {"X_Purge_Method": "regex"}),
            ("/.*", "PURGE", {"X_Purge_Method": "regex"}),
            ("/p", "BAN", {}), ("/", "BAN", {"X_Url": "^/p"}),
            ("/", "BAN", {"X_Url": ".*"}), ("/", "BAN", {
                "X_Cache_Tags": "k"})):
        fill()
        purge(target, 200, method, has="Purged 1 objects", **hard, **fields)
        is_as("hit", "miss")
    # the same by its addresses, of requests for it
    for fields in ({"xkey": "k"}, {}):
        fill()
        got = livery.get(page, "PURGE", host="a.second.example", fields={
            **NEAR, "X-Purge-Soft": "0", **fields}).must(200)
        s.check("Purged 1 objects" in got.text, got.text)
        is_as("hit", "miss")
    fill()
    # ---- what is the other site's is nobody's here
    base = "/VirtualHostBase/http/%s:80/Plone/VirtualHostRoot"
    purge(base % first + page, 403, **mine)
    purge("/p", 403, host=first, X_Purge_Method="regex", **mine)
    purge(page, 403, host=second)
    livery.get(page, "PURGE", host=first, fields=NEAR).must(403)
    livery.get(page, "PURGE", host=second, fields={
        **FAR, "X-Purge-Token": OURS + "x"}).must(403)
    # what came through a proxy is not this machine's own user
    livery.get(page, "PURGE", host=second, fields={
        "X-Forwarded-For": "127.0.0.1"}).must(403)
    purge("/", 404, X_Purge_Dry_Run="1", xkey="nothing", **mine)
    purge("/", X_Purge_Dry_Run="1", xkey="k", has="expire 1", **mine)
    is_as("hit", "hit")
    # nor may it do anything else
    s.check("X-Livery-Debug" not in livery.get(
        page + "&livery.debug=1", host=second, fields=NEAR).text, "debug")
    # ---- what a purge does that does not say: the site's word, or that of all
    purge(base % second + page, has="Purged 0 objects, expired 1", **mine)
    is_as("hit", "stale")
    fill()
    got = livery.get(page, "PURGE", host=second).must(200)
    s.check("expired" in got.text and "Purged 0" in got.text, got.text)
    # ---- who may purge everything purges both
    for fields in ({"X_Purge_Token": ALL}, {"Authorization": "Bearer " + ALL}):
        fill()
        purge("/", host=first, xkey="k", has="expired 0 objects", **fields)
        is_as("miss", "miss")
    for token in (ALL, OURS):
        s.check(token not in livery.errors() and token not in livery.said(),
                "a token is in the log")
    # ---- what is no network is told
    conf = s.conf(origin, site={"purge_allowed": ["nowhere"]})
    got, out, err = s.run("check", "-c", conf)
    s.check(got != 0 and "nowhere" in out + err, (got, out, err))
