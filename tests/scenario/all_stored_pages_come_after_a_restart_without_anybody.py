"""Upstream and theme host gone, names not resolvable, livery restarted by TERM
and by kill -9: every stored page comes, themed, marked stale."""
from lib import Scenario

PAGES = ["/p%d?max-age=%d&size=%d" % (n, 60 + n, 300 * n)
         for n in range(1, 40)]

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    before = {page: livery.get(page).must(200, themed=True).body
              for page in PAGES}
    plain = livery.get("/plain.txt?max-age=60").must(200).body
    never = livery.get("/strict?max-age=60&cc=max-age=60,must-revalidate")
    livery.stored("/p39?")
    livery.stored("/plain.txt")
    livery.theme_files_are_there(6)
    fetched = livery.value("SELECT fetched_at FROM themes WHERE live")
    origin.kill()
    theme.kill()
    s.clock.forward(3600)
    for turn, end in enumerate(("TERM", "KILL", "KILL")):
        livery.kill() if end == "KILL" else livery.term()
        livery = livery.again()
        for page in PAGES:
            answer = livery.get(page).must(200, themed=True, within=2)
            s.equal(answer.body, before[page], page)
            s.check(int(answer.get("Age")) >= 3600, answer.head)
            s.check("ttl=-" in answer.cache or "detail=" in answer.cache or
                    "fwd=stale" in answer.cache, answer.cache)
        s.equal(livery.get("/plain.txt?max-age=60").must(200).body, plain)
        # What its headers forbid is not served, what was never seen neither.
        livery.get("/strict?max-age=60&cc=max-age=60,must-revalidate").must(
            (502, 504), themed=True)
        livery.get("/never").must((502, 504), themed=True)
        s.equal(livery.value("SELECT fetched_at FROM themes WHERE live"),
                fetched)
        s.clock.forward(60)
    s.equal(livery.value("PRAGMA integrity_check"), "ok")
    livery.term()
    # stale_override takes what the headers forbid.
    livery = s.livery(origin, theme, site={"stale_override": True})
    answer = livery.get("/strict?max-age=60&cc=max-age=60,must-revalidate")
    answer.must(200, themed=True)
    s.equal(answer.body, never.body)
