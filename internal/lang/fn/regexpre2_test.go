package fn

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// What ToRE2 lets run in RE2 finds there what the functions find.
func FuzzRE2FindsTheSame(f *testing.F) {
	for _, s := range [][3]string{{`\d+원`, "1200원", "$0!"}, {`(a|b)*c$`, "abc\n", `\$1`}, {`\bx`, "가x", "${n}"}, {`(?<n>a)\1`, "aa", "$1"}, {`[^가-힣]+`, "한글 abc", `\\`}, {`(`, "", "$"}} {
		f.Add(s[0], s[1], s[2])
	}
	x := NewRegexps()
	f.Fuzz(func(t *testing.T, pattern, text, replacement string) {
		if len(pattern) > 200 || len(text) > 200 || !utf8.ValidString(text) {
			return
		}
		p, ok, err := ToRE2(pattern)
		if !ok {
			return
		}
		if err != nil {
			t.Fatalf("ToRE2(%q) is ok and fails: %v", pattern, err)
		}
		p.Replacement(replacement)
		if p.NoFinalNewline && strings.HasSuffix(text, "\n") || p.ASCIIOnly && !isASCII(text) {
			return
		}
		want, err := x.Like(text, pattern)
		if got := regexp.MustCompile(p.Text).MatchString(text); err == nil && got != want {
			t.Fatalf("%q in %q: RE2 %v, Java %v", pattern, text, got, want)
		}
	})
}

func TestReplacementsAreTranslated(t *testing.T) {
	p, ok, err := ToRE2("(가)(b)")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	for in, want := range map[string]string{"$2-$1": `\2-\1`, `\$1`: "$1", `a\\b`: `a\\b`, "$0": `\0`, "한": "한", "$3": "no", "$12": "no", "${n}": "no", `\`: "no", "$": "no"} {
		got, ok := p.Replacement(in)
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("replacement %q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzTextSurvivesItsEncoding(f *testing.F) {
	f.Add("한글 😀")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 1000 {
			return
		}
		for _, encoding := range []string{"utf16", "utf16be", "utf32"} {
			b, err := EncodeText(s, encoding)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := DecodeText(b, encoding); err != nil || got != s {
				t.Fatalf("%s: %q became %q (%v)", encoding, s, got, err)
			}
		}
	})
}

func TestObjectsStandInTheOrderOfAHashMap(t *testing.T) {
	s := func(v string) *string { return &v }
	got, err := JSONObject("", []*string{s("이름"), s(`"홍"`), s("b"), s("1"), s("a"), s("2"), s("gone"), nil})
	if err != nil || got != `{"a":2,"b":1,"이름":"홍"}` {
		t.Errorf("got %s, %v", got, err)
	}
	for _, mode := range []string{"", "unique"} {
		if _, err := JSONObject(mode, []*string{s("a"), s("1"), s("a"), s("2")}); err == nil {
			t.Errorf("mode %q takes a key twice", mode)
		}
	}
}
