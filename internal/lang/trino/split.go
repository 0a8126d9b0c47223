package trino

// Piece is one statement of a text of several.
type Piece struct {
	// Span is the statement without its semicolon and without blanks and comments around it.
	Span
	// Closed says that a semicolon ended it; in a shell an open one waits for more lines.
	Closed bool
}

// Split cuts a text into its statements at semicolons, except those in
// strings, quoted names and comments. Empty statements are left out.
func Split(text string) []Piece {
	var out []Piece
	var cur Piece
	open := false
	for _, t := range lex(text, false) {
		switch {
		case t.kind == tSemicolon:
			if open {
				cur.Closed = true
				out = append(out, cur)
			}
			open = false
		case t.kind == tEOF || t.kind == tOpenComment && !open:
		case !open:
			open = true
			cur = Piece{Span: Span{int(t.start), int(t.end)}}
		default:
			cur.End = int(t.end)
		}
	}
	if open {
		out = append(out, cur)
	}
	return out
}

// TokenKind sorts tokens for coloring.
type TokenKind int

// The kinds of tokens. TokenBad is what no statement may hold, unclosed
// strings, names and comments included.
const (
	TokenWord TokenKind = iota // a keyword, reserved or not
	TokenName
	TokenQuotedName
	TokenString
	TokenNumber
	TokenSign
	TokenComment
	TokenBad
)

// Token is a piece of a text, for coloring and completion.
type Token struct {
	Span
	Kind TokenKind
	// Reserved says of a word that it cannot be a name.
	Reserved bool
}

// Tokens cuts any text, right or wrong, into tokens; blanks belong to none.
func Tokens(text string) []Token {
	list := lex(text, true)
	out := make([]Token, 0, len(list))
	for _, t := range list {
		if t.kind != tEOF {
			s := Span{int(t.start), int(t.end)}
			out = append(out, Token{s, t.color(text), t.kind >= firstWord && t.kind < kAll})
		}
	}
	return out
}

func (t token) color(text string) TokenKind {
	switch k := t.kind; {
	case k >= firstWord:
		return TokenWord
	case k == tIdent:
		if Keyword(text[t.start:t.end]) {
			return TokenWord
		}
		return TokenName
	case k == tQuoted:
		return TokenQuotedName
	case k == tString || k == tUnicode || k == tBinary:
		return TokenString
	case k == tInt || k == tDecimal || k == tDouble:
		return TokenNumber
	case k == tComment:
		return TokenComment
	case k >= tSemicolon || k == tParam:
		return TokenSign
	}
	return TokenBad
}
