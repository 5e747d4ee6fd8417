#!/bin/sh
# Every rule set that is shipped makes the same page with --compat and without:
# all below themes and contrib, so one that is added is tested, too. Rules
# without a theme of their own take each of those that are shipped. The pages
# are well formed and in tests/modes/pages; a browser must make the same of both
# (tests/html5lib/alike). Where rules look at paths, these are of three kinds.
srcdir=$(CDPATH='' cd -- "${srcdir:-.}" && pwd) || exit 2
: "${LIVERY:?the program to be tested}"
alike=${builddir:-.}/tests/html5lib/alike
shipped=/usr/share/livery/themes
out=$(mktemp -d "${TMPDIR:-/tmp}/modes.XXXXXX") || exit 2
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

# dress FILE WORDS...
dress() {
	to=$1
	shift
	"$LIVERY" apply "$@" >"$to" 2>"$to.errors" && [ -s "$to" ] && return
	cat "$to.errors"
	return 1
}

# compare RULES PAGE PATH [THEME]
compare() {
	if dress "$out/html5" --rules "$1" --path "$3" ${4:+--theme "$4"} "$2" &&
	    dress "$out/compat" --compat --rules "$1" --path "$3" \
		${4:+--theme "$4"} "$2" &&
	    "$alike" "$out/html5" "$out/compat"; then
		passed=$((passed + 1))
	else
		echo "FAIL ${1#"$out/"} $4: ${2##*/} as $3"
		failed=$((failed + 1))
	fi
}

# all_pages RULES [THEME]
all_pages() {
	paths=/news/1
	grep -q path "$1" && paths='/ /news/1 /edit/7'
	for page in "$srcdir"/tests/modes/pages/*.html; do
		for path in $paths; do
			compare "$1" "$page" "$path" ${2:+"$2"}
		done
	done
}

# Rules may read what is in their folder, and bring in those that are installed.
(cd "$srcdir" && find themes contrib -name '*.xml' -type f) | sort >"$out/sets"
cp -R "$srcdir/themes" "$out/themes" && chmod -R u+w "$out" || exit 2
sets=0
while read -r file; do
	grep -Eq '<(rules|ruleset)[ >]' "$srcdir/$file" || continue
	sets=$((sets + 1))
	rules=$out/$file
	case $file in
	themes/*) ;;
	*)
		rules=$out/$(echo "$file" | tr / -)
		sed "s|\"$shipped/|\"themes/|" "$srcdir/$file" >"$rules"
		;;
	esac
	if grep -q '<theme ' "$rules"; then
		all_pages "$rules"
		continue
	fi
	for theme in "$out"/themes/*/theme.html; do
		all_pages "$rules" "$theme"
	done
done <"$out/sets"
[ "$sets" -gt 0 ] || echo "FAIL there are no rules"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
