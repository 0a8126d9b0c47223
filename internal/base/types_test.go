package base_test

import (
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func TestTypesComeBackFromTheirSpelling(t *testing.T) {
	for _, s := range []string{"boolean", "int", "bigint", "float", "double", "decimal(12,2)", "decimal(38,0)", "string", "binary", "date", "time", "timestamp",
		"timestamp with time zone", "uuid", "array<string>", "array<array<decimal(4,2)>>", "map<string,array<int>>", "struct<a:int,한글:struct<b:date>>",
		"map<bigint,struct<x:timestamp with time zone,y:array<double>>>"} {
		got, err := base.ParseType(s)
		if err != nil || got.String() != s {
			t.Errorf("%s: got %s, %v", s, got, err)
		}
		if again, err := base.ParseType(got.String()); err != nil || !again.Equal(got) {
			t.Errorf("%s: %s is not equal to itself", s, again)
		}
	}
}

func TestOtherSpellingsAreUnderstood(t *testing.T) {
	for s, want := range map[string]string{"VARCHAR(20)": "string", "char(3)": "string", " Integer ": "int", "smallint": "int", "tinyint": "int", "decimal": "decimal(10,0)",
		"numeric(5)": "decimal(5,0)", "DECIMAL( 12 , 2 )": "decimal(12,2)", "ARRAY< int >": "array<int>", "row<a:int>": "struct<a:int>", "timestamptz": "timestamp with time zone"} {
		if got, err := base.ParseType(s); err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v, want %s", s, got, err, want)
		}
	}
}

func TestWhatIsNoTypeIsRefused(t *testing.T) {
	for _, s := range []string{"", "frob", "array", "array<", "array<int", "array<int,int>", "map<int>", "struct<a>", "struct<a:>", "decimal(39,0)", "decimal(0)", "decimal(4,5)",
		"decimal(4,-1)", "decimal(4,2,1)", "decimal(x)", "int int", "int>", "decimal(4,2"} {
		if got, err := base.ParseType(s); err == nil {
			t.Errorf("%q: %s", s, got)
		} else if base.KindOf(err) != base.Invalid {
			t.Errorf("%q: kind %s", s, base.KindOf(err))
		}
	}
}

func TestEqualLooksAtNamesTypesAndOrder(t *testing.T) {
	a := base.StructOf(base.Field{ID: 1, Name: "a", Type: base.Type{ID: base.Int}, Comment: "x"}, base.Field{Name: "b", Type: base.Type{ID: base.Int}})
	b := base.StructOf(base.Field{ID: 9, Name: "a", Type: base.Type{ID: base.Int}}, base.Field{Name: "b", Type: base.Type{ID: base.Int}})
	c := base.StructOf(a.Fields[1], a.Fields[0])
	if !a.Equal(b) || a.Equal(c) || base.DecimalOf(4, 2).Equal(base.DecimalOf(4, 1)) || !base.ListOf(a).Equal(base.ListOf(b)) {
		t.Error("types compare wrongly")
	}
}
