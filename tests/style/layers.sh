#!/bin/sh
# Fail if a file under src/ includes what src/LAYERS does not allow it to.
# main.c, alone directly in src/, may include any; config.h is everybody's.
# Nor may two modules give a function one name: of static libraries the linker
# takes the first that it meets, for both.
cd "${srcdir:-.}/src" || exit 99
awk '
function wrong(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
FILENAME == "LAYERS" {
	sub(/#.*/, ""); if (NF == 0) next
	name = $1; sub(/:$/, "", name)
	if (name ~ /^</) libs[++nlibs] = substr(name, 2, length(name) - 2)
	else known[name] = may[name, name] = 1
	for (i = 2; i <= NF; i++) {
		if (!($i in known)) wrong($i " stands below " name)
		if (name ~ /^</) may[$i, libs[nlibs]] = 1
		else may[name, $i] = 1
	}
	next
}
FNR == 1 { from = FILENAME; sub(/\/.*/, "", from)
           if (!(from in known)) wrong("src/LAYERS does not know " from) }
/^#[ \t]*include "/ {
	split($0, part, "[\"/]"); to = part[2]
	if (to != "config.h" && !((from, to) in may)) wrong(from " may not include " to)
}
/^[a-z_][a-z0-9_]*\(/ && FILENAME ~ /c$/ && before !~ /static/ {
	name = $0; sub(/\(.*/, "", name)
	if (name in giver) wrong(name "() is also in " giver[name])
	giver[name] = FILENAME
}
{ before = $0 }
/^#[ \t]*include </ {
	split($0, part, "[<>]")
	for (i = 1; i <= nlibs; i++)
		if (index(part[2], libs[i]) == 1 && !((from, libs[i]) in may))
			wrong(from " may not use <" part[2] ">")
}
END { exit bad }' LAYERS $(find . -mindepth 2 -name "*.[ch]" | sed "s|^\./||" | sort)
