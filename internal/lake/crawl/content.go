package crawl

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// headSize is how much of a file is looked at to tell its format or its columns.
const headSize = 1 << 20

// probes is how many files of one ending are looked at to tell their format.
const probes = 3

// head reads a file's beginning, decompressed. whole says that there is no more.
func (s *Service) head(x dataFile) (text []byte, whole bool, err error) {
	f, err := s.o.FS.Open(x.path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	r, done, err := decompressed(f, x.compression)
	if err != nil {
		return nil, false, fmt.Errorf("decompress: %w", err)
	}
	defer done()
	text, err = io.ReadAll(io.LimitReader(r, headSize+1))
	if err != nil {
		return nil, false, fmt.Errorf("read: %w", err)
	}
	if len(text) <= headSize {
		return text, true, nil
	}
	return text[:headSize], false, nil
}

func decompressed(f io.Reader, compression string) (io.Reader, func(), error) {
	switch compression {
	case "gzip":
		z, err := gzip.NewReader(f)
		return z, func() {}, err
	case "bzip2":
		return bzip2.NewReader(bufio.NewReader(f)), func() {}, nil
	case "zstd":
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return f, func() {}, nil
}

// guess tells the format of text by what is in it, "" if it is none we read.
// A file cut off by head may end within a line.
func guess(text []byte, whole bool) string {
	if bytes.HasPrefix(text, []byte("PAR1")) {
		return external.Parquet
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(trimmed) == 0 || bytes.IndexByte(text, 0) >= 0 || notText(text, whole):
		return ""
	case trimmed[0] == '{' && looksLikeJSON(trimmed):
		return external.JSON
	}
	if sh := shapeOf(textLines(text, whole), 0); sh.columns > 1 && sh.rows > 1 {
		return external.CSV
	}
	return ""
}

func notText(text []byte, whole bool) bool {
	if !whole { // do not judge a character cut in half
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	return !utf8.Valid(text)
}

// textLines are the lines of a head, without a last one that may be cut off.
func textLines(text []byte, whole bool) []string {
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(text), "\ufeff"))
	lines := strings.Split(s, "\n")
	if n := len(lines); n > 1 && (!whole || lines[n-1] == "") {
		lines = lines[:n-1]
	}
	return lines
}

// identify finds by content the format of files whose endings say nothing:
// files of one ending in one folder are taken to be alike. known is the format
// an earlier crawl found in the folder, which spares looking.
func (s *Service) identify(f *folder, unknown []dataFile, known string, n *notes) {
	byEnding := map[string][]dataFile{}
	var order []string
	for _, x := range unknown {
		e := ending(x.name)
		if byEnding[e] == nil {
			order = append(order, e)
		}
		byEnding[e] = append(byEnding[e], x)
	}
	var left []string
	for _, e := range order {
		format := known
		if format == "" {
			format = s.commonFormat(byEnding[e])
		}
		for _, x := range byEnding[e] {
			if x.format = format; format == "" || x.compression != "none" && format == external.Parquet {
				left = append(left, x.name)
				continue
			}
			f.files = append(f.files, x)
		}
	}
	if len(left) > 0 {
		n.add("WARN %s not classified (parquet, csv, json and their .gz are known): %s", f.uri, some(left, 10))
	}
}

// ending is a file name's extension if it looks like one; names that machines
// make may end in a dot and a number.
func ending(name string) string {
	e := strings.ToLower(filepath.Ext(name))
	if len(e) > 5 || strings.ContainsAny(e, "0123456789-") {
		return ""
	}
	return e
}

func (s *Service) commonFormat(files []dataFile) string {
	format := ""
	for i, x := range sample(files, probes) {
		text, whole, err := s.head(x)
		if err != nil {
			return ""
		}
		g := guess(text, whole)
		if i > 0 && g != format {
			return ""
		}
		format = g
	}
	return format
}

// infer finds the columns of text files from their beginnings.
func (s *Service) infer(f *folder, sum *summary, files []dataFile, n *notes) error {
	var t tally
	var shapes []shape
	read := 0
	for _, x := range files {
		text, whole, err := s.head(x)
		if err != nil {
			n.add("ERROR %s%s left out: %v", f.uri, x.name, err)
			continue
		}
		if notText(text, whole) {
			n.add("ERROR %s%s left out: the text is not UTF-8; Korean text from Excel is often CP949", f.uri, x.name)
			continue
		}
		read++
		if sum.Format == external.JSON {
			if err := t.json(text, whole); err != nil {
				n.add("WARN %s%s: %v", f.uri, x.name, err)
			}
			continue
		}
		shapes = append(shapes, shapeOf(textLines(text, whole), 0))
	}
	if sum.Format == external.CSV && len(shapes) > 0 {
		sum.describe(shapes, &t, f.uri, n)
	}
	sum.Fields = t.fields(f.uri, n)
	if len(sum.Fields) == 0 && read > 0 {
		names := make([]string, len(files))
		for i, x := range files {
			names[i] = x.name
		}
		n.add("WARN %s not classified (no columns found): %s", f.uri, some(names, 10))
	}
	return nil
}

// errNotLines says that a file is JSON, but not one object per line, the only
// form Athena reads.
var errNotLines = errors.New("it is JSON, but not one object per line, which is all Athena reads")

// problem is a finding about a file that does not stop its being read.
func problem(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...)
}
