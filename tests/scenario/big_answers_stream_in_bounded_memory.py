"""200 MB to a client that reads slowly at first: the head comes at once, all
bytes arrive, and memory stays small."""
import hashlib
from lib import Scenario

SIZE = 200 << 20

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin)
    livery.get("/warm.bin?size=1000").must(200)
    before = livery.rss_kb()
    with livery.connect(receive_buffer=65536) as client:
        client.ask("/big.bin?size=%d" % SIZE)
        head = client.read_head()
        s.check(b"200 OK" in head, head)
        client.exactly(1 << 20)
        most = livery.rss_kb()
        digest, left = hashlib.md5(), SIZE - (1 << 20)
        while left:
            piece = client.exactly(min(left, 4 << 20))
            left -= len(piece)
            digest.update(piece)
            most = max(most, livery.rss_kb())
        client.get("/after.txt").must(200)
    s.check(most - before < 24 * 1024 * (s.within(1) ** 0.5),
            "memory grew by %d kB" % (most - before))
    # Chunked, and of unknown end.
    for how in ("chunked=1", "close=1"):
        answer = livery.get("/b.bin?size=3000000&" + how).must(200)
        s.equal(len(answer.body), 3000000, how)
