"""What a page includes is asked for when the page is dressed: it is put in when
it is there, and the page is not dressed once more for that. By what dressing
took, as it is counted."""
from urllib.parse import quote
from lib import Scenario

QUIET = True

TRIES = 5

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, site={"includes": "esi",
                                           "fragment_wait": "10s"})
    livery.theme_is_live()
    many = "size=2000000&max-age=600&type=text/html&text="

    def dressed(path, text):
        origin.set(path, many + quote(text))
        before = livery.metrics()
        answer = livery.get(path).must(200, cache="fwd=uri-miss", themed=True)
        after = livery.metrics()
        s.equal(after["dressed_total"] - before["dressed_total"], 1)
        return answer, (after["dress_seconds_total"] -
                        before["dress_seconds_total"])

    origin.set("/part", "max-age=600&type=text/html&body=[part]")
    dressed("/first", "nothing")
    took = []
    for n in range(TRIES):
        _, alone = dressed("/alone%d" % n, "nothing in it")
        answer, waits = dressed("/with%d" % n,
                                '<esi:include src="/part?%d"/>' % n)
        s.check("[part]" in answer.text, "the part is in it")
        took.append((alone, waits))
    alone, waits = (min(each) for each in zip(*took))
    s.bound("times what dressing takes", waits / alone, 1.6)
