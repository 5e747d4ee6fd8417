"""What comes and goes by TLS is the same, byte for byte: requests in a row, in
one record or in many, uploads, answers that are read slowly, WebSockets, and
clients that leave."""
import os
import socket
import sys
import threading
import time

from lib import SOURCE, Authority, Scenario, Secure

sys.path.insert(0, os.path.join(SOURCE, "tests/tools"))
sys.dont_write_bytecode = True
import websocket    # noqa: E402

with Scenario() as s:
    origin, authority = s.origin(), Authority(s)
    authority.sign("cert", "www.example.org")
    options = {
        "more": "certificate cert { file = cert.pem key = cert.key }",
        "top": {"listen": ["127.0.0.1:0 tls"]}}
    livery = s.livery(origin, **options)

    def secure(**more):
        return Secure(livery.at, "www.example.org", authority.file, **more)

    # requests in a row: hits, and those that wait; one record, or many in one
    # segment
    client = secure()
    client.get("/hit.txt?max-age=600").must(200)
    for target in ("/hit.txt?max-age=600", "/wait.txt?cc=private&delay=5"):
        asked = ("GET %s HTTP/1.1\r\nHost: www.example.org\r\n\r\n" %
                 target).encode()
        client.send(asked * 20)
        for _ in range(20):
            client.read().must(200)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        for _ in range(20):
            client.send(asked)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        for _ in range(20):
            client.read().must(200)

    # large both ways, and many at once
    body = os.urandom(8000000)
    s.check(client.get("/echo", "POST", body=body).body == body, "it is sent")
    done = []

    def ask_many():
        with secure() as one:
            for n in range(10):
                size = 30000 * n + 1000
                answer = one.get("/b%d.bin?size=%d&cc=private&drip=1" % (
                    n, size)).must(200)
                s.equal(len(answer.body), size)
                one.get("/hit.txt?max-age=600").must(200)
        done.append(True)

    threads = [threading.Thread(target=ask_many) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    s.equal(len(done), 20)

    # a reader that takes its time: what is not read is not kept
    before = livery.rss_kb()
    slow = secure()
    slow.ask("/big.bin?size=40000000&cc=private")
    head = slow.read_head()
    time.sleep(0.5)
    s.check(livery.rss_kb() - before < 16000, "it is not kept in memory")
    s.equal(len(slow.read_body(head, "GET")), 40000000)

    # who leaves is noticed, and what it asked for is let go
    gone = secure()
    gone.ask("/gone?mode=hang&cc=private", fields={"Cookie": "session=1"})
    s.until(lambda: origin.busy() == 1, "the question")
    gone.close()
    s.until(lambda: origin.busy() == 0, "the end of the fetch")

    # and a WebSocket
    server = websocket.Server()
    livery = s.livery(server, cache={"file": s.path("cache", "2.db")},
                      **options)
    talk = websocket.Client(secure(), "/echo")
    s.check(talk.is_granted, talk.head)
    s.check("X-Forwarded-Proto: https" in server.heads[-1], "it is wss")
    for size in (0, 1, 65536, 1 << 20):
        said = os.urandom(size)
        talk.say(said)
        s.check(talk.read() == (websocket.BINARY, said),
                "a frame of %d bytes comes back" % size)
    talk.say(b"", websocket.CLOSE)
    s.equal(talk.read()[0], websocket.CLOSE)
    s.until(lambda: livery.metrics()["upgraded"] == 0, "the end")
