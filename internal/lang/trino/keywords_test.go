package trino

import (
	"strings"
	"testing"
)

func TestEveryWordHasItsConstant(t *testing.T) {
	if got, want := int(kZone-firstWord)+1, len(words); got != want {
		t.Fatalf("%d constants for %d words", got, want)
	}
	for k, want := range map[kind]string{
		kAlter: "ALTER", kCurrentUser: "CURRENT_USER", kGrouping: "GROUPING", kJSONTable: "JSON_TABLE", kLocaltimestamp: "LOCALTIMESTAMP",
		kSelect: "SELECT", kUescape: "UESCAPE", kWith: "WITH", kAll: "ALL", kMatchRecognize: "MATCH_RECOGNIZE", kRow: "ROW", kTryCast: "TRY_CAST", kZone: "ZONE",
	} {
		if words[k-firstWord] != want || lookup(strings.ToLower(want)) != k {
			t.Errorf("%s is %s", want, words[k-firstWord])
		}
	}
	if lookup("customer_no") != tIdent || lookup("current_timestamp") != kCurrentTimestamp {
		t.Error("a word is taken for another")
	}
}

// Every word that is not reserved is a name wherever a name may stand, and no reserved word is.
func TestOnlyReservedWordsAreNoNames(t *testing.T) {
	for _, w := range Keywords() {
		w = strings.ToLower(w)
		for _, sql := range []string{
			"SELECT " + w + " FROM t", "SELECT a AS " + w + " FROM t", "SELECT a " + w + " FROM t", "SELECT a " + w,
			"SELECT " + w + "." + w + ", x FROM " + w, "SELECT 1 FROM " + w + "." + w + " AS " + w + "(" + w + ")",
			"SELECT 1 FROM t " + w + " WHERE " + w + " = 1", "SELECT 1 FROM t JOIN u " + w + " USING (" + w + ")",
			"WITH " + w + "(" + w + ") AS (SELECT 1) SELECT " + w + " + 1, (" + w + ") FROM " + w + " ORDER BY " + w + " DESC",
			"SELECT x, " + w + " FROM t GROUP BY " + w + " HAVING " + w + " > 1 LIMIT 3",
			"SELECT sum(x) OVER (PARTITION BY " + w + " ORDER BY " + w + ") FROM t",
			"SELECT transform(a, " + w + " -> " + w + " + 1), filter(a, (" + w + ") -> " + w + "), -" + w + ", " + w + "[1] FROM t",
			"SELECT CAST(NULL AS row(" + w + " bigint)), CASE " + w + " WHEN " + w + " THEN " + w + " ELSE " + w + " END FROM t",
			"CREATE TABLE " + w + " (" + w + " integer, x date)", "INSERT INTO " + w + " (" + w + ") SELECT 1",
			"UPDATE " + w + " SET " + w + " = " + w + " WHERE " + w + " IS NULL", "EXECUTE " + w,
			"MERGE INTO t " + w + " USING u ON true WHEN MATCHED THEN UPDATE SET " + w + " = u." + w,
			"SELECT a." + w + ", (a." + w + ").b FROM t a", `SELECT "` + w + `"."` + strings.ToUpper(w) + `" FROM "` + w + `"`,
		} {
			_, err := Parse(sql)
			quoted := strings.Contains(sql, `"`)
			if Reserved(w) && standsAlone(w) && err == nil {
				continue // a value of its own, such as NULL and CURRENT_DATE
			}
			if ok := err == nil; ok != (quoted || !Reserved(w)) {
				t.Errorf("%s (reserved: %v): %v", sql, Reserved(w), err)
			}
		}
	}
}

func standsAlone(w string) bool {
	switch x, err := ParseExpr(w); x.(type) {
	case *NullLit, *BoolLit, *Call:
		return err == nil
	}
	return false
}
