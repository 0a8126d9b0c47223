package trino

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// foreign maps a word of other dialects to what Trino has instead.
var foreign = map[string]string{
	"ILIKE":         "there is no ILIKE; write lower(x) LIKE lower(pattern)",
	"RLIKE":         "there is no RLIKE; write regexp_like(x, pattern)",
	"REGEXP":        "there is no REGEXP; write regexp_like(x, pattern)",
	"SIMILAR":       "there is no SIMILAR TO; write regexp_like(x, pattern)",
	"GLOB":          "there is no GLOB; write x LIKE pattern or regexp_like(x, pattern)",
	"QUALIFY":       "there is no QUALIFY; compute the window function in a subquery and filter outside: SELECT * FROM (SELECT ..., row_number() OVER (...) rn FROM t) WHERE rn = 1",
	"TOP":           "there is no TOP; write LIMIT n at the end of the query",
	"MINUS":         "there is no MINUS; write EXCEPT",
	"ELSEIF":        "write another WHEN ... THEN",
	"ELSIF":         "write another WHEN ... THEN",
	"DIV":           "there is no DIV; / between integers gives an integer",
	"MOD":           "write a % b or mod(a, b)",
	"XOR":           "there is no XOR; write a <> b",
	"ISNULL":        "write x IS NULL",
	"NOTNULL":       "write x IS NOT NULL",
	"STRAIGHT_JOIN": "write JOIN",
	"SEMI":          "there is no SEMI JOIN; write WHERE EXISTS (SELECT ...) or x IN (SELECT ...)",
	"ANTI":          "there is no ANTI JOIN; write WHERE NOT EXISTS (SELECT ...)",
	"OVERWRITE":     "there is no INSERT OVERWRITE; DELETE the rows first, or let a job replace the table",
	"TEMP":          "there are no temporary tables; write WITH name AS (SELECT ...)",
	"TEMPORARY":     "there are no temporary tables; write WITH name AS (SELECT ...)",
	"PIVOT":         "there is no PIVOT; write sum(x) FILTER (WHERE key = 'a') for each column",
	"SEPARATOR":     "write array_join(array_agg(x), ',') or listagg(x, ',') WITHIN GROUP (ORDER BY x)",
}

// hint guesses what the writer meant at the bad token.
func (p *parser) hint() string {
	bad := p.toks[p.bad]
	for _, i := range []int{p.bad, p.bad - 1} {
		if i >= 0 && (p.toks[i].kind == tIdent || p.toks[i].kind >= firstWord) {
			if h := foreign[strings.ToUpper(p.textOf(i))]; h != "" {
				return h
			}
		}
	}
	if h := p.signHint(bad); h != "" {
		return h
	}
	if w := p.near(p.bad); w != "" {
		return fmt.Sprintf("did you mean %s?", w)
	}
	if p.bad > 0 && p.toks[p.bad-1].kind == tIdent {
		if w := p.near(p.bad - 1); w != "" {
			return fmt.Sprintf("did you mean %s instead of %s?", w, p.textOf(p.bad-1))
		}
	}
	return p.placeHint(bad)
}

// signHint knows the operators of other languages.
func (p *parser) signHint(bad token) string {
	c := byte(' ')
	if bad.kind != tEOF {
		c = p.src[bad.start]
	}
	prev := byte(' ')
	if p.bad > 0 && p.toks[p.bad-1].end == bad.start && bad.start > 0 {
		prev = p.src[bad.start-1]
	}
	switch {
	case c == '=' && prev == '=':
		return "equality is a single ="
	case c == '>' && prev == '=':
		return "null-safe equality is written IS NOT DISTINCT FROM"
	case c == ':' && bad.kind == tColon && int(bad.end) < len(p.src) && p.src[bad.end] == ':':
		return "write CAST(x AS type) instead of x::type"
	case c == '!':
		return "write NOT, or <> for inequality"
	case c == '&':
		return "write AND; the bits of integers are combined by bitwise_and(a, b)"
	case c == '|':
		return "write OR; text is joined by ||, the bits of integers by bitwise_or(a, b)"
	case c == '#':
		return "a comment starts with --"
	case c == '{':
		return "a map is written MAP(ARRAY['key'], ARRAY[value])"
	case c == '@' || c == '$':
		return "a parameter is written ?"
	case c == '\\':
		return "there are no backslash escapes; a quote inside a string is written twice: 'it''s'"
	case c == '[' && p.wants("<expression>"):
		return "an array is written ARRAY[1, 2]"
	}
	return p.wideHint(bad)
}

