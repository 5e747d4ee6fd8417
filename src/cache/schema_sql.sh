#!/bin/sh
# Write SQL from standard input as a C header to standard output: comments and
# empty lines left out, one string literal a line.
set -e
echo '/* made from cache/schema.sql by schema_sql.sh */'
echo 'static const char schema_sql[] ='
sed -e 's/[	 ]*--.*$//' -e '/^[	 ]*$/d' \
	-e 's/\\/\\\\/g' -e 's/"/\\"/g' \
	-e 's/^\(.*\)$/	"\1\\n"/'
echo '	;'
