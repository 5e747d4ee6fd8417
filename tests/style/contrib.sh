#!/bin/sh
# What comes along is right: the scripts refuse what they cannot do before they
# install or build anything, the configurations are ones, the unit lets livery
# do what it does.
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
failed=0

# says STATUS WORDS COMMAND...: it ends with that status, and says the words.
says() {
	status=$1
	words=$2
	shift 2
	"$@" >"$folder/out" 2>&1
	got=$?
	if [ "$got" != "$status" ] || ! grep -q -- "$words" "$folder/out"; then
		echo "$*: status $got, wanted $status and '$words'; it said:"
		cat "$folder/out"
		failed=1
	fi
}

for script in contrib/start contrib/check contrib/packages.sh; do
	sh -n "$script" || failed=1
done
says 0 UPSTREAM_URL sh contrib/start --help
says 2 UPSTREAM_URL sh contrib/start --port 8080
says 2 UPSTREAM_URL sh contrib/start one two three
says 2 'starts with http://' sh contrib/start localhost:8081
says 2 'no such file' sh contrib/start http://localhost:8081 no-such-theme

# A folder that cannot be written is told.
# shellcheck disable=SC2016
: >"$folder/build"
says 1 'cannot write in' sh -c '. contrib/packages.sh && cd "$0" || exit 99
	build_lock start || exit 1' "$folder"

# Status 1 is about the machine (a log folder, a rules file): not of interest.
sed -n '/^    # \/etc\/livery\/livery.conf/,/^`/{/^`/d;s/^    //;p;}' \
	README.md >"$folder/readme.conf"
for file in contrib/livery.conf contrib/recipes/*.conf "$folder/readme.conf"
do
	"${LIVERY:-build/livery}" check --offline -c "$file" \
		>"$folder/out" 2>&1
	if [ $? -gt 1 ] || ! grep -q '^ok    configuration' "$folder/out"; then
		echo "$file:"
		cat "$folder/out"
		failed=1
	fi
done

# crew.c's slow workers lower their priority; @resources forbids it.
sed -n 's/^SystemCallFilter=//p' contrib/livery.service | tail -n 1 |
	grep -qx setpriority || {
	echo 'contrib/livery.service: setpriority is not let in at the end'
	failed=1
}
exit $failed
