"""Over size_max what was used longest ago goes, pages before the theme and its
files, and the file does not grow beyond."""
import os
from lib import Scenario

with Scenario() as s:
    origin, theme = s.origin(), s.origin()
    livery = s.livery(origin, theme, cache={"size_max": "4M",
                                            "memory_max": "1M"})
    livery.theme_is_live()
    livery.theme_files_are_there(6)
    for turn in range(3):
        figures = s.crowd(livery, "/t%d-%%d?max-age=6000&size=60000" % turn,
                          "-n", 400, "-c", 8, "-k")
        s.equal(figures["status"], {"200": 400})
        livery.stored("/t%d-" % turn)
        kinds = {row[0]: row[1] for row in livery.rows(
            "SELECT kind, count(*) FROM entries GROUP BY kind")}
        s.equal((kinds.get("theme"), kinds.get("asset")), (1, 6), "kept")
    s.until(lambda: livery.value("SELECT sum(size) FROM entries") <= 4 << 20,
            "the file to be within its limit")
    s.check(livery.metrics()["evicted_total"] > 500, livery.metrics())
    s.check(os.path.getsize(livery.cache) < 10 << 20, "the file is too big")
    theme.kill()
    livery.term()
    livery = livery.again()
    livery.get("/new").must(200, themed=True)
    livery.get("/.livery/t/look/theme/logo.png").must(200)
