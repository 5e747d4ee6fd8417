"""What caches before us do wrong when a page has gone stale, shape by shape of
its Cache-Control and trouble by trouble of its upstream: a timeout is paid once
and not by each request, an error never takes the place of what was good, and
headers that forbid stale answers are obeyed, unless the site says otherwise."""
from lib import Scenario

PLONE = "max-age=0, s-maxage=1, must-revalidate"
SHAPES = {  # the Cache-Control, and who may be served stale by it
    "plain": ("max-age=1", True),
    "shared": ("s-maxage=1", False),
    "plone": (PLONE, False),
}
# What it does when asked again, at once or after a while.
TROUBLES = {"hang": "mode=hang", "fail": "mode=fail", "reset": "mode=reset",
            "kept": "status=503&max-age=600",
            "lost": "status=500&cc=public"}
SOON = 0.1


def page(shape):
    return "/%s?cc=%s&etag=a" % (shape, SHAPES[shape][0].replace(
        " ", "%20").replace("=", "%3D").replace(",", "%2C"))


with Scenario() as s:
    for override in (False, True):
        for trouble, query in TROUBLES.items():
            origin = s.origin()
            livery = s.livery(
                origin, cache={"file": s.path("cache", "%s%d.db" % (
                    trouble, override))},
                upstream_options={"first_byte_timeout": "400ms",
                                  "back_off_min": "30s", "failures_max": 1},
                site={"stale_wait": "200ms", "stale_override": override})
            for shape in SHAPES:
                livery.get(page(shape)).must(200)
                livery.stored("/" + shape)
            s.clock.forward(3)
            origin.set("*", query)
            origin.zero()
            for shape, (_, may) in SHAPES.items():
                what = "%s, %s, stale_override %s" % (trouble, shape,
                                                      override)
                first = livery.get(page(shape))
                again = [livery.get(page(shape)) for _ in range(4)]
                for answer in [first] + again:
                    if may or override:
                        s.check(answer.status == 200 and
                                "Page /" + shape in answer.text, "%s: %s" % (
                                    what, answer.head))
                    else:
                        s.check(answer.status in (500, 502, 503, 504),
                                "%s: %s" % (what, answer.head))
                # The price was paid by the first, or by nobody.
                slow = [a.seconds for a in again if a.seconds > SOON]
                if trouble == "hang" and (may or override):
                    s.check(not slow, "%s: paid again: %s" % (what, slow))
                # What was good is what is stored.
                s.equal(livery.value("SELECT status FROM entries WHERE "
                                     "instr(url, ?)", "/" + shape), 200, what)
            # The copy outlives it, whatever was said meanwhile.
            origin.set("*")
            s.clock.forward(100)
            for shape in SHAPES:
                s.until(lambda: livery.get(page(shape)).status == 200,
                        shape + " to be good again")
            livery.kill()
