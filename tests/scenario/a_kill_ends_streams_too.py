"""livery requests kill ends what streams as well: a download whose head is long
gone breaks off, so that nobody takes a part for the whole; an upload ends;
neither stays at the upstream."""
from lib import Broken, Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    at = "%s:%d" % livery.admin

    def kill(part):
        row = s.until(lambda: [row for row in livery.requests()
                               if part in row["url"]], part)[0]
        status, _, err = s.run("requests", "--admin", at, "kill",
                               str(row["id"]))
        s.equal(status, 0, err)

    def is_over():
        s.until(lambda: not livery.requests(), "all to be gone")
        s.until(lambda: origin.busy() == 0,
                "the upstream to be left")

    for length in ("", "&chunked=1"):
        # A download that its client does not read.
        with livery.connect(receive_buffer=4096) as client:
            client.ask("/big.bin?size=200000000&cc=no-store" + length)
            head = client.read_head()
            s.check(b" 200 " in head, head)
            kill("/big.bin")
            try:
                client.read_body(head, "GET")
                s.check(False, "a part was taken for the whole")
            except (Broken, ConnectionResetError):
                pass
        is_over()
    # A slow one: pieces come now and then.
    with livery.connect() as client:
        client.ask("/slow.bin?size=160000&drip=1500&cc=no-store")
        head = client.read_head()
        kill("/slow.bin")
        try:
            client.read_body(head, "GET")
            s.check(False, "a part was taken for the whole")
        except (Broken, ConnectionResetError):
            pass
    is_over()
    # An upload that is still coming: nothing can be answered before its end,
    # so its connection is closed.
    with livery.connect() as client:
        client.send("POST /take HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: 2000000\r\n\r\n" + "x" * 100000)
        s.until(lambda: livery.metrics()["transfers"] > 0, "the upload")
        kill("/take")
        s.check(client.closed(within=3), "it goes on")
        is_over()
    livery.get("/p").must(200)
