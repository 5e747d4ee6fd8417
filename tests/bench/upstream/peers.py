"""Who stands beside livery: nginx, HAProxy, Varnish, passing on to one server.

Each gives a Server, or None when Debian's package is not installed. Keep-alive
on both sides, one thread of work, nothing kept, logs as each has them by
default, but none of HAProxy (it has no file of its own).
"""
import os
import shutil

from lib import Failed
from rig import CLIENT_CORE, TOOLS, Server, free_port, pin, wait_for


def is_there(program, package):
    if shutil.which(program):
        return True
    print("%s is not installed: left out (apt-get install %s)" % (
        program, package))
    return False


def nginx(s, port_of_origin, targets):
    if not is_there("nginx", "nginx"):
        return None
    port = free_port()
    path = s.write("nginx.conf", """
worker_processes 1; daemon off; pid %(f)s/nginx.pid; user root;
error_log %(f)s/nginx.error;
events { worker_connections 1024; }
http {
  keepalive_requests 100000000; client_max_body_size 0;
  access_log %(f)s/nginx.access combined buffer=64k flush=1s;
  proxy_temp_path %(f)s/t1; client_body_temp_path %(f)s/t2;
  fastcgi_temp_path %(f)s/t3; uwsgi_temp_path %(f)s/t4;
  scgi_temp_path %(f)s/t5;
  upstream origin { server 127.0.0.1:%(o)d; keepalive 64;
    keepalive_requests 100000000; }
  proxy_http_version 1.1; proxy_set_header Connection "";
  server { listen 127.0.0.1:%(p)d;
    location /through/ { proxy_pass http://origin/;
      proxy_request_buffering off; proxy_buffering off; }
    location / { proxy_pass http://origin; } } }
""" % {"f": s.folder, "p": port, "o": port_of_origin})
    process = s.start(["nginx", "-c", path])
    wait_for(port, next(iter(targets.values()))).must(200)
    return Server("nginx proxy_pass", process.pid, port, targets,
                  s.path("nginx.access"))


def haproxy(s, port_of_origin, targets):
    if not is_there("haproxy", "haproxy"):
        return None
    port = free_port()
    path = s.write("haproxy.cfg", """
global
  nbthread 1
  maxconn 2000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:%d
  default_backend origin
backend origin
  server one 127.0.0.1:%d
""" % (port, port_of_origin))
    process = s.start(["haproxy", "-db", "-f", path])
    wait_for(port, next(iter(targets.values()))).must(200)
    return Server("HAProxy", process.pid, port, targets)


def varnish(s, port_of_origin, targets):
    if not is_there("varnishd", "varnish"):
        return None
    port = free_port()
    path = s.write("pass.vcl", """vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "%d"; }
sub vcl_recv { return (pass); }
""" % port_of_origin)
    process = s.start(["varnishd", "-F", "-j", "none", "-n",
                       s.path("varnish"), "-a", "127.0.0.1:%d" % port, "-f",
                       path, "-s", "malloc,64m"])
    wait_for(port, next(iter(targets.values()))).must(200)
    return Server("Varnish pass", process.pid, port, targets)


def tool(name):
    return os.path.join(TOOLS, name)


def haul(s, *words):
    """A server of any number of bytes; gives its process with its port."""
    process = s.start([tool("haul"), "serve"] + [
        str(word) for word in words])
    process.port = int(process.line("port "))
    process.url = "http://127.0.0.1:%d" % process.port
    pin(process.pid, CLIENT_CORE)
    return process


def livery_if_known(s, upstream, **blocks):
    """livery, or None when it does not know one of the options yet."""
    try:
        return s.livery(upstream, **blocks)
    except Failed as failed:
        if " is not known in " in str(failed):
            s.processes.pop()
            return None
        raise


def end(s):
    """The workers of an nginx that is killed would live on."""
    for process in s.processes:
        if process.name.startswith("nginx"):
            process.end()
