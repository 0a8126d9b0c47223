package textfile_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/korean"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/textfile"
)

const text = "id,이름\r\n1,김철수\n2,똠방각하 펲시콜라\n3,뷁"

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func cp949(t *testing.T, s string) []byte {
	t.Helper()
	b, err := korean.EUCKR.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFormatIsTheEnding(t *testing.T) {
	for path, want := range map[string]string{"a.csv": "csv", "A.CSV": "csv", "a.tsv": "csv", "a.txt.gz": "csv", "a.jsonl": "json", "a.ndjson.GZ": "json", "a.json": "json", "x/한글.parquet": "parquet"} {
		if got, err := textfile.Format(path); err != nil || got != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	for _, path := range []string{"a.xlsx", "a", "a.gz", ".csv.bak"} {
		if got, err := textfile.Format(path); err == nil {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestUTF8FilesAreLeftAsTheyAre(t *testing.T) {
	for _, data := range [][]byte{[]byte(text), []byte("\ufeff" + text), nil, []byte(strings.Repeat("한", 40000) + "\n" + text)} {
		p := write(t, "a.csv", data)
		got, err := textfile.UTF8([]string{p}, "", t.TempDir())
		if err != nil || len(got) != 1 || got[0] != p {
			t.Errorf("%d bytes: %v, %v", len(data), got, err)
		}
	}
	if _, err := textfile.UTF8([]string{write(t, "a.csv.gz", zipped(t, []byte(text)))}, "utf-8", t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestKoreanLegacyTextIsNotTakenForUTF8(t *testing.T) {
	for name, data := range map[string][]byte{"a.csv": cp949(t, text), "a.csv.gz": zipped(t, cp949(t, text))} {
		_, err := textfile.UTF8([]string{write(t, name, data)}, "utf-8", t.TempDir())
		if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), name+":1:4: ") || !strings.Contains(base.Render(err), "encoding: cp949") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCP949BecomesUTF8Once(t *testing.T) {
	dir := t.TempDir()
	for _, encoding := range []string{"cp949", "EUC-KR", "ms949"} {
		for name, data := range map[string][]byte{"a.csv": cp949(t, text), "a.csv.gz": zipped(t, cp949(t, text))} {
			p := write(t, name, data)
			got, err := textfile.UTF8([]string{p}, encoding, dir)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(got[0])
			if err != nil || string(b) != text || filepath.Ext(got[0]) != ".csv" {
				t.Errorf("%s %s: %q, %v", encoding, name, b, err)
			}
			again, err := textfile.UTF8([]string{p}, encoding, dir)
			if err != nil || again[0] != got[0] {
				t.Errorf("converted twice: %v, %v", again, err)
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "convert-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBrokenLegacyTextNamesItsLine(t *testing.T) {
	p := write(t, "a.csv", append(cp949(t, "이름\n가\n"), 0xff, 0xff, '\n'))
	dir := t.TempDir()
	_, err := textfile.UTF8([]string{p}, "cp949", dir)
	if base.KindOf(err) != base.Invalid || !strings.Contains(err.Error(), p+":3: ") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUnknownEncodingAndMissingFile(t *testing.T) {
	if _, err := textfile.UTF8(nil, "latin1", t.TempDir()); base.KindOf(err) != base.Invalid {
		t.Errorf("got %v", err)
	}
	for _, encoding := range []string{"", "cp949"} {
		if _, err := textfile.UTF8([]string{filepath.Join(t.TempDir(), "no.csv")}, encoding, t.TempDir()); err == nil {
			t.Error("a missing file is no error")
		}
	}
}
