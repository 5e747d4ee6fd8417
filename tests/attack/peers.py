"""Who else may stand in front: nginx and HAProxy, as lenient as they can be."""
import os
import pwd
import shutil
import socket

NGINX = """
daemon off; master_process off; worker_processes 1;
pid %(folder)s/nginx.pid; error_log %(folder)s/nginx.log crit;
events { worker_connections 1024; }
http {
	access_log off; client_body_temp_path %(folder)s/body;
	proxy_temp_path %(folder)s/proxy; fastcgi_temp_path %(folder)s/f;
	uwsgi_temp_path %(folder)s/u; scgi_temp_path %(folder)s/s;
	large_client_header_buffers 8 128k;
	ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;
	client_header_timeout 3s; client_body_timeout 3s; keepalive_timeout 3s;
	upstream livery { server 127.0.0.1:%(livery)d; keepalive 16; }
	server {
		listen 127.0.0.1:%(port)d default_server;
		location / {
			proxy_pass http://livery; proxy_http_version 1.1;
			proxy_request_buffering off; proxy_buffer_size 128k;
			proxy_buffers 8 128k; proxy_busy_buffers_size 256k;
			proxy_set_header Connection ""; proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_set_header X-Forwarded-Proto $scheme;
		}
	}
}
"""

HAPROXY = """
global
	maxconn 1000
	nbthread 1
	tune.bufsize 131072
	tune.http.maxhdr 1000
defaults
	mode http
	option http-keep-alive
	option accept-invalid-http-request
	option http-restrict-req-hdr-names preserve
	http-reuse always
	timeout connect 3s
	timeout client 3s
	timeout server 20s
	timeout http-request 3s
	timeout http-keep-alive 3s
listen front
	bind 127.0.0.1:%(port)d
	option forwardfor
	http-request set-header X-Forwarded-Proto http
	server livery 127.0.0.1:%(livery)d
"""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def words_for(name, program, file):
    if name == "nginx":
        user = pwd.getpwuid(os.getuid()).pw_name
        more = ["-g", "user %s;" % user] if user == "root" else []
        return [program, "-e", os.devnull, "-c", file] + more
    return [program, "-db", "-q", "-f", file]


def start(scenario, name, livery):
    """The address of one that stands before livery; None: it is not here."""
    program = shutil.which(name, path=os.environ.get("PATH", "") +
                           ":/usr/sbin:/sbin")
    if not program:
        return None
    at = ("127.0.0.1", free_port())
    file = scenario.write(name + ".conf", {
        "nginx": NGINX, "haproxy": HAPROXY}[name] % {
            "folder": scenario.folder, "port": at[1], "livery": livery.port})
    process = scenario.start(words_for(name, program, file))

    def answers():
        if not process.is_running():
            raise RuntimeError("%s: %s" % (name, process.errors()))
        with socket.create_connection(at, 1):
            return True
    scenario.until(answers, name)
    return at
