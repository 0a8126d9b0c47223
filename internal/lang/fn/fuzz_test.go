package fn

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// mustBeNamed says that an error carries Trino's name for it.
func mustBeNamed(t *testing.T, err error) {
	t.Helper()
	if err != nil && base.CodeOf(err) == "" {
		t.Errorf("error without a name: %v", err)
	}
}

var someTime = time.Date(2014, 1, 31, 13, 5, 9, 123456000, time.UTC)

func FuzzMySQLFormat(f *testing.F) {
	for _, s := range []string{"%Y-%m-%d", "%a|%b|%c|%d|%e|%f|%H|%h|%I|%i|%j|%k|%l|%M|%m|%p|%r|%S|%s|%T|%v|%W|%x|%y|%%", "년%Y월%", "%Q%D"} {
		f.Add(s, "2014-01-31")
	}
	d := NewDatetimeFormats(NewZones())
	f.Fuzz(func(t *testing.T, format, text string) {
		s, err := d.DateFormat(someTime, format)
		mustBeNamed(t, err)
		if err == nil {
			_, err = d.DateParse(s, format)
			mustBeNamed(t, err)
		}
		_, err = d.DateParse(text, format)
		mustBeNamed(t, err)
	})
}

func FuzzJodaPattern(f *testing.F) {
	for _, s := range []string{"yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "G C CC Y x ww e EEEE D MMMM a K h k z ZZZ", "yyyy'년' ''MM", "'open"} {
		f.Add(s, "2014-01-31T13:05:09.123+09:00")
	}
	d := NewDatetimeFormats(NewZones())
	f.Fuzz(func(t *testing.T, pattern, text string) {
		s, err := d.FormatDatetime(someTime, "Asia/Seoul", pattern)
		mustBeNamed(t, err)
		if err == nil {
			_, err = d.ParseDatetime(s, pattern, 2026)
			mustBeNamed(t, err)
		}
		_, err = d.ParseDatetime(text, pattern, 2026)
		mustBeNamed(t, err)
	})
}

func FuzzRegexp(f *testing.F) {
	for _, s := range []string{`(\d+)([a-z&&[^b]]+)`, `(?<n>가|b)\k<n>*?`, `[[:alpha:][^x]]++`, `(?x) a # b`, `\p{Hangul}{2,3}`, `(?i:a)(?=b)|^$`} {
		f.Add(s, "가나 12ab\n", "$1-${n}")
	}
	x := NewRegexps()
	f.Fuzz(func(t *testing.T, pattern, text, replacement string) {
		if len(pattern) > 60 || len(text) > 60 || !utf8.ValidString(text) {
			return
		}
		_, err := x.Replace(text, pattern, replacement)
		mustBeNamed(t, err)
		parts, err := x.Groups(text, pattern)
		mustBeNamed(t, err)
		n, err2 := x.Count(text, pattern)
		if err == nil && (err2 != nil || int(n) != len(parts)-1) {
			t.Errorf("%q in %q: %d matches, %d groups, %v", pattern, text, n, len(parts)-1, err2)
		}
	})
}

func FuzzJSONParse(f *testing.F) {
	for _, s := range []string{`{"b":[1.50,-0,1e400,"가\u0001\ud83d\ude00"],"a":null}`, `[1,]`, `"x`, `tru`} {
		f.Add(s)
	}
	p := NewJSONPaths()
	f.Fuzz(func(t *testing.T, s string) {
		out, err := JSONParse(s)
		mustBeNamed(t, err)
		if err == nil {
			again, err := JSONParse(out)
			if err != nil || again != out {
				t.Errorf("%q gives %q, which gives %q, %v", s, out, again, err)
			}
		}
		_, err = p.Extract(s, `$.a[0]["b"]`)
		mustBeNamed(t, err)
		_, err = JSONArrayGet(s, -1)
		mustBeNamed(t, err)
	})
}

func FuzzJSONPath(f *testing.F) {
	for _, s := range []string{`$.a["b c"][0]`, `lax $.a[*] ? (@.b > 1 && !(exists(@.c))).size()`, `strict $[0, 2 to last] + 1.5 * -$x`, `lax $..b`} {
		f.Add(s)
	}
	p, j := NewJSONPaths(), NewSQLJSON(NewZones())
	doc, passing, none, typ := `{"a":[{"b":1,"c":[2.5,"x",null,true]},{"b c":[7]}]}`, `{"x":3}`, "NULL", "varchar"
	f.Fuzz(func(t *testing.T, path string) {
		_, err := p.Extract(doc, path)
		mustBeNamed(t, err)
		_, err = j.Value(&doc, &path, &passing, &typ, &none, nil, &none, nil)
		mustBeNamed(t, err)
	})
}

func FuzzJavaFormat(f *testing.F) {
	for _, s := range []string{"%1$-10s|%<S %08.3f %,d %(,.2f %x %e %g %b %n%%", "%tF %<tT %tY", "한글 %5s|%.2s", "%h %c %y"} {
		f.Add(s)
	}
	z := NewZones()
	args := []*string{}
	for _, a := range []string{"s:편의점", "i:-1234567", "f:12345.678", "d:1.50", "b:true", "t:2014-01-31 13:05:09.123", "z:2014-01-31 13:05:09 Asia/Seoul", "D:2014-01-31"} {
		args = append(args, &a)
	}
	f.Fuzz(func(t *testing.T, format string) {
		for i := range args {
			s, err := z.Format(format, append([]*string{args[i], nil}, args...))
			mustBeNamed(t, err)
			if len(s) > maxText || err == nil && utf8.ValidString(format) && !utf8.ValidString(s) {
				t.Errorf("%q gives %d bytes: %q", format, len(s), shorten(s))
			}
		}
	})
}

func FuzzTexts(f *testing.F) {
	for _, s := range []string{"2014-01-31 13:05:09.123 Asia/Seoul", "2014-W05-5T13.5+09:00", "1.5e-7", "0x1p3", "array(row(a decimal(5,2), \"b c\" map(varchar, json)))", "http://u@한글.kr:80/a%20?b=c#d"} {
		f.Add(s)
	}
	z := NewZones()
	j := NewSQLJSON(z)
	f.Fuzz(func(t *testing.T, s string) {
		_, err := z.TextTimestampZone(s, 3)
		mustBeNamed(t, err)
		_, err = z.FromISOTimestamp(s)
		mustBeNamed(t, err)
		_, err = z.FromISOTimestampNanos(s)
		mustBeNamed(t, err)
		_, err = TextDecimal(s, 10, 2)
		mustBeNamed(t, err)
		_, err = j.Cast(`[1,"x",{"a":null}]`, s)
		mustBeNamed(t, err)
		_, err = URLParameter(s, strings.TrimSpace(s))
		mustBeNamed(t, err)
		_, err = ParseDataSize(s)
		mustBeNamed(t, err)
		_, err = IPContains(s, "10.0.0.1")
		mustBeNamed(t, err)
	})
}
