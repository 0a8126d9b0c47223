package base

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// PartitionField is a column a table is partitioned by, or what one of
// Iceberg's transforms makes of it: Transform is year, month, day, hour, or
// bucket and truncate with their number N. Empty is the column itself.
type PartitionField struct {
	Column, Transform string
	N                 int
}

// String is Athena's spelling: "city", "month(ts)", "bucket(16, id)".
func (p PartitionField) String() string {
	switch {
	case p.Transform == "":
		return p.Column
	case p.N > 0:
		return fmt.Sprintf("%s(%d, %s)", p.Transform, p.N, p.Column)
	}
	return p.Transform + "(" + p.Column + ")"
}

// Name is what Iceberg's own writers call the field: "city", "ts_month",
// "id_bucket", "name_trunc".
func (p PartitionField) Name() string {
	switch p.Transform {
	case "":
		return p.Column
	case "truncate":
		return p.Column + "_trunc"
	}
	return p.Column + "_" + p.Transform
}

var (
	transformCall = regexp.MustCompile(`(?is)^\s*(year|month|day|hour|bucket|truncate)\s*\((.*)\)\s*$`)
	numberFirst   = regexp.MustCompile(`(?s)^\s*(\d+)\s*,(.*)$`)
	numberLast    = regexp.MustCompile(`(?s)^(.*),\s*(\d+)\s*$`)
)

// ParsePartitionField reads what String writes. A column may stand in double
// quotes, and before the number too, as Trino has it: "bucket(id, 16)". Text
// that is no call of a transform is a column's name.
func ParsePartitionField(s string) (PartitionField, error) {
	m := transformCall.FindStringSubmatch(s)
	if m == nil {
		return PartitionField{Column: unquoted(s)}, nil
	}
	p := PartitionField{Transform: strings.ToLower(m[1])}
	column, number := m[2], ""
	if p.Transform == "bucket" || p.Transform == "truncate" {
		if first := numberFirst.FindStringSubmatch(column); first != nil {
			number, column = first[1], first[2]
		} else if last := numberLast.FindStringSubmatch(column); last != nil {
			column, number = last[1], last[2]
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n <= 0 {
			return p, Errorf(Invalid, "partition transform %q lacks its number", strings.TrimSpace(s)).WithHint("write %s(16, column)", p.Transform)
		}
		p.N = int(n)
	}
	if p.Column = unquoted(column); p.Column == "" {
		return p, Errorf(Invalid, "partition transform %q names no column", strings.TrimSpace(s))
	}
	return p, nil
}

// ParsePartitionBy reads the fields of a table with these columns: a text that
// is a column's name is that column, whatever it looks like.
func ParsePartitionBy(list []string, columns []Field) ([]PartitionField, error) {
	out := make([]PartitionField, len(list))
	for i, s := range list {
		out[i] = PartitionField{Column: s}
		plain := false
		for _, f := range columns {
			plain = plain || strings.EqualFold(f.Name, s)
		}
		if plain {
			continue
		}
		var err error
		if out[i], err = ParsePartitionField(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
