"""Log-ins and unknown cookies bypass the cache, analytics cookies do not count
and are not sent on shared fetches, Authorization is nobody else's."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    target = "/p?max-age=600"

    def ask(**fields):
        return livery.get(target, fields={
            name.replace("_", "-"): value for name, value in fields.items()})

    ask(Cookie="_ga=1; _pk_id=2; cookieconsent_status=yes").must(
        200, cache="uri-miss")
    s.check("Cookie" not in origin.last("/p"), origin.last("/p"))
    ask(Cookie="_gid=3").must(200, cache="hit")
    ask().must(200, cache="hit")
    s.equal(origin.count("/p"), 1)
    for cookie in ("__ac=x", "PHPSESSID=1", "my_session_id=2",
                   "wordpress_logged_in_abc=3", "_ga=1; __ac=x", "other=1",
                   "SESSabc=1"):
        count = origin.count("/p")
        ask(Cookie=cookie).must(200, cache="fwd=bypass; fwd-status=200; "
                                           "detail=cookie")
        s.equal(origin.count("/p"), count + 1, cookie)
        head = origin.last("/p")
        s.check("Cookie: %s\r\n" % cookie in head, head)
    count = origin.count("/p")
    ask(Authorization="Basic eDp5").must(200, cache="fwd=bypass")
    s.equal(origin.count("/p"), count + 1)
    ask().must(200, cache="hit")
    livery.stored("/p?max-age=600")
    s.equal(livery.value("SELECT count(*) FROM entries"), 1, "entries")
    livery.term()
    # The site's own lists.
    livery = s.livery(origin, site={"ignore_cookies": ["mine*"],
                                    "login_cookies": ["mine_login"]},
                      cache={"file": s.path("cache/2.db")})
    ask(Cookie="mine_a=1").must(200, cache="uri-miss")
    ask(Cookie="mine_a=1").must(200, cache="hit")
    ask(Cookie="mine_login=1").must(200, cache="bypass")
    ask(Cookie="_ga=1").must(200, cache="bypass")
