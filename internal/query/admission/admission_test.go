package admission_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query/admission"
)

func TestPartiesTakeTurnsAndLinesKeepOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(1, 100)
		first, err := q.Enter(t.Context(), "김", nil)
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		leaves := make(chan func(), 100)
		join := func(party string, n int) {
			go func() {
				leave, err := q.Enter(t.Context(), party, nil)
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, fmt.Sprint(party, n))
				leaves <- leave
			}()
			synctest.Wait()
		}
		for n := range 3 {
			join("김", n)
		}
		join("이", 0)
		join("박", 0)
		join("이", 1)
		first()
		for range 6 {
			(<-leaves)()
			synctest.Wait()
		}
		if want := []string{"김0", "이0", "박0", "김1", "이1", "김2"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

func TestFullQueueRefusesAndSaysHowFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(1, 1)
		leave, _ := q.Enter(t.Context(), "a", nil)
		waits := false
		go func() {
			l, err := q.Enter(t.Context(), "a", func() { waits = true })
			if err == nil {
				l()
			}
		}()
		synctest.Wait()
		if !waits {
			t.Error("the second was not told that it waits")
		}
		_, err := q.Enter(t.Context(), "b", nil)
		if base.CodeOf(err) != "QUERY_QUEUE_FULL" || err.Error() != "too many queries are waiting: 1 run and 1 wait already" {
			t.Errorf("%v", err)
		}
		leave()
		synctest.Wait()
		if l, err := q.Enter(t.Context(), "b", nil); err != nil {
			t.Error(err)
		} else {
			l()
		}
	})
}

func TestCanceledWaiterLeavesNoGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(1, 10)
		leave, _ := q.Enter(t.Context(), "a", nil)
		why := errors.New("그만")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := q.Enter(ctx, "a", nil)
			done <- err
		}()
		synctest.Wait()
		cancel(why)
		if err := <-done; !errors.Is(err, why) {
			t.Errorf("%v", err)
		}
		leave()
		if l, err := q.Enter(t.Context(), "b", nil); err != nil {
			t.Error(err)
		} else {
			l()
		}
	})
}

// Of 64 clients none waits much longer than another, whoever asks most.
func TestSixtyFourClientsShareAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const room, seconds = 4, 1000
		q := admission.New(room, 1000)
		var busy atomic.Int32
		served := make([]int, 64)
		var mu sync.Mutex // guards served
		var all sync.WaitGroup
		ctx, cancel := context.WithTimeout(t.Context(), seconds*time.Second)
		defer cancel()
		for i := range served {
			// Client 0 sends ten statements at a time.
			for range map[bool]int{true: 10, false: 1}[i == 0] {
				all.Go(func() {
					for {
						leave, err := q.Enter(ctx, fmt.Sprint("손님 ", i), nil)
						if err != nil {
							return
						}
						if n := busy.Add(1); n > room {
							t.Errorf("%d at once", n)
						}
						time.Sleep(time.Duration(500+rand.IntN(1000)) * time.Millisecond)
						busy.Add(-1)
						mu.Lock()
						served[i]++
						mu.Unlock()
						leave()
					}
				})
			}
		}
		all.Wait()
		if least, most := slices.Min(served), slices.Max(served); least < most-most/5 {
			t.Errorf("served between %d and %d: %v", least, most, served)
		}
	})
}
