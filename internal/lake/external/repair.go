package external

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// Repaired is what MSCK REPAIR TABLE found.
type Repaired struct {
	// Added are the partitions that were new, in order.
	Added []Partition
	// Missing are partitions whose folder is gone. They are kept, as Athena does.
	Missing []Partition
	// Skipped tells of folders that are no partition, and why.
	Skipped []string
	table   Table
}

// maxSkipped bounds what Skipped tells.
const maxSkipped = 100

// Lines are the report in Hive's words.
func (r Repaired) Lines() []string {
	name := func(p Partition) string { return r.table.Name + ":" + ShownPartition(r.table, p.Values) }
	var out []string
	list := func(title string, parts []Partition) {
		if len(parts) == 0 {
			return
		}
		line := title
		for _, p := range parts {
			line += "\t" + name(p)
		}
		out = append(out, line)
	}
	list("Partitions not in metastore:", r.Added)
	list("Partitions missing from filesystem:", r.Missing)
	for _, p := range r.Added {
		out = append(out, "Repair: Added partition to metastore "+name(p))
	}
	return out
}

// ShownPartition is a partition as SHOW PARTITIONS prints it: "year=2023/month=08",
// values as stored, encoded as in folder names.
func ShownPartition(t Table, values []string) string { return PartitionName(t, values, EscapeValue) }

// Repair adds the partitions that lie below the table's folder and are not in
// the catalog. resolve maps an address to a local folder. Partitions are folders
// key=value, one below the other in the order of the keys; others are skipped
// and told. Nothing is removed.
func (s *Store) Repair(ctx context.Context, db, name string, resolve func(string) (string, error)) (Repaired, error) {
	t, err := s.Get(ctx, db, name)
	if err != nil {
		return Repaired{}, err
	}
	r := Repaired{table: t}
	if len(t.PartitionKeys) == 0 {
		return r, base.Errorf(base.Invalid, "table %s.%s is not partitioned", t.Database, t.Name).WithCode("NOT_SUPPORTED")
	}
	root, err := resolve(t.Location)
	if err != nil {
		return r, fmt.Errorf("repair %s.%s: %w", t.Database, t.Name, err)
	}
	have, err := s.Partitions(ctx, t.Database, t.Name)
	if err != nil {
		return r, err
	}
	f := finder{t: t, r: &r, known: map[string]bool{}}
	for _, p := range have {
		f.known[encode(p.Values)] = true
	}
	if err := f.walk(ctx, root, strings.TrimRight(t.Location, "/")+"/", nil); err != nil {
		return r, fmt.Errorf("repair %s.%s: %w", t.Database, t.Name, err)
	}
	for _, p := range have {
		dir, err := resolve(p.Location)
		if err != nil {
			continue // an address of elsewhere cannot be looked at
		}
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			r.Missing = append(r.Missing, p)
		}
	}
	slices.SortFunc(r.Added, func(a, b Partition) int { return ComparePartitions(t, a, b) })
	slices.SortFunc(r.Missing, func(a, b Partition) int { return ComparePartitions(t, a, b) })
	_, err = s.AddPartitions(ctx, t.Database, t.Name, r.Added)
	return r, err
}

// ComparePartitions orders partitions as SHOW PARTITIONS lists them: by their
// text.
func ComparePartitions(t Table, a, b Partition) int {
	return strings.Compare(ShownPartition(t, a.Values), ShownPartition(t, b.Values))
}

// finder walks a table's folder.
type finder struct {
	t     Table
	r     *Repaired
	known map[string]bool
}

func (f *finder) skip(where, format string, args ...any) {
	if len(f.r.Skipped) < maxSkipped {
		f.r.Skipped = append(f.r.Skipped, where+": "+fmt.Sprintf(format, args...))
	}
}

func (f *finder) walk(ctx context.Context, dir, location string, values []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list %s: %w", location, err)
	}
	key := f.t.PartitionKeys[len(values)]
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || name[0] == '_' || name[0] == '.' {
			continue
		}
		v, ok := f.value(key, name, location)
		if !ok {
			continue
		}
		all := append(values[:len(values):len(values)], v)
		at := under(location, name)
		if len(all) < len(f.t.PartitionKeys) {
			if err := f.walk(ctx, filepath.Join(dir, name), at, all); err != nil {
				return err
			}
			continue
		}
		f.found(Partition{Values: all, Location: at})
	}
	return nil
}

func (f *finder) found(p Partition) {
	k := encode(p.Values)
	if f.known[k] {
		return
	}
	f.known[k] = true
	f.r.Added = append(f.r.Added, p)
}

// value reads a folder's name as key=value.
func (f *finder) value(key base.Field, name, location string) (string, bool) {
	k, v, ok := strings.Cut(name, "=")
	k = UnescapeValue(k)
	switch {
	case !utf8.ValidString(name):
		f.skip(location+strconv.Quote(name), "the name is not UTF-8")
	case !ok:
		f.skip(location+name, "the name is not %s=value", key.Name)
	case k != key.Name && strings.EqualFold(k, key.Name):
		f.skip(location+name, "the key is written %s, the table has %s", k, key.Name)
	case k != key.Name:
		f.skip(location+name, "the key is %s, here it should be %s", k, key.Name)
	default:
		v = UnescapeValue(v)
		if err := CheckPartitionValue(key, f.t.ColumnType(key), v); err != nil {
			f.skip(location+name, "%v", err)
			return "", false
		}
		return v, true
	}
	return "", false
}

// CheckPartitionValue tells whether text can be read as a value of a partition
// key with the declared type: month=abc of an int cannot.
func CheckPartitionValue(key base.Field, declared, v string) error {
	if v == NullPartition {
		return nil
	}
	ok := true
	switch key.Type.ID {
	case base.Int, base.Long:
		bits := map[string]int{"tinyint": 8, "smallint": 16, "int": 32}[declared]
		if bits == 0 {
			bits = 64
		}
		_, err := strconv.ParseInt(v, 10, bits)
		ok = err == nil
	case base.Float, base.Double:
		_, err := strconv.ParseFloat(v, 64)
		ok = err == nil
	case base.Decimal:
		ok = plainNumber(v) == v && decimalFits(v, key.Type)
	case base.Boolean:
		ok = strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	case base.Date, base.Timestamp:
		_, err := parseTime(v)
		ok = err == nil
	}
	if !ok {
		return base.Errorf(base.Invalid, "invalid partition value %q for %s partition key: %s", v, strings.ToUpper(declared), key.Name).WithCode("HIVE_INVALID_PARTITION_VALUE")
	}
	return CheckValue(key.Name, v, 1)
}

// decimalFits tells whether v is a number with at most the type's digits.
func decimalFits(v string, t base.Type) bool {
	whole, frac, _ := strings.Cut(strings.TrimLeft(v, "+-"), ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	return len(strings.TrimLeft(whole, "0")) <= t.Precision-t.Scale && len(strings.TrimRight(frac, "0")) <= t.Scale
}
