"""The whole process stands still for longer than a head may take, in the middle
of a crowd: who had asked by then is answered, since it was not the client that
was late."""
import signal
import time
from lib import Scenario

with Scenario() as s:
    origin = s.origin()
    livery = s.livery(origin, limits={"header_timeout": "1s"})
    for turn in range(5):
        waiting = s.crowd(livery, "/page%d-%%d" % turn, "-n", 1000,
                          wait=False)
        s.until(lambda: livery.metrics()["connections"] > 1 or
                origin.count() > 1000 * turn, "the crowd")
        livery.send(signal.SIGSTOP)
        time.sleep(1.6)
        livery.send(signal.SIGCONT)
        figures = waiting()
        s.equal(figures["failed"], 0, "without an answer: %s" % figures)
        s.equal(figures["status"], {"200": 1000})
