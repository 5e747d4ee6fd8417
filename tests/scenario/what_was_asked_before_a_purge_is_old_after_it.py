"""A purge ends what is on its way: who asks after it asks anew, and does not
wait with those who asked before; what these get is kept for nobody. A purge of
something else changes nothing of that."""
import threading
from urllib.parse import quote
from lib import Scenario

SECONDS = 60


def text(words, more=""):
    return "max-age=600&type=text/html&body=" + quote(words) + more


class Asker(threading.Thread):
    """Somebody who waits."""

    def __init__(self, livery, target):
        super().__init__(daemon=True)
        self.livery, self.target, self.answer = livery, target, None
        self.start()

    def run(self):
        with self.livery.connect(timeout=30) as connection:
            self.answer = connection.get(self.target)

    def got(self):
        self.join(30)
        return self.answer


with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, site={"includes": "esi",
                                    "fragment_wait": "20s"})

    def purge(target="/", **fields):
        livery.get(target, "PURGE", fields={
            k.replace("_", "-"): v for k, v in fields.items()})

    def tell(n, shown, asked, how, what, keeps=False):
        """Is the purge `how` the end of what was asked at `asked` before?"""
        origin.set(asked, text("(old)", "&hold=1"))
        before = Asker(livery, shown)
        s.until(lambda: origin.count(asked) == 1, "%s: it hangs" % what)
        origin.set(asked, text("(new)"))
        how()
        if keeps:
            after = Asker(livery, shown)
            s.until(lambda: livery.metrics()["coalesced_total"] > n,
                    "%s: it is joined" % what)
            origin.go()
            after.got().must(200, has="(old)")
            before.got().must(200, has="(old)")
            s.equal(origin.count(asked), 1, what)
            return
        livery.get(shown).must(200, has="(new)", within=5)
        origin.go()
        before.got().must(200, has="(old)")
        # What came late put nothing aside.
        livery.get(shown).must(200, cache="hit", has="(new)")
        s.equal(origin.count(asked), 2, what)

    origin.set("/with", text('with <esi:include src="/part"/>'))
    origin.set("/tagged", text('tagged <esi:include src="/there"/>'))
    # A page, by its address; and by a tag, that nobody knows of it yet.
    tell(0, "/page", "/page", lambda: purge("/page"), "a page")
    tell(0, "/by-tag", "/by-tag", lambda: purge(xkey="any"), "by tag")
    tell(0, "/softly", "/softly",
         lambda: purge("/softly", X_Purge_Soft="1"), "softly")
    # What pages include.
    tell(0, "/with", "/part", lambda: purge("/part"), "a fragment")
    tell(0, "/tagged", "/there", lambda: purge(xkey="any"),
         "a fragment by tag")
    # Those of others leave them together.
    joined = livery.metrics()["coalesced_total"]
    tell(joined, "/alone", "/alone", lambda: purge("/other"), "another's",
         keeps=True)
