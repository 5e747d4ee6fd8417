"""The heads and cookies that WordPress, MediaWiki, DokuWiki and Django send:
what all may see is kept and outlives the CMS, what is one visitor's is not."""
from urllib.parse import quote
from lib import Scenario

LOGGED_IN = "wordpress_logged_in_4a50a998=admin%7C1795440505%7CFWHs"
LEFT_BEHIND = ("wordpress_test_cookie=WP%20Cookie%20check; wp-settings-1="
               "mfold%3Do; wp-settings-time-1=1795267705")

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, site={
        "default_ttl": "5m", "stale_override": True, "stale_max": "14d"})
    livery.theme_is_live()

    def ask(target, cookie=None, method="GET", body=None):
        fields = {"Cookie": cookie} if cookie else {}
        return livery.get(target, method, fields=fields, body=body)

    # WordPress: nothing about freshness; what a log-in page and an editor
    # left behind for months makes nobody special, a log-in does.
    stored = ask("/2026/01/entry/").must(200, cache="stored", themed=True)
    ask("/2026/01/entry/", LEFT_BEHIND).must(200, cache="hit", themed=True)
    own = ask("/2026/01/entry/", LEFT_BEHIND + "; " + LOGGED_IN).must(
        200, cache="fwd=bypass", themed=True)
    s.equal(own.theme, stored.theme, "X-Livery-Theme")
    s.equal(own.get("Via"), stored.get("Via"), "Via")
    s.check(LEFT_BEHIND in origin.last("/2026/01/entry/"), "all cookies")
    ask("/wp-login.php", "wordpress_test_cookie=1", "POST", b"log=x")
    s.check("wordpress_test_cookie=1" in origin.last("/wp-login.php"),
            "the cookie that the log-in asks for")
    login = "/wp-login.php?cookie=" + quote("wordpress_test_cookie=1; path=/")
    for _ in range(2):
        ask(login + "&cc=" + quote("no-cache, must-revalidate, max-age=0")
            ).must(200, cache="uri-miss; fwd-status=200", themed=True)
    # MediaWiki: for shared caches alone, by a cookie that nobody sent.
    wiki = ("/wiki/Main_Page?cc=" + quote(
        "s-maxage=18000, must-revalidate, max-age=0") +
            "&vary=" + quote("Accept-Encoding, Cookie"))
    ask(wiki).must(200, cache="stored", themed=True)
    ask(wiki, "_ga=1").must(200, cache="hit; ttl=", themed=True)
    ask(wiki, "wiki_session=6i5orqn3; wikiUserID=1").must(
        200, cache="fwd=bypass")
    # DokuWiki: a session for everybody, and nothing may be kept.
    doku = ("/doku/start?cc=" + quote("no-store, no-cache, must-revalidate") +
            "&vary=Cookie&cookie=" + quote("DokuWiki=6bdfjn; path=/; HttpOnly"))
    for _ in range(2):
        answer = ask(doku).must(200, cache="uri-miss; fwd-status=200",
                                themed=True)
        s.equal(len(answer.all("Set-Cookie")), 1)
        s.equal((answer.theme, answer.get("Via")),
                (stored.theme, stored.get("Via")), "what all answers say")
    # Django: a language for each who asks, and the session.
    django = "/about/?vary=" + quote("Accept-Language, Cookie")
    ask(django).must(200, cache="stored")
    ask(django).must(200, cache="hit")
    livery.get(django, fields={"Accept-Language": "de"}).must(
        200, cache="stored")
    ask(django, "sessionid=1").must(200, cache="fwd=bypass")
    # The database is gone: WordPress answers 500, and soon nobody at all.
    livery.stored("/about/?")
    s.clock.forward(24 * 3600)
    origin.set("*", "status=500&body=Error")
    for target in ("/2026/01/entry/", wiki, django):
        ask(target).must(200, themed=True, has="Page /", lacks="Error")
    origin.kill()
    theme.kill()
    livery.term()
    livery = livery.again()
    for target in ("/2026/01/entry/", wiki, django):
        ask(target).must(200, themed=True, has="Page /")
