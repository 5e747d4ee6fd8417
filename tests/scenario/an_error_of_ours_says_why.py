"""Proxy-Status of RFC 9209 on answers that livery makes itself, by what went
wrong; never on an upstream's own error."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, s.origin(), upstream_options={
        "first_byte_timeout": "300ms", "failures_max": 100,
        "back_off_min": "1ms"})
    livery.theme_is_live()

    def error(target, status, **more):
        answer = livery.get(target, **more).must(status)
        said = answer.all("Proxy-Status")
        s.equal(len(said), 1, answer.fields)
        name, _, word = said[0].partition("; error=")
        s.equal(name, "livery")
        return word

    s.equal(error("/hang?mode=hang", 504), "http_response_timeout")
    s.check(error("/reset?mode=reset", 502) in (
        "http_response_incomplete", "http_protocol_error"), "reset")
    s.equal(error("/not", 504, fields={"Cache-Control": "only-if-cached"}),
            "proxy_internal_response")
    s.equal(error("/loop", 508, fields={"Via": ", ".join(
        ["1.1 livery"] * 8)}), "proxy_loop_detected")
    answer = livery.get("/own?status=503").must(503)
    s.equal(answer.all("Proxy-Status"), [])
    s.equal(livery.get("/fine").must(200).all("Proxy-Status"), [])
    livery.term()

    origin.end()
    livery = s.livery(origin.url, cache={"file": s.path("cache", "2.db")})
    s.equal(error("/x", 502), "connection_refused")
    livery.term()
    livery = s.livery("http://no-such-name.invalid/",
                      cache={"file": s.path("cache", "3.db")})
    s.equal(error("/x", 502), "dns_error")
