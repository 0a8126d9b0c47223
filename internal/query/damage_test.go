package query_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

// readers are statements that read a table through every way Athena has.
var readers = []string{
	"SELECT max(s), sum(id) FROM %", "SELECT * FROM %", "SELECT a.id FROM % a JOIN % b ON a.s = b.s", "EXPLAIN ANALYZE SELECT max(s) FROM %",
	"CREATE TABLE copied WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/copied/') AS SELECT * FROM %",
	"INSERT INTO target SELECT * FROM %", "UNLOAD (SELECT * FROM %) TO 's3://lake/unloaded/' WITH (format = 'JSON')", "CREATE TABLE hive WITH (external_location = 's3://lake/hive/') AS SELECT id, s FROM %",
}

// TestDamagedFileOfATableIsNamed damages the one file of a table in every way,
// and reads it by every kind of statement: the error has the file's place in
// the lake and Trino's name, nothing is left of what was to be written, and the
// workers go on.
func TestDamagedFileOfATableIsNamed(t *testing.T) {
	b := newSQL(t)
	const rows = " AS SELECT x AS id, CAST(x AS varchar) || 'abc' AS s FROM unnest(sequence(1, 10000)) t(x)"
	b.do("CREATE TABLE target WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/target/')" + rows + " WITH NO DATA")
	b.do("CREATE TABLE iceberg WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/iceberg/')" + rows)
	for _, format := range []string{"PARQUET", "JSON", "TEXTFILE"} {
		b.do("CREATE TABLE " + format + " WITH (format = '" + format + "', external_location = 's3://lake/" + format + "/')" + rows)
	}
	for _, table := range []string{"iceberg", "PARQUET", "JSON", "TEXTFILE"} {
		files, dir := b.filesBelow("lake/"+table), ""
		if table == "iceberg" {
			files = b.filesBelow("lake/iceberg/data")
			dir = b.dir + "/"
		} else {
			dir = "s3://"
		}
		if len(files) != 1 {
			t.Fatalf("%s: %q", table, files)
		}
		path, name := filepath.Join(b.dir, files[0]), dir+files[0]
		good, err := os.ReadFile(path)
		b.ok(err)
		middle := bytes.Clone(good)
		for i := 40; i < len(good)*3/4; i++ {
			middle[i] = 0xff
		}
		footer := bytes.Clone(good)
		for i := len(good) - 200; i < len(good)-8; i++ {
			footer[i] = 0xee
		}
		kinds := [][]byte{good[:len(good)/2], make([]byte, len(good)), middle}
		if strings.HasSuffix(path, ".parquet") {
			kinds = append(kinds, footer)
		}
		for i, bad := range kinds {
			b.ok(os.WriteFile(path, bad, 0o600))
			code := "HIVE_BAD_DATA"
			if table == "iceberg" {
				code = "ICEBERG_BAD_DATA"
			}
			list := readers
			if i > 0 { // it breaks at the same place
				list = readers[:1]
			}
			for _, sql := range list {
				b.fails(code, strings.ReplaceAll(sql, "%", table), name)
			}
		}
		b.ok(os.WriteFile(path, good, 0o600))
		b.gives("SELECT count(*), max(id) FROM "+table, "10000 10000")
		if table == "iceberg" { // the catalog names its files; others' are found by listing
			b.ok(os.Rename(path, path+".away"))
			for _, sql := range readers {
				b.fails("ICEBERG_CANNOT_OPEN_SPLIT", strings.ReplaceAll(sql, "%", table), name, "no such file")
			}
			b.ok(os.Rename(path+".away", path))
			b.gives("SELECT count(*) FROM iceberg", "10000")
		}
	}
	for _, dir := range []string{"lake/copied", "lake/unloaded", "lake/hive", "lake/target/data", "tmp"} {
		if left := b.filesBelow(dir); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
	b.gives("SELECT count(*) FROM target", "0")
	b.fails("TABLE_NOT_FOUND", "SELECT * FROM copied")
}

// TestMistakeDoesNotAccuseAFile: an error of the statement itself is told at
// once, without reading the table again to look for damage.
func TestMistakeDoesNotAccuseAFile(t *testing.T) {
	b := newSQL(t)
	b.write("v/.keep", "")
	b.engine("COPY (SELECT range AS id, 'x' || range AS s FROM range(100)) TO 'LAKE/v/a.parquet'")
	b.do("CREATE EXTERNAL TABLE v (id bigint, s string) STORED AS PARQUET LOCATION 's3://lake/v/'")
	for sql, code := range map[string]string{
		"SELECT CAST(s AS integer) FROM v": "INVALID_CAST_ARGUMENT", "SELECT 1 / (id - id) FROM v": "DIVISION_BY_ZERO", "SELECT date_parse(s, '%Y') FROM v": "INVALID_FUNCTION_ARGUMENT",
	} {
		_, _, err := b.ask(sql)
		if base.CodeOf(err) != code || strings.Contains(err.Error(), "a.parquet") {
			t.Errorf("%s: %s %v", sql, base.CodeOf(err), err)
		}
	}
}