// wideHint names characters that only look like blanks or quotes.
func (p *parser) wideHint(bad token) string {
	if bad.kind != tUnknown {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(p.src[bad.start:])
	switch r {
	case '\u2018', '\u2019':
		return "strings are written in straight single quotes: 'text'"
	case '\u201c', '\u201d':
		return "names are written in straight double quotes, strings in single ones"
	case '\u00a0', '\u3000', '\ufeff', '\u200b', '\u2003', '\u2002', '\u2009', '\u202f':
		return fmt.Sprintf("this is the character U+%04X, which only looks like a blank; replace it", r)
	}
	return ""
}

// placeHint knows clauses that stand where others have them.
func (p *parser) placeHint(bad token) string {
	prev, before := p.kindAt(p.bad-1), p.kindAt(p.bad-2)
	next := p.kindAt(p.bad + 1)
	switch {
	case prev == kLateral && strings.EqualFold(p.textOf(p.bad), "VIEW"):
		return "there is no LATERAL VIEW; write CROSS JOIN UNNEST(items) AS t(item)"
	case prev == kDistinct && bad.kind == kOn:
		return "there is no DISTINCT ON; number the rows with row_number() OVER (...) in a subquery and keep the first"
	case prev == tSemicolon:
		return "one statement at a time"
	case bad.kind == tComma && prev == tInt && before == kLimit:
		return "LIMIT skip, count is written OFFSET skip LIMIT count"
	case bad.kind == kOffset && (before == kLimit || prev == kAll):
		return "OFFSET comes before LIMIT"
	case prev == kInterval && (bad.kind == tInt || bad.kind == tDecimal):
		return fmt.Sprintf("the number of an interval is quoted: INTERVAL '%s' DAY", p.textOf(p.bad))
	case bad.kind == tQuoted && p.wants("<string>"):
		return "a string is written in single quotes; double quotes are for names"
	case bad.kind == tString && prev == tClose && before == tInt:
		return "a typed literal takes no parameters; write CAST('text' AS type)"
	case prev == tQuoted && before.named():
		return "if this is to be a string, write it in single quotes; double quotes are for names"
	case prev == tOpen && before == kExcept && p.kindAt(p.bad-3) == tStar:
		return "there is no * EXCEPT; list the columns"
	case before == kTablesample:
		return "write TABLESAMPLE BERNOULLI (percent)"
	case bad.kind == tOpen && prev.named() && p.wants("'JOIN'"):
		return "a table function is written TABLE(f(...))"
	case p.wants("'SECOND'") && strings.EqualFold(p.textOf(p.bad), "WEEK"):
		return "there is no WEEK; a week is INTERVAL '7' DAY"
	case p.wants("'SECOND'") && strings.EqualFold(p.textOf(p.bad), "QUARTER"):
		return "there is no QUARTER; a quarter is INTERVAL '3' MONTH"
	case prev == tComma && (bad.kind == kFrom || bad.kind == tClose || bad.kind == tEOF):
		return "remove the comma before it"
	case bad.kind == tString && prev == tString:
		return "join strings with ||; a quote inside a string is written twice: 'it''s'"
	case bad.kind >= firstWord && bad.kind < kAll && endsName(next) && len(p.wanted) < 8 && (p.wants("<identifier>") || p.wants("<expression>")):
		return fmt.Sprintf("%s is a reserved word; as a name it needs double quotes: \"%s\"", strings.ToUpper(p.textOf(p.bad)), p.textOf(p.bad))
	}
	if (bad.kind == tEOF || bad.kind == kSelect || bad.kind == kFrom) && p.wants("')'") {
		return "a closing parenthesis is missing before it"
	}
	return ""
}

// endsName says whether a token of this kind may follow a name in a list or a chain.
func endsName(k kind) bool {
	return k == tEOF || k == tComma || k == tClose || k == kFrom || k == kAs || k == tDot || compareOp(k) != ""
}

func (p *parser) kindAt(i int) kind {
	if i < 0 || i >= len(p.toks) {
		return tEOF
	}
	return p.toks[i].kind
}

func (p *parser) wants(what string) bool {
	for _, w := range p.wanted {
		if w == what {
			return true
		}
	}
	return false
}

// near is the wanted word that the i-th token nearly spells.
func (p *parser) near(i int) string {
	t := p.toks[i]
	if t.kind != tIdent && t.kind < firstWord || t.end-t.start > 20 {
		return ""
	}
	text, best, most := strings.ToUpper(p.src[t.start:t.end]), "", 3
	for _, w := range p.wanted {
		if w[0] != '\'' || !letter(w[1]) {
			continue
		}
		w = strings.Trim(w, "'")
		d := base.Distance(text, w)
		if d > 0 && d < most && d*3 <= len(w) && (len(w) > 3 || text == w+"S" || letters(text) == letters(w)) {
			best, most = w, d
		}
	}
	return best
}

// letters are those of a word in order: short words are near each other only if swapped.
func letters(w string) string {
	b := []byte(w)
	slices.Sort(b)
	return string(b)
}
