"""An upstream that is asked by https is believed when its own authority says
that it is the host, or the name that it should have; it is shown a certificate
where it wants one, and HTTP/2 is spoken where it offers that and may be."""
import os
import shutil
import time

from lib import Authority, Scenario

NGINX = """
daemon off; master_process off; error_log stderr; pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log %(folder)s/nginx.log; log_format l "$server_protocol $request_uri";
  access_log %(folder)s/asked.log l;
  client_body_temp_path %(folder)s/t1; proxy_temp_path %(folder)s/t2;
  fastcgi_temp_path %(folder)s/t3; uwsgi_temp_path %(folder)s/t4;
  scgi_temp_path %(folder)s/t5; client_max_body_size 1g;
  ssl_certificate %(folder)s/server.pem;
  ssl_certificate_key %(folder)s/server.key;
  server {
    listen unix:%(folder)s/p1 ssl http2; server_name _;
    listen 127.0.0.1:%(port)d ssl http2;
    location / { proxy_pass %(origin)s; proxy_set_header Host $host;
                 proxy_set_header X-Server-Name $ssl_server_name; }
  }
  server {
    listen 127.0.0.1:%(strict)d ssl;
    ssl_client_certificate %(folder)s/authority.pem; ssl_verify_client on;
    location / { proxy_pass %(origin)s;
                 proxy_set_header X-Client-Name $ssl_client_s_dn; }
  }
}
"""


def free_ports(count):
    import socket
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


with Scenario() as s:
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not nginx:
        s.skip("there is no nginx")
    origin, authority = s.origin(), Authority(s)
    authority.sign("server", "cms.test")
    authority.sign("client", "livery.test")
    Authority(s, "stranger")
    port, strict = free_ports(2)
    conf = s.write("nginx.conf", NGINX.replace("pid nginx.pid", "pid " + s.path(
        "nginx.pid")) % {"folder": s.folder, "port": port, "strict": strict,
                         "origin": origin.url})
    s.start([nginx, "-e", "stderr", "-p", s.folder, "-c", conf])
    url, strict_url = ("https://127.0.0.1:%d" % at for at in (port, strict))
    s.until(lambda: os.path.exists(s.path("nginx.pid")), "nginx")
    files = iter(range(100))

    def asks(where=url, problem=None, lasts=False, **options):
        """One livery's answer, and what the origin was asked."""
        at = s.livery(where, upstream_options=dict(
            options, back_off_min="1ms"), cache={
                "file": s.path("cache", "%d.db" % next(files))})
        answer = at.get("/echo-head.json?%d" % next(files))
        if problem:
            answer.must(502)
            at.problem(problem)
        else:
            answer.must(200)
        if lasts:
            return at
        at.term()
        return origin.last()

    # a stranger; our own authority's; for another name
    asks(problem="certificate")
    asks(problem="certificate", ca_file="stranger.pem", tls_name="cms.test")
    asks(problem="no alternative certificate subject name matches",
         ca_file="authority.pem")
    asks(problem="no alternative certificate subject name matches",
         ca_file="authority.pem", tls_name="other.test")
    told = asks(ca_file="authority.pem", tls_name="cms.test")
    s.check("X-Server-Name: cms.test" in told, "it is told the name: " + told)
    s.check("Host: www.example.org" in told, "the host is the client's")
    asks(insecure=True)

    # one that wants to know who asks
    at = s.livery(strict_url, upstream_options={"insecure": True}, cache={
        "file": s.path("cache", "x.db")})
    at.get("/echo-head.json").must(400)
    at.term()
    told = asks(strict_url, ca_file="authority.pem", tls_name="cms.test",
                cert_file="client.pem", key_file="client.key")
    s.check("X-Client-Name: CN=client" in told, "it is told who asks: " + told)
    with open(s.path("both.pem"), "wb") as both:
        for part in ("client.pem", "client.key"):
            with open(s.path(part), "rb") as file:
                both.write(file.read())
    asks(strict_url, ca_file="authority.pem", tls_name="cms.test",
         cert_file="both.pem")

    # by HTTP/2 where it may be
    def protocols():
        with open(s.path("asked.log"), encoding="ascii") as log:
            return [line.split()[0] for line in log]
    s.until(lambda: protocols(), "nginx's log")
    s.equal(set(protocols()), {"HTTP/1.1"})
    # of the strict one none is offered
    asks(strict_url, ca_file="authority.pem", tls_name="cms.test",
         cert_file="both.pem", http2=True)
    s.equal(set(protocols()), {"HTTP/1.1"})
    at = asks(lasts=True, ca_file="authority.pem", tls_name="cms.test",
              http2=True)
    s.equal(protocols()[-1], "HTTP/2.0")
    # what is kept, revalidated, coded, empty, sent, refused, cut
    at.get("/k?max-age=60&etag=a").must(200, cache="fwd=uri-miss")
    at.get("/k?max-age=60&etag=a").must(200, cache="hit")
    s.clock.forward(100)
    at.get("/k?max-age=60&etag=a").must(200)
    s.until(lambda: at.metrics()["revalidated_total"] == 1, "a 304")
    at.get("/chunks?max-age=6000&chunked=1&size=50000").must(200)
    at.get("/chunks?max-age=6000&chunked=1&size=50000").must(200, cache="hit")
    at.get("/packed.txt?gzip=1&max-age=6000").must(200)
    at.get("/h?size=500", "HEAD").must(200)
    at.get("/n?status=204").must(204)
    at.get("/gone?status=404").must(404)
    for size in (0, 10, 1000000):
        s.equal(at.get("/echo", "POST", body=b"x" * size).body, b"x" * size)
    s.equal(len(at.get("/big.bin?size=20000000&cc=private").body), 20000000)
    for cut in ("/bad/cl-short", "/bad/chunk-cut", "/bad/head-cut"):
        try:
            answer = at.get(cut)
            s.check(answer.status >= 500, "%s is no answer" % cut)
        except Exception as error:  # pylint: disable=broad-except
            s.check("closed" in str(error), str(error))
    # many at once, on few connections; one that is not read stops no other
    slow = at.connect(receive_buffer=4096)
    slow.ask("/big.bin?size=60000000&cc=private&slow")
    slow.read_head()
    began = time.monotonic()
    figures = s.crowd(at, "/many%d?delay=100&cc=private", "-n", 200, "-c", 50)
    s.equal(figures["status"], {"200": 200}) if "status" in figures else None
    print("200 pages of 100 ms, 50 at once, beside one that is not read: "
          "%.1f s; %d kB" % (time.monotonic() - began, at.rss_kb()))
    s.check(at.rss_kb() < 400000, "in bounded memory")
    slow.close()
    s.equal(set(protocols()[-200:]), {"HTTP/2.0"})

    # said by check
    status, out, _ = s.run("check", "-c", s.conf(
        url, upstream_options={"insecure": True, "cert_file": "none.pem"}))
    s.equal(status, 1)
    s.check("insecure" in out and "none.pem: No such file" in out, out)
    status, _, err = s.run("check", "-c", s.conf(
        url, upstream_options={"key_file": "client.key"}))
    s.equal(status, 2)
    s.check("a key_file without a cert_file" in err, err)
