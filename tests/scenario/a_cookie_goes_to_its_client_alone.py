"""A page that may be cached and sets a cookie, asked for by a crowd, and a page
that takes longer than anybody's patience with a lock: each client of the first
gets a cookie of its own and none is stored; the second is fetched once."""
import threading
from lib import Scenario

N = 20
SLOW_MS = 6000

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    answers, waits = [], []

    def ask(target):
        answers.append((target, livery.get(target)))

    slow = "/slow?max-age=60&delay=%d" % SLOW_MS
    for n in range(N):
        for target in (slow, "/keks?max-age=60&cookie=1&delay=200"):
            waits.append(threading.Thread(target=ask, args=(target,)))
            waits[-1].start()
    for wait in waits:
        wait.join()
    for _ in range(3):
        ask("/keks?max-age=60&cookie=1")
    cookies = [a.get("Set-Cookie") for t, a in answers if "/keks" in t]
    s.equal(len(cookies), N + 3)
    s.check(all(cookies), "one came without its cookie")
    s.equal(origin.count("/keks"), N + 3, "asked for each client")
    s.equal(livery.value("SELECT count(*) FROM entries WHERE "
                         "instr(url, '/keks') OR instr(etag, 'Set-Cookie')"),
            0, "stored")
    s.equal(origin.count("/slow"), 1, "fetched")
    for target, answer in answers:
        if target == slow:
            answer.must(200)
            s.check(not answer.get("Set-Cookie"), answer.head)
    s.bound("who waited longest", max(
        answer.seconds for target, answer in answers if target == slow) *
            1000, SLOW_MS + s.within(300))
    status, out, _ = s.run("cache", "why", "/keks?max-age=60&cookie=1",
                           "--cache", livery.cache)
    s.equal(status, 1)
    s.check("set-cookie (the answer sets a cookie" in out, out)
