package project

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// maxFile bounds a project file; real ones are a few kilobytes.
const maxFile = 4 << 20

// source is one file the user wrote, without a byte order mark. name is its
// path relative to the project, with slashes.
type source struct {
	name string
	src  []byte
}

var bom = []byte("\ufeff")

// readSource reads root/name and refuses what no later step could show:
// broken UTF-8, NUL bytes, absurd sizes.
func readSource(root, name string) (*source, *base.Error) {
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, base.Errorf(base.Invalid, "read %s: %w", name, err)
	}
	return newSource(name, src)
}

func newSource(name string, src []byte) (*source, *base.Error) {
	s := &source{name, bytes.TrimPrefix(src, bom)}
	if len(src) > maxFile {
		return nil, base.Errorf(base.Invalid, "%s is larger than %d MB", name, maxFile>>20)
	}
	if i := bytes.IndexByte(s.src, 0); i >= 0 {
		hint := "remove it"
		if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
			hint = "the file looks like UTF-16; save it as UTF-8"
		}
		return nil, base.Errorf(base.Invalid, "the file contains a NUL byte").At(lineOnly(name, s.src, i)).WithHint("%s", hint)
	}
	for i := 0; i < len(s.src); {
		r, n := utf8.DecodeRune(s.src[i:])
		if r == utf8.RuneError && n == 1 {
			return nil, base.Errorf(base.Invalid, "the file is not valid UTF-8").At(lineOnly(name, s.src, i)).
				WithHint("save the file as UTF-8 (it may be in CP949)")
		}
		i += n
	}
	return s, nil
}

// lineOnly is a place whose text is not shown, for bytes a terminal should not see.
func lineOnly(name string, src []byte, offset int) *base.Place {
	p := base.PlaceAt(name, src, offset, 1)
	p.Text = ""
	return p
}

// at is the place of a byte range, with secrets in the shown line masked.
func (s *source) at(offset, length int) *base.Place {
	p := base.PlaceAt(s.name, s.src, offset, length)
	p.Text = maskLine(p.Text)
	return p
}

// line is the place of a line and column, both from 1 and in characters.
func (s *source) line(line, col, length int) *base.Place {
	p := base.PlaceLine(s.name, s.src, line, col, length)
	p.Text = maskLine(p.Text)
	return p
}

var (
	urlSecret  = regexp.MustCompile(`(://[^/\s:@]*:)([^\s"']+)(@)`)
	paramValue = regexp.MustCompile(`(?i)([?&;](?:password|pwd|pass|sslpassword|secret|token)=)([^&;\s'"]+)()`)
	keySecret  = regexp.MustCompile(`(?i)(["']?\b(?:password|passwd|pwd|secret_key|token)["']?\s*:\s*["']?)([^\s"',{}\[\]$][^"',{}\[\]]*)()`)
)

// maskLine hides passwords in a source line, keeping every column where it was.
func maskLine(line string) string { return mask(line, urlSecret, paramValue, keySecret) }

// maskURL hides the passwords of an address.
func maskURL(s string) string { return mask(s, urlSecret, paramValue) }

func mask(s string, patterns ...*regexp.Regexp) string {
	for _, re := range patterns {
		var b strings.Builder
		last := 0
		for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
			secret := s[m[4]:m[5]]
			b.WriteString(s[last:m[4]])
			if strings.HasPrefix(secret, "${") && strings.HasSuffix(secret, "}") {
				b.WriteString(secret)
			} else {
				b.WriteString(strings.Repeat("*", utf8.RuneCountInString(secret)))
			}
			last = m[5]
		}
		b.WriteString(s[last:])
		s = b.String()
	}
	return s
}
