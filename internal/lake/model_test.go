package lake_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// TestRandomOperationsMatchAModel runs writes, clean-up, reopening and moves in
// random order against a map of partition to ids.
func TestRandomOperationsMatchAModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	clock := base.NewFakeClock(time.Now().Add(200 * time.Hour)) // everything counts as old
	fake := func(o *lake.Options) { o.Clock = clock }
	w := newWorld(t, fake)
	w.put("first", lake.Append)
	stores := []*string{nil, str(""), str("서울"), str("a b"), str("NULL")}
	model := map[int][]int64{}
	next := int64(0)
	for i := range 40 {
		var rows []row
		fresh := map[int][]int64{}
		for range rnd.IntN(4) {
			k := rnd.IntN(len(stores))
			next++
			rows = append(rows, row{stores[k], 1, next})
			fresh[k] = append(fresh[k], next)
		}
		id := fmt.Sprint("w", i)
		switch op := rnd.IntN(10); {
		case op < 4:
			w.put(id, lake.Append, rows...)
			for k, l := range fresh {
				model[k] = append(model[k], l...)
			}
		case op < 7:
			w.put(id, lake.OverwritePartitions, rows...)
			maps.Copy(model, fresh)
		case op < 8:
			w.put(id, lake.Overwrite, rows...)
			model = fresh
		case op < 9:
			_, err := w.lake.Expire(t.Context(), orders, lake.ExpireOptions{Keep: 1 + rnd.IntN(3)})
			ok(t, err)
			_, err = w.lake.Orphans(t.Context(), orders, time.Hour)
			ok(t, err)
		default:
			w.close()
			if rnd.IntN(2) == 0 {
				w.moveTo(fmt.Sprintf("%s/%d", t.TempDir(), i), fake)
			} else {
				w.open(fake)
			}
		}
		want := slices.Concat(slices.Collect(maps.Values(model))...)
		slices.Sort(want)
		if got := w.ids(); !slices.Equal(got, want) {
			t.Fatalf("seed %d, step %d: ids %v, want %v", seed, i, got, want)
		}
		info, err := w.lake.Table(t.Context(), orders)
		ok(t, err)
		if info.Rows != int64(len(want)) {
			t.Fatalf("seed %d, step %d: the summary says %d rows, want %d", seed, i, info.Rows, len(want))
		}
	}
}
