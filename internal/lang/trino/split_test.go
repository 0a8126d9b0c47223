package trino_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/lang/trino"
)

func TestSplitCutsAtSemicolonsOfTheStatement(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" ;; -- nothing\n ; /* ; */", ""},
		{"SELECT 1", "<SELECT 1"},
		{"SELECT 1; ", "SELECT 1"},
		{"-- 먼저\nSELECT 1 ;\n\n SELECT 2 -- 끝; \n", "SELECT 1|<SELECT 2"},
		{`SELECT ';', ";", 'it'';s' /* ; */ FROM t; x`, `SELECT ';', ";", 'it'';s' /* ; */ FROM t|<x`},
		{"SELECT `;`; SELECT X';' ; SELECT U&';'", "SELECT `;`|SELECT X';'|<SELECT U&';'"},
		{"SELECT 'open; SELECT 2;", "<SELECT 'open; SELECT 2;"},
		{"SELECT 1; /* open ;", "SELECT 1"},
		{"SELECT 1 /* open ;", "<SELECT 1 /* open ;"},
		{"SELECT 1; # 주석; SELECT 2", "SELECT 1|# 주석|<SELECT 2"},
	} {
		var got []string
		for _, p := range trino.Split(c.text) {
			s := c.text[p.Start:p.End]
			if !p.Closed {
				s = "<" + s
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q: got %q, want %q", c.text, s, c.want)
		}
	}
}

func TestTokensAreSorted(t *testing.T) {
	const text = "SELECT year, 고객.a, \"b\" /* c */ FROM t WHERE 'd' <> X'00' OR 1.5 -- e\n ? # 'f"
	names := []string{"word", "name", "quoted", "string", "number", "sign", "comment", "bad"}
	var got []string
	for _, tok := range trino.Tokens(text) {
		s := text[tok.Start:tok.End] + ":" + names[tok.Kind]
		if tok.Reserved {
			s += "!"
		}
		got = append(got, s)
	}
	want := `SELECT:word! year:word ,:sign 고객:name .:sign a:name ,:sign "b":quoted /* c */:comment FROM:word! t:name WHERE:word! 'd':string <>:sign X'00':string OR:word! 1.5:number -- e:comment ?:sign #:bad 'f:bad`
	if s := fmt.Sprint(strings.Join(got, " ")); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}
