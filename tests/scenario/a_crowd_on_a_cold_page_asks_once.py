"""200 at once for a page that nobody had yet: one upstream request, and nobody
is later than that and 50 ms."""
from lib import Scenario

QUIET = True

FETCH = 300
SPARE = 50

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    latest = []
    for turn in range(5):
        figures = s.crowd(livery, "/cold%d?max-age=60&delay=%d" %
                          (turn, FETCH), "-n", 200, "-f", "X-Livery-Theme")
        s.equal(figures["status"], {"200": 200})
        s.equal(figures["with_field"], 200, "themed")
        s.equal(origin.count("/cold%d" % turn), 1, "upstream requests")
        latest.append(figures["max_ms"])
    print("latest of 200, ms:", sorted(latest))
    s.bound("the latest of all", max(latest), FETCH + SPARE)
    figures = s.crowd(livery, "/cold0?max-age=60&delay=300", "-n", 200)
    s.equal(figures["status"], {"200": 200})
    s.equal(origin.count("/cold0"), 1)
    # One with a variant for each is not given to another.
    answers = {}
    for language in ("de", "en"):
        target = "/vary?max-age=60&vary=Accept-Language"
        answers[language] = livery.get(
            target, fields={"Accept-Language": language}).must(200).text
        livery.get(target, fields={"Accept-Language": language}).must(
            200, cache="hit")
    s.check(answers["de"] != answers["en"], "one variant for both")
    # They come one after another, while it is just being stored.
    for turn in range(20):
        figures = s.crowd(livery, "/near%d?max-age=60&delay=20" % turn,
                          "-r", 2000, "-t", 0.05)
        s.equal(figures["status"], {"200": 100})
        s.equal(origin.count("/near%d" % turn), 1, "upstream requests")
