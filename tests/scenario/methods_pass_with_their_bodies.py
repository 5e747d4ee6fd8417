"""Every method reaches the upstream with its body, query and fields, and the
answer comes back."""
from lib import Scenario

with Scenario() as s:
    origin = s.origin(log=True)
    livery = s.livery(origin)
    body = bytes(range(256)) * 64
    with livery.connect() as client:
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = client.get("/echo?a=1&b=%20c", method, body=body,
                                fields={"X-Mine": "yes",
                                        "Content-Type": "text/x-test"})
            answer.must(200)
            s.equal(answer.body, body, "body of " + method)
            head = origin.last("/echo")
            s.check(head.startswith(method + " /echo?a=1&b=%20c HTTP/1.1\r\n"),
                    head)
            s.check("\r\nX-Mine: yes\r\n" in head, head)
            s.check("\r\nContent-Type: text/x-test\r\n" in head, head)
        client.get("/echo", "POST", body=b"").must(200)
        client.get("/echo-head?x=1", "DELETE").must(200)
        s.check(origin.last().startswith("DELETE /echo-head?x=1 "),
                origin.last())
        # A body of unknown length.
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
        s.equal(client.read().must(200).body, b"hello world")
        # Where it ends is not for sure: nothing behind it is read.
        s.check(client.closed(), "it was kept after chunks")
    with livery.connect() as client:
        answer = client.get("/x.txt?size=100", "HEAD").must(200)
        s.equal(answer.get("Content-Length"), "100")
        client.get("/x.txt?status=404").must(404)
        client.get("/after").must(200)
    s.equal(origin.recorded().count(body), 5, "bodies at the origin")
