#!/usr/bin/env bash
# trino_cli.sh JAR SERVER TOKEN DATABASE: trino-cli against a running mulgil.
set -uo pipefail
jar=$1 server=$2 token=$3 db=$4 failed=0
cli() { java -jar "$jar" --server "$server" --catalog awsdatacatalog --schema "$db" "$@" 2>&1 | grep -v 'jline\|dumb terminal'; }
want() { # what, expected text, arguments...
  local what=$1 text=$2 got
  shift 2
  got=$(cli "$@")
  [[ $got == *"$text"* ]] || { failed=1; echo "FAILED $what: got $got, want $text"; }
}
want rows '"1","한글","ab   ","2 00:00:00.000"' --execute "select 1, '한글', cast('ab' as char(5)), interval '2' day"
want tables '"purchase"' --execute 'show tables'
want columns '"affiliate"' --execute 'describe purchase'
want place 'line 1:8' --execute 'select nope from purchase'
want zero 'zero' --execute 'select 1/0'
want refused 'access denied' --execute 'create schema cli_made'
want changes 'DROP SCHEMA' --extra-credential "token=$token" --execute 'create schema cli_made; drop schema cli_made'
want prepared '"7"' --execute 'prepare p from select ? + 4; execute p using 3'
want session '"3"' --execute "set session max_recursion_depth = 3; show session like 'max_rec%'"
want use '"active"' --execute 'use system.runtime; select state from nodes'
n=$(cli --execute "select x from unnest(sequence(1, 10000)) a(x), unnest(sequence(1, 20)) b(y)" | wc -l)
[ "$n" = 200000 ] || { failed=1; echo "FAILED 200000 rows: got $n"; }
exit $failed
