// Package keyvaluetest holds what every port.KeyValue must do, run against each
// of them: items come back exactly, keys sort by type, a change sees the item
// alone, a token counts once, and what was written is there after a restart.
package keyvaluetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

// Setup is one empty store.
type Setup struct {
	// Open opens the store, and again after it was closed; the suite closes it.
	Open func(t *testing.T) port.KeyValue
}

// Run runs the suite; setup is called for each test.
func Run(t *testing.T, setup func(t *testing.T) Setup) {
	tests := []struct {
		name string
		run  func(t *testing.T, s *suite)
	}{
		{"KeepsEveryTypeExactly", keepsTypes},
		{"PutsChangesAndDeletes", changes},
		{"SortsKeysByTypeAndAmount", sorts},
		{"ScansInPages", scansInPages},
		{"FindsARangeOfOneHashKey", findsRange},
		{"TellsKeysThatLookAlikeApart", tellsApart},
		{"LeavesARefusedWriteUndone", refuses},
		{"ChangesAnItemOneAtATime", oneAtATime},
		{"CountsATokenOnce", tokens},
		{"KeepsWhatWasWritten", durable},
		{"RefusesAnotherKey", anotherKey},
		{"KnowsOnlyDeclaredTables", unknown},
		{"StopsWhenTheContextEnds", stops},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &suite{Setup: setup(t)}
			s.reopen(t)
			t.Cleanup(func() { s.kv.Close() })
			tt.run(t, s)
		})
	}
}

type suite struct {
	Setup
	kv port.KeyValue
}

// plain has a hash key of type S, sorted one of S with a range key of the type.
var plain = port.KeyTable{Name: "plain", Hash: port.KeyAttribute{Name: "id", Type: attribute.S}}

func sorted(t attribute.Type) port.KeyTable {
	return port.KeyTable{Name: "sorted_" + string(t), Hash: port.KeyAttribute{Name: "h", Type: attribute.S}, Range: port.KeyAttribute{Name: "r", Type: t}}
}

