package project

import (
	"bytes"
	"regexp"

	"github.com/mulgil/mulgil/internal/base"
)

var (
	blockOpen = regexp.MustCompile(`^/\*[ \t]*---[ \t]*`)
	lineFence = regexp.MustCompile(`^[ \t]*--[ \t]*---[ \t]*\r?$`)
)

const frontMatterHint = "begin the file with /*--- and end the block with ---*/, the job's YAML between them"

// frontMatter finds the YAML in the leading comment of a job file. text is the
// file with all but the YAML blanked out, so that lines and columns stay; body
// is the offset where SQL begins.
func frontMatter(s *source) (text []byte, body int, err *base.Error) {
	for at := 0; at < len(s.src); {
		line := s.src[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		trimmed := bytes.TrimSpace(line)
		switch {
		case blockOpen.Match(bytes.TrimLeft(line, " \t")):
			return blockMatter(s, at+len(line)-len(bytes.TrimLeft(line, " \t")))
		case lineFence.Match(bytes.TrimRight(line, "\n")):
			return lineMatter(s, at, at+len(line))
		case len(trimmed) > 0 && !bytes.HasPrefix(trimmed, []byte("--")):
			return nil, 0, base.Errorf(base.Invalid, "the job has no front matter").At(s.at(at, len(trimmed))).WithHint(frontMatterHint)
		}
		at += len(line)
	}
	return nil, 0, base.Errorf(base.Invalid, "the job has no front matter").At(s.line(1, 1, 1)).WithHint(frontMatterHint)
}

// blockMatter reads the form /*--- ... ---*/ that opens at start.
func blockMatter(s *source, start int) ([]byte, int, *base.Error) {
	begin := start + len(blockOpen.Find(s.src[start:]))
	i := bytes.Index(s.src[begin:], []byte("*/"))
	if i < 0 {
		return nil, 0, base.Errorf(base.Invalid, "the front matter is not closed").At(s.at(start, begin-start)).WithHint("end it with ---*/")
	}
	end := begin + i
	yaml := bytes.TrimRight(s.src[begin:end], " \t")
	if !bytes.HasSuffix(yaml, []byte("---")) {
		return nil, 0, base.Errorf(base.Invalid, "*/ ends the comment inside the front matter").At(s.at(end, 2)).
			WithHint("end the front matter with ---*/; write a value that contains */ in the -- style")
	}
	text := append(blank(s.src[:begin]), s.src[begin:begin+len(yaml)-3]...)
	return text, end + 2, nil
}

// lineMatter reads the form of -- lines between two fences; the first is at
// start, its next line at next.
func lineMatter(s *source, start, next int) ([]byte, int, *base.Error) {
	text := blank(s.src[:next])
	for at := next; at < len(s.src); {
		line := s.src[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		if lineFence.Match(bytes.TrimRight(line, "\n")) {
			return text, at + len(line), nil
		}
		i := bytes.Index(line, []byte("--"))
		if i < 0 || len(bytes.TrimSpace(line[:i])) > 0 {
			break
		}
		text = append(text, line[:i]...)
		text = append(text, "  "...)
		text = append(text, line[i+2:]...)
		at += len(line)
	}
	return nil, 0, base.Errorf(base.Invalid, "the front matter is not closed").At(s.at(start, next-start)).WithHint("end it with a line -- ---")
}

// blank is text with every character but line ends replaced by a space.
func blank(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r != '\n' {
			r = ' '
		}
		out = append(out, byte(r))
	}
	return out
}
