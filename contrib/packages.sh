# contrib/packages.sh - which Debian packages livery needs, and how they come
# here; read by contrib/start and contrib/check with "."

build_packages='autoconf automake make gcc libc6-dev pkg-config
	libmicrohttpd-dev libcurl4-openssl-dev libxml2-dev libxslt1-dev
	libsqlite3-dev libconfuse-dev libpcre2-dev libxxhash-dev uthash-dev
	zlib1g-dev libbrotli-dev libzstd-dev libjansson-dev'
run_packages='ca-certificates sqlite3'
test_packages='libcmocka-dev varnish mandoc curl procps iproute2 util-linux
	openssl strace python3 python3-lxml
	python3-cssselect python3-dnslib'

say() {
	printf '%s\n' "$*"
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

# Install what is missing of the words. Does nothing when all is there.
packages_install() {
	if ! command -v dpkg-query >/dev/null; then
		say "this is not Debian: livery needs what these packages have:"
		say "$*"
		return 0
	fi
	missing=$(packages_missing "$@")
	test -z "$missing" && return 0
	if [ "$(id -u)" != 0 ]; then
		say 'some packages are missing; as root:'
		say "  apt-get install $missing"
		return 1
	fi
	say "installing: $missing"
	trap services_release EXIT
	services_hold
	# shellcheck disable=SC2086
	apt-get update -q </dev/null >/dev/null &&
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
			--no-install-recommends $missing </dev/null >/dev/null
	installed=$?
	services_release
	trap - EXIT
	test "$installed" = 0 || say "apt-get could not install: $missing"
	return "$installed"
}

# Make configure from configure.ac when it is missing or older.
configure_make() {
	if [ ! -x configure ] || [ configure.ac -nt configure ] ||
		[ Makefile.am -nt Makefile.in ]; then
		say 'making configure'
		autoreconf -i >/dev/null 2>&1 || autoreconf -i
	fi
}
