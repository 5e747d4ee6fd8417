"""A server that knows no HEAD answers it with 501: livery check asks it by GET,
and one that is not well then either is named with its status."""
import http.server
import threading

from lib import Scenario


class Small(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(Small.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


with Scenario() as s:
    server = http.server.HTTPServer(("127.0.0.1", 0), Small)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    conf = s.write("small.conf", """listen = { "127.0.0.1:0" }
cache { file = none }
upstream cms { url = "http://127.0.0.1:%d" }
site main { upstream = cms }
""" % server.server_port)
    status, out, err = s.run("check", "-c", conf)
    s.equal(status, 0, out + err)
    s.check("status 200 in" in out, out)
    Small.status = 503
    status, out, err = s.run("check", "-c", conf)
    s.equal(status, 1, out + err)
    s.check("answers with status 503" in out, out)
    server.shutdown()
