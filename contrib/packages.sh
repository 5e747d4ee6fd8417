# contrib/packages.sh - which Debian packages livery needs, and how they come
# here; read by contrib/start and contrib/check with "."
# shellcheck shell=sh disable=SC2034,SC3013

build_packages='autoconf automake make gcc libc6-dev pkg-config
	libmicrohttpd-dev libcurl4-openssl-dev libxml2-dev libxslt1-dev
	libsqlite3-dev libconfuse-dev libpcre2-dev libxxhash-dev uthash-dev
	zlib1g-dev libbrotli-dev libzstd-dev libjansson-dev
	libgnutls28-dev'
run_packages='ca-certificates sqlite3'
test_packages='libcmocka-dev clang varnish mandoc curl procps iproute2
	util-linux openssl strace python3 python3-lxml python3-cssselect
	python3-dnslib nodejs nginx haproxy'

# A mirror that is silent for so long is given up, and another apt-get that is
# at work here is waited for.
apt_patience='-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30
	-o Acquire::Retries=1 -o DPkg::Lock::Timeout=300'

say() {
	printf '%s\n' "$*"
}

# build_lock WHAT: make the folder "build", and be the only one who does WHAT
# in it until build_unlock: two at once would spoil each other's files.
build_lock() {
	lock=build/$1.lock
	if ! { mkdir -p build && touch "$lock"; } 2>/dev/null; then
		say "cannot write in $(pwd)/build: is the clone somebody else's?"
		return 1
	fi
	command -v flock >/dev/null || return 0
	exec 9>>"$lock"
	flock -n 9 && return
	say "another one is at work in $(pwd)/build; waiting for it"
	flock 9
}

build_unlock() {
	exec 9>&-
}

# Those of the words that are not installed.
packages_missing() {
	for package; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" \
			2>/dev/null) in
		installed) ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

# Servers that come along for the tests (varnish) must not start by
# themselves: while this file says 101, none does.
services_hold() {
	test -e /usr/sbin/policy-rc.d && return
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d &&
		chmod +x /usr/sbin/policy-rc.d && services_held=yes
}

services_release() {
	test "${services_held-}" = yes && rm -f /usr/sbin/policy-rc.d
	services_held=
}

# Run apt-get; what it says goes to build/apt.out.
apt() {
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get $apt_patience -q "$@" \
		</dev/null >>build/apt.out 2>&1 9>&-
}

# Why apt-get failed: its first words of it, not all hundred.
apt_complain() {
	sed -n 's/^[EW]: /  /p' build/apt.out | awk '!seen[$0]++' | head -n 4
	say "could not install: $missing"
	say "They are packages of Debian 12: is there a network, and do the"
	say "sources in /etc/apt name a mirror? All that apt-get said is in"
	say "$(pwd)/build/apt.out"
}

# Install what is missing of the words. Does nothing when all is there.
packages_install() {
	if ! command -v dpkg-query >/dev/null; then
		say "this is not Debian: livery needs what these packages have:"
		# shellcheck disable=SC2048,SC2086
		say $*
		return 0
	fi
	missing=$(packages_missing "$@")
	test -z "$missing" && return 0
	if [ "$(id -u)" != 0 ]; then
		say 'some packages are missing; as root:'
		say "  apt-get update && apt-get install $missing"
		return 1
	fi
	say "installing: $missing"
	say '(build/apt.out says how far it is)'
	trap services_release EXIT
	trap 'exit 130' INT TERM HUP
	services_hold
	: >build/apt.out
	# Without new lists the old ones may do.
	apt -o APT::Update::Error-Mode=any update
	# shellcheck disable=SC2086
	apt -y --no-install-recommends install $missing
	installed=$?
	services_release
	trap - EXIT INT TERM HUP
	test "$installed" = 0 || apt_complain
	return "$installed"
}

# Make configure from configure.ac when it is missing or older.
configure_make() {
	if [ ! -x configure ] || [ configure.ac -nt configure ] ||
		[ Makefile.am -nt Makefile.in ]; then
		say 'making configure'
		autoreconf -i >build/autoreconf.out 2>&1 && return
		tail -n 20 build/autoreconf.out
		return 1
	fi
}
