"""/health, /ready, /status, /requests, /purge and /refresh answer, to this
machine alone: other names and other sites' pages are refused."""
import json
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    theme.mode("hang")
    livery = s.livery(origin, theme)
    livery.ask_admin("/health").must(200)
    livery.ask_admin("/ready").must(503, has="theme")
    livery.term()
    theme.mode("ok")
    livery = s.livery(origin, theme)
    livery.theme_is_live()
    s.until(lambda: livery.ask_admin("/ready").status == 200, "ready")
    livery.get("/p?max-age=600&header=xkey:%20red").must(200)
    page = livery.ask_admin("/status").must(200)
    s.check("text/html" in page.get("Content-Type"), page.head)
    for part in ("look", "Theme", "hit"):
        s.check(part.lower() in page.text.lower(), part + "\n" + page.text)
    metrics = livery.ask_admin("/metrics").must(200)
    s.check(metrics.get("Content-Type").startswith("text/plain"),
            metrics.head)
    # Prometheus' text format, each family once, with help and type.
    families = [line.split()[2] for line in metrics.text.splitlines()
                if line.startswith("# TYPE ")]
    s.equal(len(families), len(set(families)), "families named twice")
    s.check("livery_requests_total" in families, families)
    s.check(any("theme" in name and "age" in name for name in families),
            "no theme age: %s" % families)
    got = livery.ask_admin("/purge?tag=red", "POST", body=b"").must(200)
    s.check(json.loads(got.text)["purged"] >= 1, got.text)
    livery.get("/p?max-age=600&header=xkey:%20red").must(
        200, cache="uri-miss")
    livery.ask_admin("/purge?url=http://www.example.org/p%3Fmax-age=600"
                     "%26header=xkey:%2520red", "POST", body=b"").must(200)
    asked = theme.count("/theme")
    livery.ask_admin("/refresh?theme=look", "POST", body=b"").must(
        (200, 202, 204))
    s.until(lambda: theme.count("/theme") == asked + 1, "the refresh")
    livery.ask_admin("/refresh?theme=nobody", "POST", body=b"").must(404)
    for target in ("/purge?all=1", "/refresh?theme=look",
                   "/requests/kill?id=1"):
        livery.ask_admin(target).must((404, 405))
    from lib import Connection
    for host, fields in (("evil.example", {}), ("127.0.0.1", {
            "Origin": "http://evil.example"})):
        with Connection(livery.admin) as client:
            client.get("/purge?all=1", "POST", host=host, fields=fields,
                       body=b"").must((400, 403, 421))
        with Connection(livery.admin) as client:
            if fields:
                continue
            client.get("/requests", host=host).must((400, 403, 421))
    livery.ask_admin("/nowhere").must(404)
