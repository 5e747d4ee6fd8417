"""One byte a second in a head, in a body, in reading the answer, and nothing at
all: each ends at a deadline of its own; who is only slow is served. All at the
same time."""
import concurrent.futures
import threading
import time
from lib import Connection, Scenario


def drip(connection, text, seconds, stop):
    try:
        for byte in text:
            if stop.wait(seconds):
                return
            connection.socket.sendall(byte.encode("latin-1"))
    except OSError:
        pass


with Scenario() as s:
    origin = s.origin()
    unit = s.within(1)
    livery = s.livery(origin, limits={
        "header_timeout": "%dms" % (1500 * unit),
        "body_timeout": "%dms" % (1000 * unit), "min_rate": 1000,
        "keepalive_timeout": "%dms" % (1200 * unit),
        "send_timeout": "%dms" % (1500 * unit)})
    stop = threading.Event()

    def ends(connection, least, most):
        """The other side closes, between so many units."""
        began = time.monotonic()
        connection.socket.settimeout(most * unit + 2)
        try:
            while connection.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            s.check(False, "it was not shown out in %g s" % (most * unit))
        took = time.monotonic() - began
        s.check(least * unit <= took <= most * unit,
                "after %.2f s, not between %g and %g" %
                (took, least * unit, most * unit))

    def play(text, pace, least, most):
        connection = livery.connect()
        threading.Thread(target=drip, daemon=True,
                         args=(connection, text, pace, stop)).start()
        ends(connection, least, most)

    def a_head_that_drips():
        """Its deadline counts from the connection's begin, not from the line
        that just came."""
        play("GET /p HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" % ("x" * 60),
             0.05 * unit, 1.0, 2.2)

    def nothing_at_all():
        ends(livery.connect(), 0.8, 3)

    def a_body_that_drips():
        connection = livery.connect()
        connection.send("POST /take HTTP/1.1\r\nHost: a\r\n"
                        "Content-Length: 5000\r\n\r\n")
        threading.Thread(target=drip, daemon=True,
                         args=(connection, "x" * 500, 0.2, stop)).start()
        ends(connection, 0.5, 15)

    def a_body_that_stops():
        connection = livery.connect()
        connection.send("POST /take HTTP/1.1\r\nHost: a\r\n"
                        "Content-Length: 50\r\n\r\nxxx")
        ends(connection, 0.5, 3)

    def an_answer_that_nobody_reads():
        connection = livery.connect(receive_buffer=4096)
        connection.ask("/big.bin?size=30000000")
        time.sleep(4.5 * unit)
        got = 0
        connection.socket.settimeout(3 * unit)
        try:
            while True:
                data = connection.socket.recv(1 << 20)
                if not data:
                    break
                got += len(data)
        except (ConnectionResetError, TimeoutError):
            pass
        s.check(got < 30000000, "all of it was sent to who did not read")

    def between_two_requests():
        with livery.connect() as connection:
            connection.get("/p").must(200)
            ends(connection, 0.8, 3)

    def a_body_within_the_rate():
        with livery.connect() as connection:
            connection.send("POST /echo HTTP/1.1\r\nHost: a\r\n"
                            "Content-Length: 9000\r\n\r\n")
            for _ in range(9):
                time.sleep(0.2 * unit)
                connection.socket.sendall(b"y" * 1000)
            connection.read().must(200, has="y" * 9000)

    def an_answer_read_within_the_rate():
        with livery.connect(receive_buffer=4096) as connection:
            connection.ask("/slow.bin?size=400000")
            connection.read_head()
            for _ in range(8):
                connection.exactly(50000)
                time.sleep(0.3 * unit)

    shown_out = (a_head_that_drips, nothing_at_all, a_body_that_drips,
                 a_body_that_stops, an_answer_that_nobody_reads,
                 between_two_requests)
    served = a_body_within_the_rate, an_answer_read_within_the_rate
    before = livery.metrics()["client_timeouts_total"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for told in [pool.submit(story) for story in shown_out + served]:
            told.result()
    after = livery.metrics()["client_timeouts_total"]
    s.check(after - before >= 5, "deadlines counted: %g" % (after - before))
    s.until(lambda: livery.metrics()["connections"] == 0, "all to be gone")
    s.until(lambda: not livery.requests(), "all to be gone")
    stop.set()