func (s *suite) reopen(t *testing.T) {
	t.Helper()
	if s.kv != nil {
		if err := s.kv.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.kv = s.Open(t)
	if err := s.kv.Declare(context.Background(), []port.KeyTable{plain, sorted(attribute.S), sorted(attribute.N), sorted(attribute.B)}); err != nil {
		t.Fatal(err)
	}
}

func item(t *testing.T, text string) attribute.Item {
	t.Helper()
	i, err := attribute.ParseItem([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return i
}

// put writes an item whole.
func (s *suite) put(t *testing.T, table port.KeyTable, i attribute.Item) {
	t.Helper()
	if _, err := s.kv.Write(context.Background(), put(table, i)); err != nil {
		t.Fatal(err)
	}
}

func put(table port.KeyTable, i attribute.Item) port.KeyWrite {
	return port.KeyWrite{Table: table.Name, Key: table.Key(i), Request: port.KeyRequest{Operation: "PutItem", Item: i},
		Change: func(attribute.Item) (attribute.Item, attribute.Item, error) { return i, nil, nil }}
}

// add is an update that adds one to n and returns the item.
func add(table port.KeyTable, key attribute.Item, token string) port.KeyWrite {
	expression, all := "ADD n :one", "ALL_NEW"
	one := attribute.Value{Type: attribute.N, Text: "1"}
	return port.KeyWrite{Table: table.Name, Key: key, Token: token,
		Request: port.KeyRequest{Operation: "UpdateItem", Update: &expression, Values: map[string]attribute.Value{":one": one}, ReturnValues: all},
		Change: func(old attribute.Item) (attribute.Item, attribute.Item, error) {
			n, err := attribute.ParseNumber("1")
			if have, ok := old["n"]; ok && err == nil {
				var m attribute.Number
				if m, err = attribute.ParseNumber(have.Text); err == nil {
					n, err = n.Add(m)
				}
			}
			out := attribute.Item{"n": n.Value()}
			for k, v := range key {
				out[k] = v
			}
			return out, out, err
		}}
}

func remove(table port.KeyTable, key attribute.Item) port.KeyWrite {
	return port.KeyWrite{Table: table.Name, Key: key, Request: port.KeyRequest{Operation: "DeleteItem", ReturnValues: "ALL_OLD"},
		Change: func(old attribute.Item) (attribute.Item, attribute.Item, error) { return nil, old, nil }}
}

func (s *suite) get(t *testing.T, table port.KeyTable, key attribute.Item) attribute.Item {
	t.Helper()
	i, err := s.kv.Get(context.Background(), table.Name, key)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (s *suite) wantItem(t *testing.T, table port.KeyTable, key, want attribute.Item) {
	t.Helper()
	if got := s.get(t, table, key); (got == nil) != (want == nil) || !got.Equal(want) {
		t.Errorf("got  %s\nwant %s", attribute.Encode(got.JSON(attribute.Wire)), attribute.Encode(want.JSON(attribute.Wire)))
	}
}

func keepsTypes(t *testing.T, s *suite) {
	i := item(t, `{"id":{"S":"키"},"n":{"N":"-12345678901234567890.123456789012345678"},"small":{"N":"1e-130"},"b":{"B":"AP8="},"t":{"BOOL":true},"f":{"BOOL":false},
		"z":{"NULL":true},"ss":{"SS":["","가"]},"ns":{"NS":["1","-2.5"]},"bs":{"BS":["AA==","AAE="]},"l":{"L":[{"L":[]},{"M":{}},{"S":"\u0000\"<"}]},"m":{"M":{"":{"N":"0"}}}}`)
	s.put(t, plain, i)
	s.wantItem(t, plain, plain.Key(i), i)
}

func changes(t *testing.T, s *suite) {
	key := attribute.Item{"id": attribute.Text("a")}
	s.wantItem(t, plain, key, nil)
	for n := 1; n <= 3; n++ {
		got, err := s.kv.Write(context.Background(), add(plain, key, ""))
		if want := item(t, fmt.Sprintf(`{"id":{"S":"a"},"n":{"N":"%d"}}`, n)); err != nil || !got.Equal(want) {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	s.put(t, plain, item(t, `{"id":{"S":"a"},"x":{"S":"y"}}`))
	s.wantItem(t, plain, key, item(t, `{"id":{"S":"a"},"x":{"S":"y"}}`))
	got, err := s.kv.Write(context.Background(), remove(plain, key))
	if err != nil || !got.Equal(item(t, `{"id":{"S":"a"},"x":{"S":"y"}}`)) {
		t.Fatalf("got %v, %v", got, err)
	}
	s.wantItem(t, plain, key, nil)
	if got, err := s.kv.Write(context.Background(), remove(plain, key)); err != nil || got != nil {
		t.Fatalf("deleting nothing: got %v, %v", got, err)
	}
}

// scan reads everything, pages of a size at a time, as the texts of an attribute.
func (s *suite) scan(t *testing.T, table port.KeyTable, page int, name string) []string {
	t.Helper()
	var out []string
	r := port.KeyRange{Table: table.Name, Limit: page}
	for {
		items, more, err := s.kv.Scan(context.Background(), r)
		if err != nil || len(items) > page {
			t.Fatalf("%d items, %v", len(items), err)
		}
		for _, i := range items {
			out = append(out, i[name].Text)
		}
		if !more {
			return out
		}
		r.After = table.Key(items[len(items)-1])
	}
}

func sorts(t *testing.T, s *suite) {
	for kind, want := range map[attribute.Type][]string{
		attribute.N: {"-1000", "-12.5", "-12", "-1.001", "-1", "-0.5", "-0.0001", "0", "0.0001", "0.5", "1", "1.001", "9", "10", "99.5", "100"},
		attribute.S: {"A", "a", "a\x00", "aa", "b", "z", "가", "나"},
		attribute.B: {"\x00", "\x00\x00", "\x01", "\x7f", "\x80", "\xff", "\xff\x00"},
	} {
		table := sorted(kind)
		for i := range want {
			v := want[(i*7+3)%len(want)]
			s.put(t, table, attribute.Item{"h": attribute.Text("x"), "r": {Type: kind, Text: v}})
		}
		for _, v := range want { // those whose step shares a factor with the length
			s.put(t, table, attribute.Item{"h": attribute.Text("x"), "r": {Type: kind, Text: v}})
		}
		if got := s.scan(t, table, 100, "r"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q", kind, got)
		}
	}
}

func scansInPages(t *testing.T, s *suite) {
	table := sorted(attribute.N)
	var want []string
	for h := range 3 {
		for r := range 7 {
			name := fmt.Sprintf("%d/%d", h, r)
			want = append(want, name)
			s.put(t, table, attribute.Item{"h": attribute.Text(fmt.Sprint(h)), "r": {Type: attribute.N, Text: fmt.Sprint(r)}, "name": attribute.Text(name)})
		}
	}
	for _, page := range []int{1, 4, 7, 21, 100} {
		if got := s.scan(t, table, page, "name"); !slices.Equal(got, want) {
			t.Errorf("pages of %d: got %q", page, got)
		}
	}
	if n, err := s.kv.Count(context.Background(), table.Name); err != nil || n != 21 {
		t.Errorf("count is %d, %v", n, err)
	}
	if got := s.scan(t, plain, 10, "id"); len(got) != 0 {
		t.Errorf("an empty table has %q", got)
	}
}

func findsRange(t *testing.T, s *suite) {
	number := func(text string) attribute.Value { return attribute.Value{Type: attribute.N, Text: text} }
	byNumber, byBytes := sorted(attribute.N), sorted(attribute.B)
	for _, h := range []string{"a", "b", "c"} {
		for _, n := range []string{"-2", "-1.5", "0", "9", "10"} {
			s.put(t, byNumber, attribute.Item{"h": attribute.Text(h), "r": number(n)})
		}
		for _, b := range []string{"x", "xy", "xz", "\xff", "\xff\xff", "y"} {
			s.put(t, byBytes, attribute.Item{"h": attribute.Text(h), "r": {Type: attribute.B, Text: b}})
		}
	}
	for _, c := range []struct {
		table  port.KeyTable
		op     string
		values []string
		want   []string
	}{
		{byNumber, "", nil, []string{"-2", "-1.5", "0", "9", "10"}},
		{byNumber, "=", []string{"9"}, []string{"9"}},
		{byNumber, "<", []string{"0"}, []string{"-2", "-1.5"}},
		{byNumber, "<=", []string{"0"}, []string{"-2", "-1.5", "0"}},
		{byNumber, ">", []string{"9"}, []string{"10"}},
		{byNumber, ">=", []string{"9"}, []string{"9", "10"}},
		{byNumber, "BETWEEN", []string{"-1.5", "9"}, []string{"-1.5", "0", "9"}},
		{byNumber, ">", []string{"10"}, nil},
		{byBytes, "begins_with", []string{"x"}, []string{"x", "xy", "xz"}},
		{byBytes, "begins_with", []string{"\xff"}, []string{"\xff", "\xff\xff"}},
		{byBytes, "begins_with", []string{"z"}, nil},
	} {
		h := attribute.Text("b")
		r := port.KeyRange{Table: c.table.Name, Hash: &h, Range: port.KeyCondition{Op: c.op}, Limit: 2}
		for _, v := range c.values {
			r.Range.Values = append(r.Range.Values, attribute.Value{Type: c.table.Range.Type, Text: v})
		}
		for _, r.Backward = range []bool{false, true} {
			var got []string
			r.After = nil
			for more := true; more; {
				items, m, err := s.kv.Scan(context.Background(), r)
				if err != nil {
					t.Fatal(err)
				}
				for _, i := range items {
					if i["h"].Text != "b" {
						t.Errorf("%s %q: hash key %s", c.op, c.values, i["h"].Text)
					}
					got = append(got, i["r"].Text)
				}
				if more = m; more {
					r.After = c.table.Key(items[len(items)-1])
				}
			}
			if r.Backward {
				slices.Reverse(got)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s %q, backward %v: got %q, want %q", c.op, c.values, r.Backward, got, c.want)
			}
		}
	}
}

func tellsApart(t *testing.T, s *suite) {
	table := sorted(attribute.S)
	for _, k := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"a\x00", "b"}, {"a", "\x00b"}} {
		s.put(t, table, attribute.Item{"h": attribute.Text(k[0]), "r": attribute.Text(k[1]), "v": attribute.Text(strings.Join(k[:], "|"))})
	}
	for _, k := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"a\x00", "b"}, {"a", "\x00b"}} {
		got := s.get(t, table, attribute.Item{"h": attribute.Text(k[0]), "r": attribute.Text(k[1])})
		if got["v"].Text != strings.Join(k[:], "|") {
			t.Errorf("%q: got %v", k, got)
		}
	}
	one := sorted(attribute.N)
	s.put(t, one, item(t, `{"h":{"S":"x"},"r":{"N":"1.0"}}`))
	s.put(t, one, item(t, `{"h":{"S":"x"},"r":{"N":"1"},"again":{"S":"yes"}}`))
	if got := s.scan(t, one, 10, "again"); !slices.Equal(got, []string{"yes"}) {
		t.Errorf("1.0 and 1 are two keys: %q", got)
	}
}

func refuses(t *testing.T, s *suite) {
	key := attribute.Item{"id": attribute.Text("a")}
	s.put(t, plain, item(t, `{"id":{"S":"a"},"n":{"N":"1"}}`))
	no := errors.New("no")
	w := add(plain, key, "token")
	w.Change = func(attribute.Item) (attribute.Item, attribute.Item, error) { return nil, nil, no }
	if _, err := s.kv.Write(context.Background(), w); !errors.Is(err, no) {
		t.Fatalf("got %v", err)
	}
	s.wantItem(t, plain, key, item(t, `{"id":{"S":"a"},"n":{"N":"1"}}`))
	if _, err := s.kv.Write(context.Background(), add(plain, key, "token")); err != nil {
		t.Fatal(err)
	}
	s.wantItem(t, plain, key, item(t, `{"id":{"S":"a"},"n":{"N":"2"}}`))
}

func oneAtATime(t *testing.T, s *suite) {
	key := attribute.Item{"id": attribute.Text("counter")}
	var wg sync.WaitGroup
	for range 100 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := s.kv.Write(context.Background(), add(plain, key, "")); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	s.wantItem(t, plain, key, item(t, `{"id":{"S":"counter"},"n":{"N":"100"}}`))
}

func tokens(t *testing.T, s *suite) {
	key := attribute.Item{"id": attribute.Text("a")}
	first := item(t, `{"id":{"S":"a"},"n":{"N":"1"}}`)
	for i := range 3 {
		if i == 2 {
			s.reopen(t)
		}
		got, err := s.kv.Write(context.Background(), add(plain, key, "w:1/5/0"))
		if err != nil || !got.Equal(first) {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	got, err := s.kv.Write(context.Background(), add(plain, key, "w:1/5/1"))
	if err != nil || got["n"].Text != "2" {
		t.Fatalf("another token: got %v, %v", got, err)
	}
	s.put(t, plain, first)
	gone := remove(plain, key)
	gone.Token = "w:1/9/0"
	for range 2 {
		if got, err := s.kv.Write(context.Background(), gone); err != nil || !got.Equal(first) {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	nothing := put(plain, first)
	nothing.Token = "w:1/10/0"
	for range 2 {
		if got, err := s.kv.Write(context.Background(), nothing); err != nil || got != nil {
			t.Fatalf("got %v, %v", got, err)
		}
	}
}

func durable(t *testing.T, s *suite) {
	a, b := item(t, `{"id":{"S":"a"},"v":{"N":"1"}}`), item(t, `{"h":{"S":"a"},"r":{"B":"AA=="}}`)
	s.put(t, plain, a)
	s.put(t, sorted(attribute.B), b)
	s.reopen(t)
	s.wantItem(t, plain, plain.Key(a), a)
	s.wantItem(t, sorted(attribute.B), sorted(attribute.B).Key(b), b)
}

func anotherKey(t *testing.T, s *suite) {
	other := plain
	other.Hash.Type = attribute.N
	if err := s.kv.Declare(context.Background(), []port.KeyTable{other}); err != nil {
		t.Fatalf("an empty table: %v", err)
	}
	s.put(t, other, item(t, `{"id":{"N":"7"}}`))
	if err := s.kv.Declare(context.Background(), []port.KeyTable{other}); err != nil {
		t.Fatalf("the same key: %v", err)
	}
	if err := s.kv.Declare(context.Background(), []port.KeyTable{plain}); base.KindOf(err) != base.Conflict {
		t.Fatalf("got %v", err)
	}
	s.wantItem(t, other, item(t, `{"id":{"N":"7.0"}}`), item(t, `{"id":{"N":"7"}}`))
}

func unknown(t *testing.T, s *suite) {
	ctx, key := context.Background(), attribute.Item{"id": attribute.Text("a")}
	other := port.KeyTable{Name: "other", Hash: plain.Hash}
	_, err := s.kv.Get(ctx, other.Name, key)
	_, err2 := s.kv.Write(ctx, put(other, key))
	_, _, err3 := s.kv.Scan(ctx, port.KeyRange{Table: other.Name, Limit: 1})
	_, err4 := s.kv.Count(ctx, other.Name)
	for _, e := range []error{err, err2, err3, err4} {
		if base.KindOf(e) != base.NotFound || base.CodeOf(e) != "ResourceNotFoundException" {
			t.Errorf("got %v", e)
		}
	}
}

func stops(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	key := attribute.Item{"id": attribute.Text("a")}
	if _, err := s.kv.Write(ctx, add(plain, key, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("write: got %v", err)
	}
	if _, err := s.kv.Get(ctx, plain.Name, key); !errors.Is(err, context.Canceled) {
		t.Errorf("get: got %v", err)
	}
	s.wantItem(t, plain, key, nil)
}
