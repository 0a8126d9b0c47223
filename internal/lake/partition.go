package lake

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// newSpec partitions a table to be made.
func newSpec(fields []base.Field, by []base.PartitionField) (iceberg.PartitionSpec, error) {
	for _, p := range by {
		if k := findField(fields, p.Name()); p.Transform != "" && k >= 0 {
			return iceberg.PartitionSpec{}, base.Errorf(base.Invalid, "cannot partition by %s: the table has a column %q, which the partition field would be called", p, fields[k].Name).
				WithHint("name the column otherwise")
		}
	}
	return specOf(fields, by)
}

// specOf partitions by columns and transforms of them, in the given order.
func specOf(fields []base.Field, by []base.PartitionField) (iceberg.PartitionSpec, error) {
	var list []iceberg.PartitionField
	for i, p := range by {
		k := findField(fields, p.Column)
		if k < 0 {
			return iceberg.PartitionSpec{}, base.Errorf(base.Invalid, "partition column %q is not among the columns", p.Column)
		}
		tr, err := transformOf(p, fields[k])
		if err != nil {
			return iceberg.PartitionSpec{}, err
		}
		p.Column = fields[k].Name
		for j, o := range list {
			if o.SourceIDs[0] == fields[k].ID && (o.Name == avroName(p.Name()) || redundant(o.Transform, tr)) {
				return iceberg.PartitionSpec{}, base.Errorf(base.Invalid, "partition columns %q and %q divide the same column", by[j], p).
					WithHint("the finer one alone prunes as well")
			}
		}
		list = append(list, iceberg.PartitionField{SourceIDs: []int{fields[k].ID}, FieldID: 1000 + i, Name: avroName(p.Name()), Transform: tr})
	}
	if len(list) == 0 {
		return *iceberg.UnpartitionedSpec, nil
	}
	return iceberg.NewPartitionSpec(list...), nil
}

// redundant tells whether two transforms are both of time: Iceberg's own
// writers refuse them of one column, as they do fields of one name.
func redundant(a, b iceberg.Transform) bool {
	_, time := a.(iceberg.TimeTransform)
	_, too := b.(iceberg.TimeTransform)
	return time && too
}

// transformOf is p for Iceberg, if tables can be written so.
func transformOf(p base.PartitionField, f base.Field) (iceberg.Transform, error) {
	if p.Transform == "" {
		switch f.Type.ID {
		case base.String, base.Int, base.Long, base.Date, base.Boolean:
			return iceberg.IdentityTransform{}, nil
		}
		return nil, base.Errorf(base.Invalid, "cannot partition by column %q of type %s", p.Column, f.Type).
			WithHint("partition columns are string, int, bigint, date or boolean; of others take a transform, such as month or bucket")
	}
	t, err := icebergType(f.Type)
	if err != nil {
		return nil, err
	}
	var out iceberg.Transform
	switch p.Transform {
	case "year":
		out = iceberg.YearTransform{}
	case "month":
		out = iceberg.MonthTransform{}
	case "day":
		out = iceberg.DayTransform{}
	case "hour":
		out = iceberg.HourTransform{}
	case "bucket":
		out = iceberg.BucketTransform{NumBuckets: p.N}
	case "truncate":
		out = iceberg.TruncateTransform{Width: p.N}
	default:
		return nil, base.Errorf(base.Invalid, "unknown partition transform %q", p.Transform)
	}
	if !out.CanTransform(t) {
		return nil, base.Errorf(base.Invalid, "cannot partition by %s transform of column %q of type %s", p.Transform, f.Name, f.Type).WithCode("NOT_SUPPORTED")
	}
	return out, nil
}

// partitionedBy says how a table is partitioned. A transform that only other
// programs know is spelled as they do.
func partitionedBy(spec iceberg.PartitionSpec, schema *iceberg.Schema) []base.PartitionField {
	var out []base.PartitionField
	for _, f := range spec.Fields() {
		name, ok := schema.FindColumnName(f.SourceID())
		if !ok {
			name = f.Name
		}
		p := base.PartitionField{Column: name}
		switch t := f.Transform.(type) {
		case iceberg.IdentityTransform:
		case iceberg.VoidTransform: // a dropped partition column
			continue
		case iceberg.BucketTransform:
			p.Transform, p.N = "bucket", t.NumBuckets
		case iceberg.TruncateTransform:
			p.Transform, p.N = "truncate", t.Width
		default:
			p.Transform = t.String()
		}
		out = append(out, p)
	}
	return out
}

func partitionNames(spec iceberg.PartitionSpec, schema *iceberg.Schema) []string {
	var out []string
	for _, p := range partitionedBy(spec, schema) {
		out = append(out, p.String())
	}
	return out
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

// sourceName is a partition field's name without the spelling that Avro needs:
// for a column as it is the column's.
func sourceName(p iceberg.PartitionField, schema *iceberg.Schema) string {
	for _, f := range partitionedBy(iceberg.NewPartitionSpec(p), schema) {
		if f.Transform == "" || avroName(f.Name()) == p.Name {
			return f.Name()
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

// partitionText is a file's partition by what TableInfo.PartitionBy calls it.
func partitionText(spec iceberg.PartitionSpec, schema *iceberg.Schema, f iceberg.DataFile) map[string]*string {
	values := f.Partition()
	out := map[string]*string{}
	for _, p := range spec.Fields() {
		for _, name := range partitionNames(iceberg.NewPartitionSpec(p), schema) {
			out[name] = valueText(values[p.FieldID])
		}
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
		s = hex.EncodeToString(v)
	case iceberg.DecimalLiteral:
		s = iceberg.Decimal(v).String()
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
