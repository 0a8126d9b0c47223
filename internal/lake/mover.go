package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/google/uuid"
	"github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"github.com/mulgil/mulgil/internal/base"
)

// mover rewrites a table's metadata after its files moved from one folder to
// another. It changes paths and nothing else, record by record, so whatever
// another program wrote into its metadata stays.
type mover struct {
	ctx      context.Context
	from, to string
	old      *localFS // spells names as the metadata does
	out      *localFS // writes, in the new place
	observe  func(event, path string)
	suffix   string            // new in every name this mover makes
	done     map[string]string // manifests by old path
	sizes    map[string]int64  // of new manifests
}

func newMover(ctx context.Context, from, to string, observe func(event, path string)) *mover {
	return &mover{ctx: ctx, from: from, to: to, old: newFS(from, nil), out: newFS(to, observe), observe: observe,
		suffix: "-" + uuid.NewString()[:8], done: map[string]string{}, sizes: map[string]int64{}}
}

// path is where a file now lies that the metadata calls name.
func (m *mover) path(name string) string {
	p := m.old.path(name)
	if within(m.from, p) {
		return m.to + strings.TrimPrefix(p, m.from)
	}
	return p
}

// renamed is a new name beside path.
func (m *mover) renamed(p string) string {
	ext := path.Ext(p)
	return strings.TrimSuffix(p, ext) + m.suffix + ext
}

// table rewrites the table whose metadata file was called location and
// returns the new metadata file; "" if the table does not lie in the moved folder.
func (m *mover) table(location string) (string, error) {
	file := m.path(location)
	body, err := m.out.ReadFile(file)
	if err != nil {
		return "", err
	}
	meta := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&meta); err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	loc, _ := meta["location"].(string)
	// Names of metadata files begin with the table's location, percent-encoded.
	m.old = newFS(plainPath(loc), nil)
	if !within(m.from, plainPath(strings.TrimRight(loc, "/"))) {
		return "", nil
	}
	if err := m.metadata(meta); err != nil {
		return "", err
	}
	if body, err = json.Marshal(meta); err != nil {
		return "", err
	}
	next := fmt.Sprintf("%s/metadata/%05d-%s.metadata.json", meta["location"], metadataVersion(file)+1, uuid.NewString())
	return next, m.out.WriteFile(next, body)
}

func (m *mover) metadata(meta map[string]any) error {
	meta["location"] = strings.TrimRight(m.path(meta["location"].(string)), "/")
	meta["metadata-log"] = []any{} // older versions name files in the old place
	for _, s := range objects(meta["snapshots"]) {
		list, ok := s["manifest-list"].(string)
		if !ok {
			return base.Errorf(base.Invalid, "snapshot %v has no manifest list (Iceberg format 1)", s["snapshot-id"])
		}
		next, err := m.manifestList(list)
		if err != nil {
			return err
		}
		s["manifest-list"] = next
	}
	for _, key := range []string{"statistics", "partition-statistics"} {
		for _, s := range objects(meta[key]) {
			if p, ok := s["statistics-path"].(string); ok {
				s["statistics-path"] = m.path(p)
			}
		}
	}
	if props, ok := meta["properties"].(map[string]any); ok {
		for _, key := range []string{"write.data.path", "write.metadata.path"} {
			if p, ok := props[key].(string); ok {
				props[key] = m.path(p)
			}
		}
	}
	return nil
}

func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, x := range list {
		if o, ok := x.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

func (m *mover) manifestList(name string) (string, error) {
	file := m.path(name)
	next := m.renamed(file)
	err := m.rewrite(file, next, func(rec map[string]any) error {
		if content, ok := rec["content"].(int32); ok && content != 0 {
			return base.Errorf(base.Invalid, "the table has files of deleted rows, which name data files by their old paths").
				WithHint("move the folder back, rewrite the table, then move it")
		}
		p, ok := rec["manifest_path"].(string)
		if !ok {
			return fmt.Errorf("a manifest list entry has no path")
		}
		moved, err := m.manifest(p)
		if err != nil {
			return err
		}
		rec["manifest_path"], rec["manifest_length"] = moved, m.sizes[moved]
		return nil
	})
	return next, err
}

// manifest rewrites each manifest once, however many snapshots share it.
func (m *mover) manifest(name string) (string, error) {
	if next, ok := m.done[name]; ok {
		return next, nil
	}
	file := m.path(name)
	next := m.renamed(file)
	err := m.rewrite(file, next, func(rec map[string]any) error {
		df, ok := rec["data_file"].(map[string]any)
		if !ok {
			return fmt.Errorf("a manifest entry has no data file")
		}
		p, ok := df["file_path"].(string)
		if !ok {
			return fmt.Errorf("a manifest entry has no path")
		}
		df["file_path"] = m.path(p)
		return nil
	})
	m.done[name] = next
	return next, err
}

// rewrite copies an Avro file, changing each record.
func (m *mover) rewrite(from, to string, change func(rec map[string]any) error) error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	in, err := m.out.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	var buf bytes.Buffer
	if err := copyAvro(in, &buf, change); err != nil {
		return fmt.Errorf("rewrite %s: %w", from, err)
	}
	m.sizes[to] = int64(buf.Len())
	return m.out.WriteFile(to, buf.Bytes())
}

// copyAvro reads and writes records as their bare Avro types: logical types
// (dates, decimals) would be turned into Go values and back.
func copyAvro(in io.Reader, out io.Writer, change func(rec map[string]any) error) error {
	r, err := ocf.NewReader(in, ocf.WithReaderSchemaFunc(func(r *ocf.Reader) (*avro.Schema, error) { return bareSchema(r.Metadata()["avro.schema"]) }))
	if err != nil {
		return err
	}
	defer r.Close()
	text := r.Metadata()["avro.schema"]
	bare, err := bareSchema(text)
	if err != nil {
		return err
	}
	meta := map[string][]byte{}
	for k, v := range r.Metadata() {
		if !strings.HasPrefix(k, "avro.") {
			meta[k] = v
		}
	}
	w, err := ocf.NewWriter(out, bare, ocf.WithSchema(string(text)), ocf.WithMetadata(meta), ocf.WithCodec(ocf.DeflateCodec(-1)))
	if err != nil {
		return err
	}
	for {
		var v any
		err := r.Decode(&v)
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return err
		}
		rec, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("not a file of records")
		}
		if err := change(rec); err != nil {
			return err
		}
		if err := w.Encode(rec); err != nil {
			return err
		}
	}
}

func bareSchema(text []byte) (*avro.Schema, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read Avro schema: %w", err)
	}
	strip(v)
	out, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return avro.Parse(string(out))
}

func strip(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "logicalType")
		for _, x := range v {
			strip(x)
		}
	case []any:
		for _, x := range v {
			strip(x)
		}
	}
}
