package extract

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/mulgil/mulgil/internal/base"
)

func TestColumnsHoldWhatWasAppended(t *testing.T) {
	schema, err := Schema([]base.Field{
		{Name: "b", Type: base.Type{ID: base.Boolean}}, {Name: "s", Type: base.Type{ID: base.String}},
		{Name: "d", Type: base.DecimalOf(10, 2)}, {Name: "l", Type: base.ListOf(base.Type{ID: base.Long})},
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := NewBatch(schema)
	for round := range 2 {
		for i := range 1000 {
			b, s, d, l := batch.Columns[0], batch.Columns[1], batch.Columns[2], batch.Columns[3]
			if i%7 == 3*round {
				for _, c := range batch.Columns {
					c.Null()
				}
			} else {
				b.AppendBool(i%3 == 0)
				s.AppendString(strings.Repeat("가", i%4))
				d.AppendDecimal(Signed(0, uint64(i), i%2 == 0))
				for k := range i % 3 {
					if k == 1 {
						l.Elem().Null()
					} else {
						l.Elem().Append64(int64(i))
					}
				}
				l.EndList()
			}
			batch.EndRow(10)
		}
		rec := batch.Take()
		for i := range 1000 {
			if null := i%7 == 3*round; null {
				for c := range 4 {
					if !rec.Column(c).IsNull(i) {
						t.Fatalf("row %d column %d is not NULL", i, c)
					}
				}
				continue
			}
			want := decimal128.FromI64(int64(i))
			if i%2 == 0 {
				want = want.Negate()
			}
			from, to := rec.Column(3).(*array.List).ValueOffsets(i)
			if rec.Column(0).(*array.Boolean).Value(i) != (i%3 == 0) || rec.Column(1).(*array.String).Value(i) != strings.Repeat("가", i%4) ||
				rec.Column(2).(*array.Decimal128).Value(i) != want || int(to-from) != i%3 {
				t.Fatalf("row %d differs", i)
			}
		}
		rec.Release()
	}
}

func TestParseDecimalNeverRounds(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-12.50": "-1250", "1e2": "10000", "12.345e1": "12345", "+.5": "50", "5.": "500", "100e-2": "100", "-0.00": "0", "0e999": "0",
		"1.005": "", "1e-3": "", "": "", "-": "", ".": "", "1e": "", "NaN": "", "1_000": "", "0x10": "", "1e99999": "",
		"999999999999999999999999999999999999.99": "99999999999999999999999999999999999999", "1000000000000000000000000000000000000.00": "",
	} {
		hi, lo, ok := ParseDecimal(text, 38, 2)
		got := ""
		if ok {
			got = decimal128.New(hi, lo).BigInt().String()
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestMulAddAgreesWithBigIntegers(t *testing.T) {
	for range 1000 {
		hi, lo := uint64(rand.Uint32()>>8), rand.Uint64()
		m, a := rand.Uint64N(10_000), rand.Uint64N(10_000)
		n := new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64)
		n.Add(n, new(big.Int).SetUint64(lo)).Mul(n, new(big.Int).SetUint64(m)).Add(n, new(big.Int).SetUint64(a))
		h, l := MulAdd(hi, lo, m, a)
		sh, sl := Signed(h, l, false)
		if got := decimal128.New(sh, sl).BigInt(); got.Cmp(n) != 0 {
			t.Fatalf("(%d,%d)*%d+%d = %s, want %s", hi, lo, m, a, got, n)
		}
	}
}

func TestHintFindsNearMisses(t *testing.T) {
	names := []string{"retail.customer", "retail.purchase", "상품분류"}
	for name, want := range map[string]string{
		"retail.Purchase": `did you mean "retail.purchase"?`, "retail.custmer": `did you mean "retail.customer"?`,
		"상품분루": `did you mean "상품분류"?`, "zzz": "there are: retail.customer, retail.purchase, 상품분류",
	} {
		if got := Hint(name, names); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestStreamNeverHidesAShortExtract(t *testing.T) {
	schema, err := Schema([]base.Field{{Name: "n", Type: base.Type{ID: base.Long}}})
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("gone")
	for name, c := range map[string]struct {
		total int64
		err   error
	}{"a worker failed": {10, failure}, "the source counted more": {11, nil}} {
		s := Start(context.Background(), Options{Name: "t", Schema: schema}, func(ctx context.Context, emit Emit) (int64, error) {
			b := NewBatch(schema)
			for i := range 10 {
				b.Columns[0].Append64(int64(i))
				b.EndRow(8)
			}
			if err := emit(b.Take(), 80); err != nil {
				return 0, err
			}
			return c.total, c.err
		})
		for s.Next() {
		}
		if s.Err() == nil || c.err != nil && !errors.Is(s.Err(), c.err) {
			t.Errorf("%s: ended with %v", name, s.Err())
		}
		s.Release()
		s.Release()
	}
}
