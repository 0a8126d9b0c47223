package crawl

import (
	"testing"

	"github.com/mulgil/mulgil/internal/lake/external"
)

func FuzzInferenceGivesEveryColumnAType(f *testing.F) {
	for _, s := range []string{`{"a":[{"b":null}],"c":{"d<":1}}`, "a,\"b\n1,2", "{\"a\":1}{", "PAR1", "\xef\xbb\xbf이름\t수\n가\t1", "\r\n\r"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, whole bool) {
		guess([]byte(text), whole)
		for _, format := range []string{external.JSON, external.CSV} {
			var tally tally
			var n notes
			sum := &summary{Format: format}
			if format == external.JSON {
				_ = tally.json([]byte(text), whole)
			} else {
				sum.describe([]shape{shapeOf(textLines([]byte(text), whole), 0)}, &tally, "s3://lake/x/", &n)
			}
			u := &unit{summary: *sum}
			u.Fields = lowered(tally.fields("s3://lake/x/", &n), "s3://lake/x/", &n)
			for _, c := range u.columns() {
				if c.Type.ID == "" {
					t.Errorf("column %q of %q has no type", c.Name, text)
				}
			}
		}
	})
}
