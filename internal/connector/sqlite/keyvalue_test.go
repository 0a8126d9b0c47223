package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/keyvaluetest"
)

func openKeyValue(t *testing.T, path string, clock base.Clock) *sqlite.KeyValue {
	t.Helper()
	kv, err := sqlite.OpenKeyValue(context.Background(), path, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kv.Close() })
	return kv
}

func TestKeyValue(t *testing.T) {
	keyvaluetest.Run(t, func(t *testing.T) keyvaluetest.Setup {
		path := filepath.Join(t.TempDir(), "kv.db")
		return keyvaluetest.Setup{Open: func(t *testing.T) port.KeyValue { return openKeyValue(t, path, base.SystemClock{}) }}
	})
}

func TestTokensAreForgottenAfterNinetyDays(t *testing.T) {
	ctx, clock := context.Background(), base.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	kv := openKeyValue(t, filepath.Join(t.TempDir(), "kv.db"), clock)
	table := port.KeyTable{Name: "t", Hash: port.KeyAttribute{Name: "id", Type: attribute.S}}
	if err := kv.Declare(ctx, []port.KeyTable{table}); err != nil {
		t.Fatal(err)
	}
	runs := 0
	write := func() {
		t.Helper()
		key := attribute.Item{"id": attribute.Text("a")}
		_, err := kv.Write(ctx, port.KeyWrite{Table: "t", Key: key, Token: "x/1/0", Change: func(attribute.Item) (attribute.Item, attribute.Item, error) {
			runs++
			return key, nil, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	write()
	clock.Advance(89 * 24 * time.Hour)
	if write(); runs != 1 {
		t.Errorf("after 89 days the write ran again")
	}
	clock.Advance(2 * 24 * time.Hour)
	if write(); runs != 2 {
		t.Errorf("after 91 days the write ran %d times", runs)
	}
}

func BenchmarkKeyValueWrite(b *testing.B) {
	kv, err := sqlite.OpenKeyValue(context.Background(), filepath.Join(b.TempDir(), "kv.db"), base.SystemClock{})
	if err != nil {
		b.Fatal(err)
	}
	defer kv.Close()
	if err := kv.Declare(context.Background(), []port.KeyTable{{Name: "t", Hash: port.KeyAttribute{Name: "id", Type: attribute.N}}}); err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		one := attribute.Value{Type: attribute.N, Text: "1"}
		for pb.Next() {
			_, err := kv.Write(context.Background(), port.KeyWrite{Table: "t", Key: attribute.Item{"id": one},
				Change: func(attribute.Item) (attribute.Item, attribute.Item, error) {
					return attribute.Item{"id": one}, nil, nil
				}})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
