"""A script's request and a browser's for the same page at the same time: the
script has it as it came, the browser dressed, whoever was first."""
import threading
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    script = {"X-Requested-With": "XMLHttpRequest"}
    for number in range(6):
        target = "/p%d?max-age=60&delay=300" % number
        answers = {}

        def ask(name, fields):
            answers[name] = livery.get(target, fields=fields)

        turns = [("script", script), ("browser", {})]
        if number % 2:
            turns.reverse()
        threads = []
        for turn in turns:
            threads.append(threading.Thread(target=ask, args=turn))
            threads[-1].start()
            s.until(lambda: origin.count("/p%d" % number) >= 1, "the first")
        for thread in threads:
            thread.join()
        answers["script"].must(200, themed=False)
        answers["browser"].must(200, themed=True)
        s.equal(origin.count("/p%d" % number), 1, "asked")
        s.check("X-Requested-With" in answers["browser"].get("Vary", ""),
                "Vary says who sees what")
