package hive

// Is tells whether a statement is of a kind that Athena reads with Hive's
// grammar, by its first words. CREATE TABLE ... AS and what only Trino has
// (ALTER TABLE ... RENAME, SHOW FUNCTIONS) are not. Statements that both
// grammars have count too; see Shared.
func Is(sql string) bool {
	toks, _ := lex(sql)
	hive, _ := route(toks)
	return hive
}

// Shared tells whether a statement for which Is holds could be read with
// Trino's grammar as well, where it means the same but is answered in another
// form: SHOW TABLES, DESCRIBE t, DROP TABLE. A back-tick makes it Hive's alone.
func Shared(sql string) bool {
	toks, _ := lex(sql)
	hive, shared := route(toks)
	return hive && shared
}

func route(toks []token) (hive, shared bool) {
	at := func(i int) token { return toks[min(i, len(toks)-1)] }
	words := func(i int, list ...string) bool {
		for k, w := range list {
			if !at(i + k).is(w) {
				return false
			}
		}
		return true
	}
	ticks := false
	for _, t := range toks {
		ticks = ticks || t.kind == tokQuoted || t.kind == tokBroken && t.text == "back-tick"
	}
	switch {
	case words(0, "MSCK"):
		return true, false
	case words(0, "CREATE", "EXTERNAL"):
		return true, false
	case words(0, "CREATE", "TABLE"):
		return createsByHive(toks), false
	case words(0, "CREATE", "SCHEMA"), words(0, "CREATE", "DATABASE"):
		return schemaByHive(toks), !ticks && words(1, "SCHEMA")
	case words(0, "DROP", "TABLE"), words(0, "DROP", "SCHEMA"):
		return true, !ticks
	case words(0, "DROP", "DATABASE"):
		return true, false
	case words(0, "ALTER", "DATABASE"), words(0, "ALTER", "SCHEMA"):
		return has(toks, "DBPROPERTIES"), false
	case words(0, "ALTER", "TABLE"):
		return altersByHive(toks, ticks)
	case words(0, "SHOW"):
		return showsByHive(at(1), at(2), ticks)
	case words(0, "DESCRIBE"), words(0, "DESC"):
		if at(1).is("INPUT") || at(1).is("OUTPUT") {
			return false, false
		}
		return true, !ticks && !at(1).is("EXTENDED") && !at(1).is("FORMATTED") && plainName(toks[1:])
	}
	return false, false
}

func has(toks []token, word string) bool {
	for _, t := range toks {
		if t.is(word) {
			return true
		}
	}
	return false
}

// afterName is the index of the token behind a dotted name at i.
func afterName(toks []token, i int) int {
	for i < len(toks)-1 {
		i++
		if toks[i].text != "." || toks[i].kind != tokSymbol {
			return i
		}
		i++
	}
	return len(toks) - 1
}

func plainName(toks []token) bool {
	end := toks[afterName(toks, 0)]
	return end.kind == tokEOF || end.text == ";"
}

// skipExists is the index of the name after IF [NOT] EXISTS.
func skipExists(toks []token, i int) int {
	if i+1 < len(toks) && toks[i].is("IF") {
		i++
		if toks[i].is("NOT") {
			i++
		}
		if i < len(toks) && toks[i].is("EXISTS") {
			i++
		}
	}
	return min(i, len(toks)-1)
}

// createsByHive tells CREATE TABLE t (a int) from CREATE TABLE t AS SELECT,
// CREATE TABLE t (a, b) AS SELECT and Trino's CREATE TABLE t (a integer) WITH (...).
func createsByHive(toks []token) bool {
	i := afterName(toks, skipExists(toks, 2))
	if toks[i].text != "(" || toks[i].kind != tokSymbol {
		return false
	}
	depth := 0
	for ; i < len(toks); i++ {
		if toks[i].kind != tokSymbol {
			continue
		}
		switch toks[i].text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 {
			break
		}
	}
	if i >= len(toks)-1 {
		return true // the mistake is told by the parser
	}
	return !toks[i+1].is("AS") && !toks[i+1].is("WITH")
}

// schemaByHive leaves Trino's CREATE SCHEMA s WITH (...) and AUTHORIZATION alone.
func schemaByHive(toks []token) bool {
	i := afterName(toks, skipExists(toks, 2))
	if toks[i].is("AUTHORIZATION") {
		return false
	}
	return !toks[i].is("WITH") || i+1 < len(toks) && toks[i+1].is("DBPROPERTIES")
}

func altersByHive(toks []token, ticks bool) (hive, shared bool) {
	i := skipExists(toks, 2)
	if i != 2 {
		return false, false // ALTER TABLE IF EXISTS is Trino's
	}
	i = afterName(toks, i)
	next := func(k int) token { return toks[min(i+k, len(toks)-1)] }
	switch {
	case next(0).is("ADD"):
		return !next(1).is("COLUMN"), false
	case next(0).is("DROP"):
		return true, !ticks && next(1).is("COLUMN")
	case next(0).is("SET"):
		return !next(1).is("PROPERTIES") && !next(1).is("AUTHORIZATION"), false
	case next(0).is("PARTITION"), next(0).is("REPLACE"), next(0).is("CHANGE"), next(0).is("UNSET"):
		return true, false
	}
	return ticks, false
}

func showsByHive(first, second token, ticks bool) (hive, shared bool) {
	switch {
	case first.is("PARTITIONS"), first.is("DATABASES"), first.is("VIEWS"), first.is("TBLPROPERTIES"):
		return true, false
	case first.is("CREATE"):
		return second.is("TABLE"), second.is("TABLE") && !ticks
	case first.is("TABLES"), first.is("COLUMNS"), first.is("SCHEMAS"):
		return true, !ticks
	}
	return false, false
}
