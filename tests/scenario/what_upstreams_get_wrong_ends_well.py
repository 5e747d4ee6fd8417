"""Each thing that no upstream should do ends as it should: a whole answer or
an error, never a part for a whole, never stored, and the next one is served."""
from lib import Broken, Scenario

# What the client sees: a status, or BROKEN (the connection ends within the
# answer, so that nobody takes a part for the whole), or either.
BROKEN = "broken"
ENDS = {
    "cl-short": BROKEN, "chunk-cut": BROKEN, "chunk-cut-last": BROKEN,
    "chunk-garbage": BROKEN, "reset-body": BROKEN, "reset-no-length": BROKEN,
    "head-cut": 502, "head-cut-line": 502, "no-length": 200,
    "empty-reply": 502, "http09": 502, "cl-te": 502, "cl-cl": 502,
    "cl-list": 502, "cl-plus": 502, "cl-negative": 502, "cl-words": 502,
    "cl-huge": 502, "nul-header": 502, "no-colon": 502, "te-unknown": 502,
    "te-gzip": 502, "te-twice": 502, "te-http10": 502, "long-header": 502,
    "many-headers": 502, "endless-headers": 502, "obs-fold": (200, 502),
    "space-colon": (200, 502), "bare-cr": 502, "control": 502,
    "status-junk": 502, "status-999": 502, "trailers": 200, "204-body": 204,
    "304-body": (304, 502), "more-body": 200, "100x2000": 502, "103": 200,
    "101": 502, "gzip-cut": BROKEN, "gzip-junk": BROKEN,
    "gzip-garbage": BROKEN, "gzip-empty": (200, 502, BROKEN),
    "coding-unknown": 200, "codings-6": (502, 200),
    "bomb-gzip": (502, BROKEN), "hang": 504, "hang-head": 504,
    "hang-body": (504, BROKEN), "reset": 502, "reset-head": 502,
    "slow-body": (504, BROKEN), "slow-head": 504,
}

def ending(livery, name, fields):
    try:
        answer = livery.get("/bad/" + name, fields=fields)
    except Broken as broken:
        return BROKEN, broken
    return answer.status, answer


def play(s, livery, names, dressed):
    wrong = []
    for name in sorted(names):
        # What streams is left alone while it moves, a byte a second as well.
        if name == "slow-body" and not dressed:
            continue
        wanted = ENDS[name]
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        # A page that is dressed is gathered first, so that nothing has been
        # sent when it breaks.
        if dressed:
            wanted = tuple({BROKEN: 502}.get(w, w) for w in wanted)
        status, how = ending(livery, name, {})
        if status not in wanted:
            wrong.append("%s: wanted %s, got %s\n%s" % (
                name, wanted, status,
                getattr(how, "head", b"").decode("latin-1")))
        if name in ("trailers", "103") and how.all("Set-Cookie"):
            wrong.append("%s: its Set-Cookie came through" % name)
    s.check(not wrong, "\n".join(wrong))


with Scenario() as s:
    origin = s.origin()
    known = [line.strip()[5:] for line in origin.control("/_help").split("\n")
             if line.strip().startswith("/bad/")]
    s.equal(sorted(set(known) - set(ENDS)), [], "anomalies without an end")
    origin.control("/bad/bomb-gzip")  # it takes a while to make
    limits = {"first_byte_timeout": "%dms" % s.within(400),
              "total_timeout": "%dms" % s.within(900),
              "failures_max": 1000, "back_off_min": "1ms",
              "back_off_max": "1ms"}
    plain = s.livery(origin, upstream_options=limits)
    play(s, plain, ENDS, dressed=False)
    plain.get("/p").must(200)
    s.equal(plain.value("SELECT count(*) FROM entries "
                        "WHERE url LIKE '%/bad/%'"), 0, "stored")
    # Where only the end of the connection ends it, a part looks as whole as
    # the whole: shown, not kept, and that is said.
    for target in ("/ends.txt?close=1&max-age=60", "/ends?close=1&max-age=60"):
        for _ in range(2):
            plain.get(target).must(200, cache="fwd=uri-miss")
    s.until(lambda: "no length" in s.run(
        "cache", "why", "http://www.example.org/ends?close=1&max-age=60",
        "--cache", plain.cache)[1], "why it is not kept")
    plain.term()
    # The same where pages are dressed.
    dressed = s.livery(origin, origin, upstream_options=limits,
                       cache={"file": s.path("cache", "two.db")})
    dressed.theme_is_live()
    play(s, dressed, ENDS, dressed=True)
    dressed.get("/p").must(200, themed=True)
