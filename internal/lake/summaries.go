package lake

import (
	"bytes"
	"fmt"
	"os"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// emptyBounds mends the manifest list of the snapshot that t ends with, before
// anything names it. iceberg-go writes the bound of a partition field whose
// value is the empty text as none at all, which readers take for "only NULLs":
// pyiceberg leaves such rows out. A bound that is missing becomes the empty
// text, which is at worst too low: of a field with NULLs only nothing can tell.
func emptyBounds(t *table.Table, fs *localFS) error {
	s := t.CurrentSnapshot()
	if s == nil || s.ManifestList == "" {
		return nil
	}
	texts := map[int32][]bool{}
	for id, spec := range specsOf(t) {
		for _, p := range spec.Fields() {
			texts[int32(id)] = append(texts[int32(id)], holdsText(p, t.Schema()))
		}
	}
	old, err := os.ReadFile(fs.path(s.ManifestList))
	if err != nil {
		return fmt.Errorf("read manifest list: %w", err)
	}
	mended := false
	var buf bytes.Buffer
	err = copyAvro(bytes.NewReader(old), &buf, func(rec map[string]any) error {
		spec, _ := rec["partition_spec_id"].(int32)
		summaries, _ := rec["partitions"].([]any)
		for i, x := range summaries {
			summary, ok := x.(map[string]any)
			if !ok || i >= len(texts[spec]) || !texts[spec][i] {
				continue
			}
			for _, bound := range []string{"lower_bound", "upper_bound"} {
				if summary[bound] == nil {
					summary[bound], mended = []byte{}, true
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mend manifest list %s: %w", s.ManifestList, err)
	}
	if !mended {
		return nil
	}
	return fs.WriteFile(s.ManifestList, buf.Bytes())
}

// holdsText tells whether a partition field's values are text or bytes.
func holdsText(p iceberg.PartitionField, schema *iceberg.Schema) bool {
	f, ok := schema.FindFieldByID(p.SourceID())
	if !ok {
		return false
	}
	switch p.Transform.ResultType(f.Type).(type) {
	case iceberg.StringType, iceberg.BinaryType:
		return true
	}
	return false
}
