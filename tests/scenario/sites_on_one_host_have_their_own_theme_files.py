"""Two sites on one host, told apart by their paths, each with its theme: the
files of both are there, and no theme's files answer for another's name."""
from lib import RULES, Scenario, block

with Scenario() as s:
    origin, one, two = s.origin(), s.origin(), s.origin()
    more = "\n".join((
        block("theme", "second", {"url": two.url + "/theme", "rules": RULES}),
        block("site", "below", {"upstream": "main", "theme": "second",
                                "path": "/b"})))
    livery = s.livery(origin, one, more=more)
    livery.theme_is_live(2)
    for path, name in (("/a", "look"), ("/b/x", "second")):
        answer = livery.get(path).must(200, themed=True)
        s.check("/.livery/t/%s/theme/style.css" % name in answer.text, name)
        for _ in range(2):
            livery.get("/.livery/t/%s/theme/style.css" % name).must(200)
    livery.get("/.livery/t/third/theme/style.css").must(404)
    livery.get("/.livery/t/").must(404)
    livery.get("/.livery/").must(404)
