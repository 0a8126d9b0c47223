package crawl

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lake/footer"
)

// summary is what a folder's own files look like. It is kept in state.db, so
// that CRAWL_NEW_FOLDERS_ONLY need not open the folder again.
type summary struct {
	Format      string       `json:"format"`
	Compression string       `json:"compression"`
	Fields      []base.Field `json:"fields"`
	Files       int          `json:"files"`
	// Delim and Header describe CSV files.
	Delim  string `json:"delim,omitempty"`
	Header bool   `json:"header,omitempty"`
}

// read infers the schema of the files directly in f; nil if none could be read.
func (s *Service) read(ctx context.Context, f *folder, n *notes) (*summary, error) {
	files := oneFormat(f, n)
	if len(files) == 0 {
		return nil, nil
	}
	sum := &summary{Format: files[0].format, Compression: files[0].compression, Files: len(files)}
	picked := sample(files, s.o.SampleFiles)
	var err error
	if sum.Format == external.Parquet {
		sum.Fields, err = s.readParquet(ctx, f, picked, n)
	} else {
		sum.Fields, err = s.sniff(ctx, f, sum.Format, picked, n)
	}
	if err != nil || len(sum.Fields) == 0 {
		return nil, err
	}
	sum.Fields = lowered(sum.Fields, f.uri, n)
	if sum.Format == external.CSV {
		line, err := s.firstLine(picked[0])
		if err != nil {
			n.add("WARN %s%s: %v", f.uri, picked[0].name, err)
		}
		sum.Delim, sum.Header = csvShape(line, sum.Fields)
	}
	return sum, nil
}

// oneFormat keeps the format most files of a folder have and notes the others.
func oneFormat(f *folder, n *notes) []dataFile {
	count := map[string]int{}
	best := ""
	for _, x := range f.files {
		count[x.format]++
		if c := count[x.format]; best == "" || c > count[best] || c == count[best] && x.format > best {
			best = x.format
		}
	}
	var keep []dataFile
	var other []string
	for _, x := range f.files {
		if x.format == best {
			keep = append(keep, x)
		} else {
			other = append(other, x.name)
		}
	}
	if len(other) > 0 {
		n.add("WARN %s holds mostly %s; left out: %s", f.uri, best, some(other, 10))
	}
	return keep
}

// sample picks at most n files, spread evenly, the first and last included.
func sample(files []dataFile, n int) []dataFile {
	if len(files) <= n {
		return files
	}
	out := make([]dataFile, 0, n)
	for i := range n {
		out = append(out, files[i*(len(files)-1)/max(n-1, 1)])
	}
	return out
}

func (s *Service) readParquet(ctx context.Context, f *folder, files []dataFile, n *notes) ([]base.Field, error) {
	var fields []base.Field
	for _, x := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		got, err := s.footer(x.path)
		if err != nil {
			n.add("ERROR %s%s left out: %v", f.uri, x.name, err)
			continue
		}
		got = lowered(got, f.uri+x.name, n)
		if fields == nil {
			fields = got
			continue
		}
		fields = merge(fields, got, f.uri+x.name, n)
	}
	return fields, nil
}

func (s *Service) footer(path string) ([]base.Field, error) {
	r, err := s.o.FS.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return footer.Read(r)
}

func (s *Service) sniff(ctx context.Context, f *folder, format string, files []dataFile, n *notes) ([]base.Field, error) {
	names, paths := make([]string, len(files)), make([]string, len(files))
	for i, x := range files {
		names[i], paths[i] = x.name, x.path
	}
	if s.o.Sniff == nil {
		n.add("WARN %s not classified (%s files are not read here): %s", f.uri, format, some(names, 10))
		return nil, nil
	}
	fields, err := s.o.Sniff(ctx, format, paths)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		n.add("ERROR %s left out: %v", f.uri, err)
		return nil, nil
	}
	if len(fields) == 0 {
		n.add("WARN %s not classified (no columns found): %s", f.uri, some(names, 10))
	}
	return fields, nil
}

// firstLine reads a CSV file's first line, at most 64 KiB, decompressed.
func (s *Service) firstLine(x dataFile) (string, error) {
	f, err := s.o.FS.Open(x.path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var r io.Reader = f
	if x.compression == "gzip" {
		if r, err = gzip.NewReader(f); err != nil {
			return "", fmt.Errorf("decompress: %w", err)
		}
	}
	line, err := bufio.NewReader(io.LimitReader(r, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read first line: %w", err)
	}
	return strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "\ufeff"), nil
}

// csvShape tells the delimiter, and whether the first line is a header: it is
// if it holds the column names.
func csvShape(line string, fields []base.Field) (delim string, header bool) {
	delims := []string{",", "\t", ";", "|"}
	sort.SliceStable(delims, func(i, j int) bool {
		return abs(strings.Count(line, delims[i])+1-len(fields)) < abs(strings.Count(line, delims[j])+1-len(fields))
	})
	words := strings.Split(line, delims[0])
	if len(words) != len(fields) {
		return delims[0], false
	}
	for i, w := range words {
		w = strings.TrimSpace(strings.Trim(strings.TrimSpace(w), `"`))
		if !strings.EqualFold(w, fields[i].Name) {
			return delims[0], false
		}
	}
	return delims[0], true
}

func abs(n int) int { return max(n, -n) }
