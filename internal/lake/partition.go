package lake

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// specOf partitions by columns as they are, in the given order.
func specOf(fields []base.Field, by []string) (iceberg.PartitionSpec, error) {
	var list []iceberg.PartitionField
	seen := map[int]bool{}
	for i, name := range by {
		k := findField(fields, name)
		if k < 0 {
			return iceberg.PartitionSpec{}, base.Errorf(base.Invalid, "partition column %q is not among the columns", name)
		}
		f := fields[k]
		switch f.Type.ID {
		case base.String, base.Int, base.Long, base.Date, base.Boolean:
		default:
			return iceberg.PartitionSpec{}, base.Errorf(base.Invalid, "cannot partition by column %q of type %s", name, f.Type).
				WithHint("partition columns are string, int, bigint, date or boolean")
		}
		if seen[f.ID] {
			return iceberg.PartitionSpec{}, base.Errorf(base.Invalid, "partition column %q is named twice", name)
		}
		seen[f.ID] = true
		list = append(list, iceberg.PartitionField{SourceIDs: []int{f.ID}, FieldID: 1000 + i, Name: avroName(f.Name), Transform: iceberg.IdentityTransform{}})
	}
	if len(list) == 0 {
		return *iceberg.UnpartitionedSpec, nil
	}
	return iceberg.NewPartitionSpec(list...), nil
}

// avroName is a column's name as a partition field: those names become names
// in Avro files, which allow ASCII letters, digits and _ only. Iceberg's other
// writers replace characters in the same way.
func avroName(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '0' && r <= '9':
			b.WriteString("_" + string(r))
		default:
			fmt.Fprintf(&b, "_x%X", r)
		}
	}
	return b.String()
}

// sourceName is the column a partition field is made from.
func sourceName(p iceberg.PartitionField, schema *iceberg.Schema) string {
	if _, same := p.Transform.(iceberg.IdentityTransform); same {
		if name, ok := schema.FindColumnName(p.SourceID()); ok {
			return name
		}
	}
	return p.Name
}

// tuple is a file's partition as a key: equal for equal partitions of one spec
// however the values were stored.
func tuple(spec iceberg.PartitionSpec, f iceberg.DataFile) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", f.SpecID())
	values := f.Partition()
	for _, p := range spec.Fields() {
		if s := valueText(values[p.FieldID]); s != nil {
			b.WriteString("|" + strconv.Quote(*s))
		} else {
			b.WriteString("|NULL")
		}
	}
	return b.String()
}

func partitionText(spec iceberg.PartitionSpec, schema *iceberg.Schema, f iceberg.DataFile) map[string]*string {
	values := f.Partition()
	out := map[string]*string{}
	for _, p := range spec.Fields() {
		out[sourceName(p, schema)] = valueText(values[p.FieldID])
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// specsOf are all partition specs a table's files may have, by id.
func specsOf(t *table.Table) map[int]iceberg.PartitionSpec {
	out := map[int]iceberg.PartitionSpec{}
	for _, s := range t.Metadata().PartitionSpecs() {
		out[s.ID()] = s
	}
	return out
}

// textValues is what a file's partition says of text columns, by column.
func textValues(spec iceberg.PartitionSpec, schema *iceberg.Schema, f iceberg.DataFile) map[string]*string {
	out := map[string]*string{}
	for _, p := range spec.Fields() {
		col, ok := schema.FindFieldByID(p.SourceID())
		_, same := p.Transform.(iceberg.IdentityTransform)
		if ok && same && col.Type.Equals(iceberg.PrimitiveTypes.String) {
			out[col.Name] = valueText(f.Partition()[p.FieldID])
		}
	}
	return out
}

// valueText is a partition value as SQL would print it; nil is NULL.
func valueText(v any) *string {
	var s string
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		s = v
	case []byte:
		s = string(v)
	case iceberg.Date:
		s = time.Unix(int64(v)*86400, 0).UTC().Format(time.DateOnly)
	case time.Time:
		s = v.UTC().Format(time.DateOnly)
	default:
		s = fmt.Sprint(v)
	}
	return &s
}

// hiveNull is how a folder name says NULL.
const hiveNull = "__HIVE_DEFAULT_PARTITION__"

// hiveDir is the folder of a file's partition in a Hive-shaped tree:
// "affiliate=A/purchase_year=2014"; "" for an unpartitioned file.
func hiveDir(spec iceberg.PartitionSpec, schema *iceberg.Schema, f iceberg.DataFile) (string, error) {
	values := f.Partition()
	var parts []string
	for _, p := range spec.Fields() {
		text, name := valueText(values[p.FieldID]), sourceName(p, schema)
		value := hiveNull
		if text != nil {
			value = hiveEscape(*text)
		}
		if text != nil && (value == "" || value == hiveNull) {
			return "", base.Errorf(base.Invalid, "partition %s = %q cannot be told from NULL in a folder name", name, *text)
		}
		part := hiveEscape(name) + "=" + value
		if len(part) > 255 {
			return "", base.Errorf(base.Invalid, "partition %s = %q is too long for a folder name", name, *text)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/"), nil
}

// hiveEscape writes the characters that Hive keeps out of folder names as %XX.
func hiveEscape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c < 0x20 || c == 0x7f || strings.IndexByte(`"#%'*/:=?\{[]^`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
