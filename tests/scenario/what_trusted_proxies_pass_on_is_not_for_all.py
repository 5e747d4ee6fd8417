"""A proxy in front is trusted, and passes on what its clients say: an answer
that was asked with that is for those who say the same. What repeats the
address, or names the client, costs no hit."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)

    def ask(target, cache, **fields):
        return livery.get(target + "?max-age=60", fields={
            name.replace("_", "-"): value for name, value in fields.items()
        }).must(200, cache=cache)

    # The attacker's page is his own; the others' is not his to change.
    ask("/a.txt", "fwd=", X_Original_URL="/evil")
    s.check("X-Original-URL: /evil" in origin.last("/a.txt"), "not passed on")
    answer = ask("/a.txt", "fwd=")
    s.check("X-Original-URL" not in origin.last("/a.txt"), "it was shared")
    s.equal(answer.all("Vary"), [])
    ask("/a.txt", "hit")
    ask("/b.txt", "fwd=", X_Forwarded_Prefix="/b")
    ask("/b.txt", "hit", X_Forwarded_Prefix="/b")
    ask("/b.txt", "fwd=", X_Forwarded_Prefix="/evil")
    # What a proxy says by itself changes nothing.
    ask("/c.txt", "fwd=", X_Real_IP="192.0.2.1",
        X_Forwarded_Proto="https", X_Forwarded_Port="443",
        X_Forwarded_Ssl="on", X_Forwarded_Server="front")
    s.check("192.0.2.1" not in origin.last("/c.txt"), origin.last("/c.txt"))
    s.check("X-Forwarded-Port: 443" in origin.last("/c.txt"),
            origin.last("/c.txt"))
    answer = ask("/c.txt", "hit", X_Real_IP="192.0.2.2",
                 X_Forwarded_Proto="https")
    s.equal(answer.all("Vary"), [])
    # Where it differs, it counts; and one client's own request has it all.
    ask("/d.txt", "fwd=", X_Forwarded_Port="8443")
    ask("/d.txt", "fwd=", X_Forwarded_Port="80")
    livery.get("/e.txt", "POST", body=b"x", fields={
        "X-Real-IP": "192.0.2.1"}).must(200)
    s.check("X-Real-IP: 192.0.2.1" in origin.last("/e.txt"),
            origin.last("/e.txt"))
