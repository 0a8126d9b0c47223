package project

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// SQLPlace tells where a SQL text lies in its file, so that an error position
// inside the text can be shown in the file.
type SQLPlace struct {
	// File is the path relative to the project.
	File string
	// Offset is the byte where the text begins in the file (after a byte order mark).
	Offset int

	from *source
	// inline is set for sql: in front matter, where each line of the text is
	// indented in the file.
	inline *node
	indent int
}

// At is the place in the file of length bytes from offset in the SQL text.
func (p SQLPlace) At(offset, length int) *base.Place {
	if p.from == nil {
		return &base.Place{File: p.File}
	}
	if p.inline == nil {
		return p.from.at(p.Offset+max(offset, 0), length)
	}
	in := base.PlaceAt(p.File, []byte(p.inline.raw), offset, length)
	line, col := p.inline.line+in.Line-1, p.inline.col+in.Col
	switch {
	case p.inline.block:
		line, col = line+1, p.indent+in.Col
	case p.inline.plain:
		col--
	}
	return p.from.line(line, col, in.Len)
}

// inlinePlace is the place of a sql: value.
func inlinePlace(n *node) SQLPlace {
	p := SQLPlace{File: n.from.name, from: n.from, inline: n}
	if n.block {
		for _, l := range strings.Split(string(n.from.src), "\n")[min(n.line, bytes.Count(n.from.src, []byte("\n"))):] {
			if t := strings.TrimLeft(l, " -"); strings.TrimSpace(t) != "" {
				p.indent = len(l) - len(t)
				break
			}
		}
	}
	return p
}

// sqlPiece is a stretch of SQL as far as splitting needs to know it.
type sqlPiece struct {
	kind       pieceKind
	start, end int
}

type pieceKind int

const (
	codePiece pieceKind = iota
	semicolonPiece
	commentPiece // to the end of the line
	blockPiece
)

// scanSQL cuts src[from:to] into code, comments and semicolons, strings and
// quoted names being code. An unfinished one is an error at its beginning.
func scanSQL(s *source, from, to int) ([]sqlPiece, *base.Error) {
	var out []sqlPiece
	add := func(k pieceKind, start, end int) {
		if n := len(out); k == codePiece && n > 0 && out[n-1].kind == codePiece {
			out[n-1].end = end
			return
		}
		out = append(out, sqlPiece{k, start, end})
	}
	src := s.src[:to]
	for i := from; i < to; {
		rest := src[i:]
		switch c := src[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case c == ';':
			add(semicolonPiece, i, i+1)
			i++
		case bytes.HasPrefix(rest, []byte("--")):
			n := bytes.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			add(commentPiece, i, i+n)
			i += n
		case bytes.HasPrefix(rest, []byte("/*")):
			n := blockLength(rest)
			if n < 0 {
				return out, base.Errorf(base.Invalid, "the comment is not closed").At(s.at(i, 2)).WithHint("end it with */")
			}
			add(blockPiece, i, i+n)
			i += n
		default:
			n := codeLength(src, i)
			if n < 0 {
				return out, base.Errorf(base.Invalid, "the quoted text is not closed").At(s.at(i, 1)).WithHint("add the closing quote")
			}
			add(codePiece, i, i+n)
			i += n
		}
	}
	return out, nil
}

// blockLength is the length of a comment, nested ones included, -1 if it is open.
func blockLength(text []byte) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch string(text[i : i+2]) {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return -1
}

var dollarTag = regexp.MustCompile(`^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$`)

// codeLength is the length of the string, quoted name or single byte at i; -1
// if it is open.
func codeLength(src []byte, i int) int {
	switch c := src[i]; c {
	case '\'', '"':
		escapes := c == '\'' && i > 0 && (src[i-1] == 'e' || src[i-1] == 'E') && (i < 2 || !isWord(src[i-2]))
		for j := i + 1; j < len(src); j++ {
			switch {
			case escapes && src[j] == '\\':
				j++
			case src[j] == c && j+1 < len(src) && src[j+1] == c:
				j++
			case src[j] == c:
				return j - i + 1
			}
		}
		return -1
	case '$':
		tag := dollarTag.Find(src[i:])
		if tag == nil || i > 0 && isWord(src[i-1]) {
			return 1
		}
		end := bytes.Index(src[i+len(tag):], tag)
		if end < 0 {
			return -1
		}
		return end + 2*len(tag)
	}
	return 1
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

var firstWord = regexp.MustCompile(`^[A-Za-z]+`)

// oneSelect takes the single statement out of pieces. what names the section
// for messages; at is where an absent statement is reported.
func (r *reader) oneSelect(s *source, pieces []sqlPiece, what string, at *base.Place) (string, SQLPlace) {
	start, end, closed := -1, -1, false
	for _, p := range pieces {
		switch {
		case p.kind == semicolonPiece && start >= 0:
			closed = true
		case p.kind != codePiece:
		case closed:
			r.add(base.Errorf(base.Invalid, "%s has more than one statement", what).At(s.at(p.start, wordLength(s.src[p.start:p.end]))).
				WithHint("a job is one SELECT; for several tables list them under outputs: and mark each with -- output: NAME"))
			return string(s.src[start:end]), SQLPlace{File: s.name, Offset: start, from: s}
		default:
			if start < 0 {
				start = p.start
			}
			end = p.end
		}
	}
	if start < 0 {
		r.add(base.Errorf(base.Invalid, "%s has no SQL", what).At(at).WithHint("write one SELECT after the front matter"))
		return "", SQLPlace{File: s.name, from: s}
	}
	sql := s.src[start:end]
	switch word := strings.ToUpper(string(firstWord.Find(sql))); word {
	case "INSERT", "CREATE", "COPY", "UPDATE", "DELETE", "DROP", "ATTACH", "DETACH", "SET", "PRAGMA", "INSTALL", "LOAD", "CALL",
		"EXPORT", "IMPORT", "MERGE", "ALTER", "TRUNCATE", "USE", "BEGIN", "COMMIT", "VACUUM", "CHECKPOINT":
		r.add(base.Errorf(base.Invalid, "a job cannot run %s", word).At(s.at(start, len(word))).
			WithHint("write one SELECT and name the table it fills with target: and mode:"))
	}
	return string(sql), SQLPlace{File: s.name, Offset: start, from: s}
}

func wordLength(text []byte) int {
	if n := bytes.IndexAny(text, " \t\r\n("); n > 0 {
		return n
	}
	return len(text)
}
