package crawl

import (
	"context"

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
	// Delim, Header and Quoted describe CSV files.
	Delim  string `json:"delim,omitempty"`
	Header bool   `json:"header,omitempty"`
	Quoted bool   `json:"quoted,omitempty"`
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
		err = s.infer(f, sum, picked, n)
	}
	if err != nil || len(sum.Fields) == 0 {
		return nil, err
	}
	sum.Fields = lowered(sum.Fields, f.uri, n)
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
		fields = merge(external.Parquet, fields, got, f.uri+x.name, n)
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
