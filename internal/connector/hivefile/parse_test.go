package hivefile

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestTypesAreHives(t *testing.T) {
	for _, c := range []struct{ in, arrow string }{
		{"STRUCT<`이름`:string, n : array<map<int,varchar(3)>>>", "struct<이름: utf8 nullable, n: list<item: map<int32, utf8, items_nullable>, nullable> nullable>"},
		{"decimal", "decimal(10, 0)"}, {"decimal(5,2)", "decimal(5, 2)"}, {"tinyint", "int8"}, {"timestamp", "timestamp[us]"}, {"real", "float32"},
	} {
		got, err := parseType(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if text := got.arrowType().String(); text != c.arrow {
			t.Errorf("%s is %s, want %s", c.in, text, c.arrow)
		}
	}
	for _, bad := range []string{"", "int>", "array<int", "map<int>", "struct<>", "struct<a>", "decimal(39)", "decimal(3,4)", "varchar(0)", "char", "uniontype<int>", strings.Repeat("array<", 100) + "int" + strings.Repeat(">", 100)} {
		if got, err := parseType(bad); err == nil {
			t.Errorf("%q is %s", bad, got.text)
		}
	}
}

func TestDaysAreTheCalendars(t *testing.T) {
	for d := time.Date(-800, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 3000; d = d.AddDate(0, 0, 17) {
		if got, want := days(int64(d.Year()), int64(d.Month()), int64(d.Day())), d.Unix()/86_400; got != want {
			t.Fatalf("%s is day %d, want %d", d.Format(time.DateOnly), got, want)
		}
	}
	if days(2023, 14, 1) != days(2024, 2, 1) || days(2023, 0, 1) != days(2022, 12, 1) || days(2023, 3, 0) != days(2023, 2, 28) {
		t.Error("months and days do not roll over")
	}
}

func FuzzTypes(f *testing.F) {
	f.Add("struct<a:array<map<int,decimal(3,1)>>,b:char(2)>")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := parseType(s); err == nil {
			again, err := parseType(got.text)
			if err != nil || again.arrowType().String() != got.arrowType().String() {
				t.Errorf("%q read again is %v %v", got.text, again.text, err)
			}
		}
	})
}

func FuzzMomentsAndPatterns(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSS", "2023-08-10T06:23:13.709")
	f.Add("dd/MMM/yyyy:HH:mm:ss Z", "10/Aug/2023:06:23:13 +0900")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if p, err := parsePattern(pattern); err == nil {
			p.parse([]byte(text))
		}
		openxTime([]byte(text))
		hiveDate([]byte(text))
		if m, ok := fixedTime([]byte(text)); ok && len(text) == 19 && text[10] == ' ' {
			want, err := time.Parse(time.DateTime, text)
			if err == nil && want.Unix() != m.sec {
				t.Errorf("%s is %d, want %d", text, m.sec, want.Unix())
			}
		}
	})
}

func FuzzNumbersAreExact(f *testing.F) {
	for _, s := range []string{"1.50", "-0", "1e3", "1E-7", "0x1F", "017", "123456789012345678901234567890.5", ".5", "5."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := parseNumber([]byte(s))
		if !ok || len(s) > 60 || n.scale > 60 || n.scale < -60 {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok {
			return
		}
		got, ok := new(big.Rat).SetString(string(n.appendText(nil)))
		if !ok || got.Cmp(want) != 0 {
			t.Errorf("%q is written %q", s, n.appendText(nil))
		}
		whole := new(big.Int).Quo(want.Num(), want.Denom())
		if v, ok := n.whole(); ok != whole.IsInt64() || ok && v != whole.Int64() {
			t.Errorf("%q cut is %d %v, want %s", s, v, ok, whole)
		}
		d, ok := n.decimal(38, 4)
		scaled := new(big.Rat).Mul(want, big.NewRat(10000, 1))
		half := new(big.Rat).Add(new(big.Rat).Abs(scaled), big.NewRat(1, 2))
		up := new(big.Int).Quo(half.Num(), half.Denom())
		if want.Sign() < 0 {
			up.Neg(up)
		}
		if ok && d.BigInt().Cmp(up) != 0 || ok != (len(strings.TrimPrefix(up.String(), "-")) <= 38) {
			t.Errorf("%q as decimal(38,4) is %s %v, want %s", s, d.BigInt(), ok, up)
		}
	})
}
