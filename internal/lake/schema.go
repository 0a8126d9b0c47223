package lake

import (
	"fmt"
	"strings"

	"github.com/apache/iceberg-go"

	"github.com/mulgil/mulgil/internal/base"
)

// SchemaOf is the Iceberg schema of fields, all of which have ids.
func SchemaOf(fields []base.Field) (*iceberg.Schema, error) {
	list, err := nestedFields(fields)
	if err != nil {
		return nil, err
	}
	return iceberg.NewSchema(0, list...), nil
}

// FieldsOf is the inverse of SchemaOf.
func FieldsOf(s *iceberg.Schema) ([]base.Field, error) { return baseFields(s.Fields()) }

func nestedFields(fields []base.Field) ([]iceberg.NestedField, error) {
	out := make([]iceberg.NestedField, len(fields))
	for i, f := range fields {
		t, err := icebergType(f.Type)
		if err != nil {
			return nil, base.Errorf(base.Invalid, "column %q: %w", f.Name, err)
		}
		out[i] = iceberg.NestedField{ID: f.ID, Name: f.Name, Type: t, Required: f.Required, Doc: f.Comment}
	}
	return out, nil
}

func icebergType(t base.Type) (iceberg.Type, error) {
	if p, ok := primitive(t); ok {
		return p, nil
	}
	fields, err := nestedFields(t.Fields)
	if err != nil {
		return nil, err
	}
	switch {
	case t.ID == base.List && len(fields) == 1:
		return &iceberg.ListType{ElementID: fields[0].ID, Element: fields[0].Type, ElementRequired: fields[0].Required}, nil
	case t.ID == base.Map && len(fields) == 2:
		return &iceberg.MapType{KeyID: fields[0].ID, KeyType: fields[0].Type, ValueID: fields[1].ID, ValueType: fields[1].Type, ValueRequired: fields[1].Required}, nil
	case t.ID == base.Struct && len(fields) > 0:
		return &iceberg.StructType{FieldList: fields}, nil
	}
	return nil, fmt.Errorf("type %q cannot be stored", t.ID)
}

func primitive(t base.Type) (iceberg.Type, bool) {
	p := iceberg.PrimitiveTypes
	switch t.ID {
	case base.Boolean:
		return p.Bool, true
	case base.Int:
		return p.Int32, true
	case base.Long:
		return p.Int64, true
	case base.Float:
		return p.Float32, true
	case base.Double:
		return p.Float64, true
	case base.Decimal:
		return iceberg.DecimalTypeOf(t.Precision, t.Scale), t.Precision >= 1 && t.Precision <= 38 && t.Scale <= t.Precision
	case base.String:
		return p.String, true
	case base.Binary:
		return p.Binary, true
	case base.Date:
		return p.Date, true
	case base.Time:
		return p.Time, true
	case base.Timestamp:
		return p.Timestamp, true
	case base.TimestampTZ:
		return p.TimestampTz, true
	case base.UUID:
		return p.UUID, true
	}
	return nil, false
}

func baseFields(list []iceberg.NestedField) ([]base.Field, error) {
	out := make([]base.Field, len(list))
	for i, f := range list {
		t, err := baseType(f.Type)
		if err == nil && f.InitialDefault != nil {
			err = fmt.Errorf("defaults of Iceberg format 3 are not supported")
		}
		if err != nil {
			return nil, base.Errorf(base.Invalid, "column %q: %w", f.Name, err)
		}
		out[i] = base.Field{ID: f.ID, Name: f.Name, Type: t, Required: f.Required, Comment: f.Doc}
	}
	return out, nil
}

func baseType(t iceberg.Type) (base.Type, error) {
	switch t := t.(type) {
	case iceberg.DecimalType:
		return base.DecimalOf(t.Precision(), t.Scale()), nil
	case iceberg.FixedType:
		return base.Type{ID: base.Binary}, nil
	case *iceberg.ListType:
		l, err := baseFields([]iceberg.NestedField{{ID: t.ElementID, Name: "element", Type: t.Element, Required: t.ElementRequired}})
		return base.Type{ID: base.List, Fields: l}, err
	case *iceberg.MapType:
		l, err := baseFields([]iceberg.NestedField{
			{ID: t.KeyID, Name: "key", Type: t.KeyType, Required: true},
			{ID: t.ValueID, Name: "value", Type: t.ValueType, Required: t.ValueRequired}})
		return base.Type{ID: base.Map, Fields: l}, err
	case *iceberg.StructType:
		l, err := baseFields(t.FieldList)
		return base.Type{ID: base.Struct, Fields: l}, err
	}
	id := base.TypeID(t.String()) // the simple types have Iceberg's own names
	if _, ok := primitive(base.Type{ID: id}); !ok {
		return base.Type{}, fmt.Errorf("type %s is not supported", t)
	}
	return base.Type{ID: id}, nil
}

// assignIDs gives every field without an id the next one, a struct's members
// before what lies inside them, as Iceberg's own writers do.
func assignIDs(fields []base.Field, last *int) {
	for i := range fields {
		if fields[i].ID == 0 {
			*last++
			fields[i].ID = *last
		}
	}
	for i := range fields {
		assignIDs(fields[i].Type.Fields, last)
	}
}

// cloneFields copies fields deeply, without ids if bare is set.
func cloneFields(fields []base.Field, bare bool) []base.Field {
	if fields == nil {
		return nil
	}
	out := make([]base.Field, len(fields))
	for i, f := range fields {
		f.Type.Fields = cloneFields(f.Type.Fields, bare)
		if bare {
			f.ID = 0
		}
		out[i] = f
	}
	return out
}

// findField looks a column up by its exact name, else by the only one that
// differs in case; -1 if there is none.
func findField(fields []base.Field, name string) int {
	loose := -1
	for i, f := range fields {
		if f.Name == name {
			return i
		}
		if strings.EqualFold(f.Name, name) {
			if loose >= 0 {
				return -1
			}
			loose = i
		}
	}
	return loose
}

func checkNames(fields []base.Field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		if f.Name == "" {
			return base.Errorf(base.Invalid, "a column has no name").WithHint("give it one with AS")
		}
		if seen[strings.ToLower(f.Name)] {
			return base.Errorf(base.Invalid, "column %q appears twice", f.Name).WithHint("rename one of them with AS")
		}
		seen[strings.ToLower(f.Name)] = true
	}
	return nil
}
