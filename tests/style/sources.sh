#!/bin/sh
# Makefile.am lists every source file that there is, and none that is not.
#   sources.sh           say what is wrong, and fail
#   sources.sh --write   write the lists between the two "sources:" lines
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99

# A variable and its files, one a line.
list() {
	name=$1
	shift
	printf '%s =' "$name"
	for file; do
		test -e "$file" && printf ' \\\n\t%s' "$file"
	done
	printf '\n'
}

lists() {
	modules=
	for folder in src/*/; do
		module=$(basename "$folder")
		list "lib${module}_a_SOURCES" "$folder"*.[ch]
		modules="$modules \$(lib${module}_a_SOURCES)"
	done
	printf 'module_sources = $(filter %%.c, \\\n'
	for module in $modules; do
		printf '\t%s \\\n' "$module"
	done
	printf '\t)\n'
	for kind in unit tools bench; do
		case $kind in
		unit) variable=unit_tests ;;
		tools) variable=tool_programs ;;
		bench) variable=bench_programs ;;
		esac
		printf '%s =' "$variable"
		for file in tests/$kind/*.c; do
			case $file in tests/unit/test_*|tests/[!u]*) ;; *) continue ;; esac
			test -e "$file" && printf ' \\\n\t%s' "${file%.c}"
		done
		printf '\n'
	done
	list fuzz_sources tests/fuzz/*.c
	list script_tests tests/style/*.sh tests/golden.sh tests/html5lib.sh \
		tests/identity.sh tests/modes.sh
}

wanted=$(mktemp) || exit 99
trap 'rm -f "$wanted" "$wanted.am"' EXIT
lists | grep -v 'schema_sql\.h' >"$wanted"
awk -v lists="$wanted" '
/^## sources: begin/ { print; while ((getline line < lists) > 0) print line
                       skip = 1; next }
/^## sources: end/   { skip = 0 }
!skip' Makefile.am >"$wanted.am"

if [ "$1" = --write ]; then
	cmp -s "$wanted.am" Makefile.am || cp "$wanted.am" Makefile.am
	exit 0
fi
diff -u Makefile.am "$wanted.am" && exit 0
echo 'Makefile.am lags behind: run tests/style/sources.sh --write'
exit 1
