package postgres

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// sampleCopy is a COPY stream of two columns (text, int4) and three rows, one with NULLs.
func sampleCopy() []byte {
	b := []byte(signature + "\x00\x00\x00\x00\x00\x00\x00\x02xx")
	field := func(v []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	for i, text := range []string{"가나", ""} {
		b = append(b, 0, 2)
		field([]byte(text))
		field([]byte{0, 0, 1, byte(i)})
	}
	b = append(b, 0, 2, 255, 255, 255, 255, 255, 255, 255, 255)
	return append(b, 255, 255)
}

func sampleDecoder(t testing.TB) (*decoder, *[]string) {
	cols := []column{
		{field: base.Field{Name: "t", Type: base.Type{ID: base.String}}, typ: "text", wire: wireText},
		{field: base.Field{Name: "n", Type: base.Type{ID: base.Int}}, typ: "integer", wire: wireInt4},
	}
	schema, err := extract.Schema([]base.Field{cols[0].field, cols[1].field})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	d := newDecoder("t", cols, schema, func(rec arrow.RecordBatch, _ int64) error {
		for r := range int(rec.NumRows()) {
			got = append(got, rec.Column(0).ValueStr(r)+"="+rec.Column(1).ValueStr(r))
		}
		rec.Release()
		return nil
	})
	d.begin()
	return d, &got
}

func TestDecodesRowsHoweverTheyAreSplit(t *testing.T) {
	stream := sampleCopy()
	for size := 1; size <= len(stream); size++ {
		d, got := sampleDecoder(t)
		for rest := stream; len(rest) > 0; {
			n := min(size, len(rest))
			if _, err := d.Write(rest[:n]); err != nil {
				t.Fatalf("pieces of %d: %v", size, err)
			}
			rest = rest[n:]
		}
		if err := d.end(3); err != nil {
			t.Fatalf("pieces of %d: %v", size, err)
		}
		if err := d.flush(); err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(*got, " "); s != "가나=256 =257 (null)=(null)" {
			t.Fatalf("pieces of %d: %s", size, s)
		}
	}
}

func TestACopyCutShortIsAnError(t *testing.T) {
	stream := sampleCopy()
	for n := range len(stream) {
		d, _ := sampleDecoder(t)
		if _, err := d.Write(stream[:n]); err != nil {
			t.Fatal(err)
		}
		if d.end(3) == nil {
			t.Errorf("%d of %d bytes passed as a whole COPY", n, len(stream))
		}
	}
	d, _ := sampleDecoder(t)
	if _, err := d.Write(stream); err != nil || d.end(4) == nil {
		t.Errorf("a row fewer than the tag says passed: %v", err)
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add(sampleCopy())
	f.Fuzz(func(t *testing.T, b []byte) {
		d, _ := sampleDecoder(t)
		if _, err := d.Write(b); err == nil {
			_ = d.end(3)
		}
	})
}
