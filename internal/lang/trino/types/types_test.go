package types

import "testing"

func TestTypesAreReadAndPrintedAsTrinoSpellsThem(t *testing.T) {
	for in, want := range map[string]string{
		"BIGINT": "bigint", "decimal(12, 1)": "decimal(12,1)", "varchar": "varchar", "varchar(3)": "varchar(3)", "char": "char(1)",
		"timestamp": "timestamp(3)", "timestamp(6) with time zone": "timestamp(6) with time zone", "time": "time(3)", "double precision": "double",
		"array<map<varchar,int>>": "array(map(varchar, integer))", "row(x integer, y varchar)": "row(x integer, y varchar)",
		"row(integer, varchar(1))": "row(integer, varchar(1))", `ROW("총 액" decimal(3,1))`: `row("총 액" decimal(3,1))`, "integer array": "array(integer)",
		"interval day to second": "interval day to second", "row(a array(integer))": "row(a array(integer))", "row(timestamp(3) with time zone)": "row(timestamp(3) with time zone)",
		"row(double precision, date date)": "row(double, date date)",
	} {
		got, err := Parse(in)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "blob", "decimal(39,1)", "array()", "map(varchar)", "varchar(x)", "timestamp(13)", "row(", "char(70000)"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", in, got)
		}
	}
}

func TestCommonTypesAreTrinos(t *testing.T) {
	for _, c := range [][3]string{
		{"integer", "decimal(2,1)", "decimal(11,1)"}, {"integer", "bigint", "bigint"}, {"bigint", "double", "double"}, {"decimal(4,2)", "decimal(10,0)", "decimal(12,2)"},
		{"varchar(1)", "varchar(5)", "varchar(5)"}, {"varchar(2)", "char(5)", "char(5)"}, {"date", "timestamp(3)", "timestamp(3)"}, {"timestamp(6)", "timestamp(3) with time zone", "timestamp(6) with time zone"},
		{"array(integer)", "array(decimal(2,1))", "array(decimal(11,1))"}, {"unknown", "date", "date"}, {"real", "bigint", "real"},
		{"varchar(1)", "integer", ""}, {"date", "varchar(10)", ""}, {"boolean", "integer", ""}, {"array(integer)", "integer", ""},
	} {
		a, _ := Parse(c[0])
		b, _ := Parse(c[1])
		for i := 0; i < 2; i++ {
			got, ok := Common(a, b)
			if ok != (c[2] != "") || ok && got.String() != c[2] {
				t.Errorf("Common(%s, %s) = %s, %v; want %s", a, b, got, ok, c[2])
			}
			a, b = b, a
		}
	}
}
