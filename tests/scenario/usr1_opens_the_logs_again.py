"""USR1: the access and the error log are opened by their names again, and no
line is lost; lines are there within 100 ms, in both formats."""
import json
import os
import re
from lib import Scenario

COMBINED = re.compile(r'^127\.0\.0\.1 \S+ \S+ \[[^]]+\] "GET /(\S*) HTTP/1\.1" '
                      r'200 \d+ "[^"]*" "[^"]*"')


def lines(path):
    with open(path, encoding="utf-8") as log:
        return log.read().splitlines()


with Scenario() as s:
    origin = s.origin()
    log, errors = s.path("access.log"), s.path("error.log")
    livery = s.livery(origin, top={"error_log": errors})
    for page in range(10):
        livery.get("/a%d?max-age=60" % page).must(200)
    s.until(lambda: len(lines(log)) == 10, "10 lines", within=0.5)
    # Each thread's lines come in their order, those of several as they will.
    for number, line in enumerate(sorted(lines(log),
                                         key=lambda line: line[40:])):
        found = COMBINED.match(line)
        s.check(found and found.group(1).startswith("a%d?" % number), line)
    os.rename(log, log + ".1")
    os.rename(errors, errors + ".1")
    livery.get("/b").must(200)
    s.until(lambda: len(lines(log + ".1")) == 11, "the old file's line")
    livery.send(10)
    s.until(lambda: os.path.exists(log) and os.path.exists(errors),
            "the new files")
    livery.get("/c").must(200)
    s.until(lambda: len(lines(log)) == 1, "the line in the new file")
    s.check("/c" in lines(log)[0], lines(log))
    livery.get("/bad/head-cut").must(502)
    s.until(lambda: "head-cut" in "".join(lines(errors)),
            "the word in the new error log")
    # Nothing that a client sends breaks a line.
    with livery.connect() as client:
        client.get("/x?a=%22%0A", fields={
            "User-Agent": 'evil" 200 - "', "Referer": "http://x/\"\\"})
    s.until(lambda: len(lines(log)) == 3, "the line")
    livery.term()
    s.equal(len(lines(log)), 3)
    livery = s.livery(origin, top={"access_log": s.path("json.log"),
                                   "access_log_format": "json"})
    livery.get("/d?max-age=60", fields={"User-Agent": 'a"b\\c\td'}).must(200)
    livery.get("/d?max-age=60").must(200, cache="hit")
    s.until(lambda: len(lines(s.path("json.log"))) == 2, "2 lines")
    for line in map(json.loads, lines(s.path("json.log"))):
        s.equal(line["status"], 200)
        s.check("/d?max-age=60" in json.dumps(line), line)
    s.check("hit" in "".join(lines(s.path("json.log"))), "no hit")
