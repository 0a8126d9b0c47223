package crawl

import (
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Glob is a compiled exclusion pattern in Glue's language: * stays within a
// folder name, ** crosses folders, ? is one character, [a-z] and [!a-z] are
// sets, {a,b} alternatives that do not nest, \ takes the next character as it
// is. A leading **/ also matches no folder at all. Dots are ordinary.
type Glob struct {
	pattern string
	re      *regexp.Regexp
	// tail is set for patterns ending in **: a folder that matches is excluded whole.
	tail bool
}

// CompileGlob reads a pattern; base.Invalid says what is wrong with it.
func CompileGlob(pattern string) (*Glob, error) {
	c := globCompiler{in: []rune(strings.TrimPrefix(pattern, "/"))}
	c.out.WriteString(`^(?s:`)
	if err := c.compile(); err != nil {
		return nil, base.Errorf(base.Invalid, "pattern %q: %w", pattern, err)
	}
	c.out.WriteString(`)$`)
	re, err := regexp.Compile(c.out.String())
	if err != nil {
		return nil, base.Errorf(base.Invalid, "pattern %q: %w", pattern, err)
	}
	return &Glob{pattern, re, strings.HasSuffix(pattern, "**")}, nil
}

// Match tells whether the pattern covers an object, named relative to the
// include path with slashes between folders.
func (g *Glob) Match(object string) bool { return g.re.MatchString(object) }

// MatchFolder tells whether everything below a folder is covered.
func (g *Glob) MatchFolder(folder string) bool { return g.tail && g.re.MatchString(folder+"/") }

type globCompiler struct {
	in    []rune
	out   strings.Builder
	i     int
	group bool
}

func (c *globCompiler) compile() error {
	for ; c.i < len(c.in); c.i++ {
		switch r := c.in[c.i]; r {
		case '*':
			c.star()
		case '?':
			c.out.WriteString(`[^/]`)
		case '[':
			if err := c.set(); err != nil {
				return err
			}
		case '{':
			if c.group {
				return base.Errorf(base.Invalid, "{ inside { } is not allowed")
			}
			c.group = true
			c.out.WriteString(`(?:`)
		case '}':
			c.close()
		case ',':
			c.comma()
		case '\\':
			if c.i++; c.i == len(c.in) {
				return base.Errorf(base.Invalid, `nothing follows the last \`)
			}
			c.out.WriteString(regexp.QuoteMeta(string(c.in[c.i])))
		default:
			c.out.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if c.group {
		return base.Errorf(base.Invalid, "missing }")
	}
	return nil
}

func (c *globCompiler) star() {
	if c.i+1 >= len(c.in) || c.in[c.i+1] != '*' {
		c.out.WriteString(`[^/]*`)
		return
	}
	atStart := c.i == 0
	for c.i+1 < len(c.in) && c.in[c.i+1] == '*' {
		c.i++
	}
	if atStart && c.i+1 < len(c.in) && c.in[c.i+1] == '/' {
		c.i++
		c.out.WriteString(`(?:.*/)?`)
		return
	}
	c.out.WriteString(`.*`)
}

func (c *globCompiler) close() {
	if !c.group {
		c.out.WriteString(`\}`)
		return
	}
	c.group = false
	c.out.WriteByte(')')
}

func (c *globCompiler) comma() {
	if c.group {
		c.out.WriteByte('|')
		return
	}
	c.out.WriteByte(',')
}

// set translates [abc], [a-z], [!a-z]; inside it * ? \ are themselves.
func (c *globCompiler) set() error {
	c.i++
	not := c.i < len(c.in) && c.in[c.i] == '!'
	if not {
		c.i++
	}
	start := c.i
	for c.i < len(c.in) && (c.in[c.i] != ']' || c.i == start) {
		c.i++
	}
	if c.i >= len(c.in) {
		return base.Errorf(base.Invalid, "missing ]")
	}
	c.out.WriteByte('[')
	if not {
		c.out.WriteString(`^/`)
	}
	body := c.in[start:c.i]
	for k, r := range body {
		if r == '-' && k > 0 && k < len(body)-1 {
			c.out.WriteByte('-')
			continue
		}
		if strings.ContainsRune(`\]^[-&~`, r) {
			c.out.WriteByte('\\')
		}
		c.out.WriteRune(r)
	}
	c.out.WriteByte(']')
	return nil
}
