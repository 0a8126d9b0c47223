package lake_test

import (
	"bytes"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// TestDamagedMetadataIsNamed breaks each metadata file of a table in every
// way: reading tells which file it is, another table is not touched, and once
// the file is back the table is what it was.
func TestDamagedMetadataIsNamed(t *testing.T) {
	w := newWorld(t)
	w.put("a", lake.Append, row{str("s1"), 2014, 1})
	metadata := filepath.Join(w.dir, "lake", "silver", "주문", "metadata")
	for _, c := range []struct{ what, glob string }{
		{"metadata file", "*.metadata.json"}, {"manifest list", "snap-*.avro"}, {"manifest", "*-m[0-9]*.avro"},
	} {
		files, err := filepath.Glob(filepath.Join(metadata, c.glob))
		ok(t, err)
		if len(files) != 1 {
			t.Fatalf("%s: %v", c.what, files)
		}
		good, err := os.ReadFile(files[0])
		ok(t, err)
		for _, d := range damages(good) {
			w.close()
			if d.bytes == nil {
				ok(t, os.Remove(files[0]))
			} else {
				ok(t, os.WriteFile(files[0], d.bytes, 0o600))
			}
			w.open()
			_, err := w.lake.DataFiles(t.Context(), orders)
			if d.maybe && (err == nil || strings.HasPrefix(base.CodeOf(err), "ICEBERG_")) { // the name of the next file may be what was hit
				continue
			}
			code := "ICEBERG_INVALID_METADATA"
			if d.bytes == nil {
				code = "ICEBERG_MISSING_METADATA"
			}
			if err == nil || base.CodeOf(err) != code || !strings.Contains(err.Error(), c.what+" "+files[0]) || !strings.Contains(base.Render(err), "hint: ") {
				t.Errorf("%s %s: %s %v", c.what, d.name, base.CodeOf(err), err)
			}
			if _, err := w.lake.Table(t.Context(), lake.Name{Database: "silver", Table: "없다"}); base.KindOf(err) != base.NotFound {
				t.Errorf("%s %s: another name: %v", c.what, d.name, err)
			}
		}
		ok(t, os.WriteFile(files[0], good, 0o600))
	}
	w.close()
	w.open()
	if list, err := w.lake.DataFiles(t.Context(), orders); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}

// damage is a file's content when something went wrong; nil if it is gone.
type damage struct {
	name  string
	bytes []byte
	// maybe says that the content may still be readable.
	maybe bool
}

func damages(good []byte) []damage {
	list := []damage{{name: "gone"}, {name: "empty", bytes: []byte{}}, {name: "zeros", bytes: make([]byte, len(good))},
		{name: "cut at the end", bytes: good[:len(good)-7]}, {name: "cut in the middle", bytes: good[:len(good)/2]}}
	r := rand.New(rand.NewSource(1))
	for range 20 {
		bad := bytes.Clone(good)
		for range 1 + r.Intn(8) {
			bad[r.Intn(len(bad))] = byte(r.Intn(256))
		}
		list = append(list, damage{"a few bytes", bad, true})
	}
	return list
}
