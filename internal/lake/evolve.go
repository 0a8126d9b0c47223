package lake

import (
	"fmt"

	"github.com/mulgil/mulgil/internal/base"
)

// evolve is the schema of a table once rows described as described were
// written to it: columns keep their ids and places, new ones are appended (with
// ids above last), types are widened where no value can change. Anything else
// is an error that names the column.
func evolve(have, described []base.Field, last int) (fields []base.Field, newLast int, err error) {
	if err := checkNames(described); err != nil {
		return nil, 0, err
	}
	for _, f := range have {
		if f.Required && findField(described, f.Name) < 0 {
			return nil, 0, base.Errorf(base.Invalid, "required column %q is missing from the rows to be written", f.Name)
		}
	}
	out, err := mergeFields("", cloneFields(have, false), described)
	if err != nil {
		return nil, 0, err
	}
	assignIDs(out, &last)
	return out, last, nil
}

// mergeFields changes have in place.
func mergeFields(path string, have, described []base.Field) ([]base.Field, error) {
	fresh := len(have) == 0 // a new table's columns may be required, a later one's not
	for _, d := range described {
		i := findField(have, d.Name)
		if i < 0 {
			f := cloneFields([]base.Field{d}, true)[0]
			f.Required = fresh && f.Required
			have = append(have, f)
			continue
		}
		t, err := mergeType(path+have[i].Name, have[i].Type, d.Type)
		if err != nil {
			return nil, err
		}
		have[i].Type = t
		if d.Comment != "" {
			have[i].Comment = d.Comment
		}
	}
	return have, nil
}

// mergeType is the type that holds every value of have and of new, written
// under the same field id.
func mergeType(path string, have, new base.Type) (base.Type, error) {
	refuse := func() (base.Type, error) {
		return have, base.Errorf(base.Invalid, "column %q is %s in the table, the rows have %s", path, have, new).
			WithHint("cast it to %s, or write to a new table", have)
	}
	if have.ID == new.ID {
		switch have.ID {
		case base.Decimal:
			return mergeDecimal(have, new, refuse)
		case base.Struct:
			f, err := mergeFields(path+".", have.Fields, new.Fields)
			have.Fields = f
			return have, err
		case base.List, base.Map:
			return mergeElements(path, have, new, refuse)
		}
		return have, nil
	}
	switch [2]base.TypeID{have.ID, new.ID} {
	case [2]base.TypeID{base.Int, base.Long}, [2]base.TypeID{base.Float, base.Double}:
		return new, nil
	case [2]base.TypeID{base.Long, base.Int}, [2]base.TypeID{base.Double, base.Float}, [2]base.TypeID{base.Double, base.Int}:
		return have, nil // every value of the rows fits
	case [2]base.TypeID{base.Decimal, base.Int}:
		if have.Precision-have.Scale >= 10 {
			return have, nil
		}
	case [2]base.TypeID{base.Decimal, base.Long}:
		if have.Precision-have.Scale >= 19 {
			return have, nil
		}
	}
	return refuse()
}

func mergeDecimal(have, new base.Type, refuse func() (base.Type, error)) (base.Type, error) {
	if have.Scale < new.Scale {
		return refuse()
	}
	digits := max(have.Precision-have.Scale, new.Precision-new.Scale)
	if digits+have.Scale > 38 {
		return refuse()
	}
	have.Precision = digits + have.Scale
	return have, nil
}

func mergeElements(path string, have, new base.Type, refuse func() (base.Type, error)) (base.Type, error) {
	if len(have.Fields) != len(new.Fields) {
		return refuse()
	}
	for i := range have.Fields {
		if have.ID == base.Map && i == 0 && !have.Fields[0].Type.Equal(new.Fields[0].Type) {
			return refuse()
		}
		t, err := mergeType(fmt.Sprintf("%s.%s", path, have.Fields[i].Name), have.Fields[i].Type, new.Fields[i].Type)
		if err != nil {
			return have, err
		}
		have.Fields[i].Type = t
	}
	return have, nil
}

// sameSchema tells whether two schemas are alike in everything, ids and
// comments included.
func sameSchema(a, b []base.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.ID != y.ID || x.Name != y.Name || x.Required != y.Required || x.Comment != y.Comment ||
			x.Type.ID != y.Type.ID || x.Type.Precision != y.Type.Precision || x.Type.Scale != y.Type.Scale ||
			!sameSchema(x.Type.Fields, y.Type.Fields) {
			return false
		}
	}
	return true
}
