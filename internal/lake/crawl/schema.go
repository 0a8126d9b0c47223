package crawl

import (
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// similarEnough is the share of columns two folders must have in common to be
// parts of one table.
const similarEnough = 0.7

// widen returns the smallest type that holds both without loss; ok is false if
// there is none, and then it is a conflict.
func widen(a, b base.Type) (base.Type, bool) {
	switch {
	case a.Equal(b):
		return a, true
	case pair(a, b, base.Int, base.Long):
		return base.Type{ID: base.Long}, true
	case pair(a, b, base.Float, base.Double):
		return base.Type{ID: base.Double}, true
	case a.ID != b.ID:
		return a, false
	case a.ID == base.Decimal && a.Scale == b.Scale:
		return base.DecimalOf(max(a.Precision, b.Precision), a.Scale), true
	case a.ID == base.List || a.ID == base.Map:
		return widenParts(a, b)
	case a.ID == base.Struct:
		return widenStruct(a, b)
	}
	return a, false
}

func pair(a, b base.Type, x, y base.TypeID) bool {
	return a.ID == x && b.ID == y || a.ID == y && b.ID == x
}

func widenParts(a, b base.Type) (base.Type, bool) {
	out := base.Type{ID: a.ID, Fields: append([]base.Field{}, a.Fields...)}
	for i := range out.Fields {
		t, ok := widen(a.Fields[i].Type, b.Fields[i].Type)
		if !ok {
			return a, false
		}
		out.Fields[i].Type = t
	}
	return out, true
}

// widenStruct keeps a's members and adds b's.
func widenStruct(a, b base.Type) (base.Type, bool) {
	out := base.Type{ID: base.Struct, Fields: append([]base.Field{}, a.Fields...)}
	for _, f := range b.Fields {
		i := fieldIndex(out.Fields, f.Name)
		if i < 0 {
			out.Fields = append(out.Fields, f)
			continue
		}
		t, ok := widen(out.Fields[i].Type, f.Type)
		if !ok {
			return a, false
		}
		out.Fields[i].Type = t
	}
	return out, true
}

func fieldIndex(fields []base.Field, name string) int {
	for i, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return i
		}
	}
	return -1
}

// merge adds b's columns to a: new ones at the end, types widened, conflicts
// noted and a's type kept. where names b in the notes.
func merge(format string, a, b []base.Field, where string, n *notes) []base.Field {
	out := append([]base.Field{}, a...)
	for _, f := range b {
		i := fieldIndex(out, f.Name)
		if i < 0 {
			out = append(out, f)
			continue
		}
		t, ok := joined(format, out[i].Type, f.Type)
		switch {
		case !ok:
			n.add("WARN %s: column %s is %s, elsewhere %s; kept %s", where, f.Name, external.HiveType(f.Type), external.HiveType(t), external.HiveType(t))
		case !t.Equal(out[i].Type) || !t.Equal(f.Type):
			if !t.Equal(out[i].Type) && !nothingYet(out[i].Type) {
				n.add("INFO %s: column %s is %s, elsewhere %s; %s holds both", where, f.Name, external.HiveType(f.Type), external.HiveType(out[i].Type), external.HiveType(t))
			}
			out[i].Type = t
		}
	}
	return out
}

// similar tells whether two schemas look like one table's.
func similar(format string, a, b []base.Field) bool {
	shared := 0
	for _, f := range b {
		if i := fieldIndex(a, f.Name); i >= 0 {
			t, ok := joined(format, a[i].Type, f.Type)
			if ok && (t.ID == a[i].Type.ID || t.ID == f.Type.ID || t.ID != base.String) {
				shared++
			}
		}
	}
	return float64(shared) >= similarEnough*float64(max(len(a), len(b)))
}

// lowered makes column names lower case, as the catalog keeps them; of names
// that differ in case only the first is kept.
func lowered(fields []base.Field, where string, n *notes) []base.Field {
	var out []base.Field
	for _, f := range fields {
		if fieldIndex(out, f.Name) >= 0 {
			n.add("WARN %s: column %q appears twice but for case; the first is kept", where, f.Name)
			continue
		}
		f.Name = strings.ToLower(f.Name)
		out = append(out, f)
	}
	return out
}
