package app

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/workflow"
)

func TestObjectsStayInTheirBucket(t *testing.T) {
	dir := t.TempDir()
	o := buckets{resolve: func(uri string) (string, error) {
		return filepath.Join(dir, strings.TrimSuffix(strings.TrimPrefix(uri, "s3://"), "/")), nil
	}}
	ctx := t.Context()
	for _, key := range []string{"a/2.json", "a/1.json", "ab.json", "b/c/3.json"} {
		if err := o.Write(ctx, "shop", key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var keys []string
	list := func(prefix string) []string {
		keys = nil
		err := o.List(ctx, "shop", prefix, func(x workflow.Object) error { keys = append(keys, x.Key); return nil })
		if err != nil {
			t.Errorf("list %q: %v", prefix, err)
		}
		return keys
	}
	if got := list("a"); !slices.Equal(got, []string{"a/1.json", "a/2.json", "ab.json"}) {
		t.Errorf("prefix a: %v", got)
	}
	if got := list("b/c/"); !slices.Equal(got, []string{"b/c/3.json"}) {
		t.Errorf("prefix b/c/: %v", got)
	}
	if got := list("none/"); len(got) != 0 {
		t.Errorf("prefix none/: %v", got)
	}
	f, err := o.Open(ctx, "shop", "b/c/3.json")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(f)
	f.Close()
	if string(text) != "b/c/3.json" {
		t.Errorf("read %q", text)
	}
	if _, err := o.Open(ctx, "shop", "../secret"); err == nil {
		t.Error("a key left its bucket")
	}
	if err := o.Write(ctx, "shop", "../other/x", nil); err == nil {
		t.Error("a key was written outside its bucket")
	}
	for _, key := range []string{"nothing", "b"} {
		if _, err := o.Open(ctx, "shop", key); base.KindOf(err) != base.NotFound {
			t.Errorf("open %q: %v", key, err)
		}
	}
	if _, err := o.Open(ctx, "nowhere", "x"); base.KindOf(err) != base.NotFound {
		t.Errorf("open in no bucket: %v", err)
	}
}
