package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/connector/webhook"
)

func TestPostSaysWhetherToTryAgain(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.Header.Get("X-Key") + " " + string(body)
		code, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if code == 0 {
			panic(http.ErrAbortHandler) // hangs up
		}
		http.Error(w, "said", code)
	}))
	defer srv.Close()
	post := func(path string) error {
		return webhook.Client{}.Post(t.Context(), srv.URL+path, http.Header{"X-Key": {"k"}}, []byte(`{"물":1}`))
	}
	if err := post("/202"); err != nil || got != `POST k {"물":1}` {
		t.Errorf("%v %s", err, got)
	}
	for path, want := range map[string]base.Kind{"/400": base.Invalid, "/302": base.Invalid, "/404": base.Invalid, "/429": base.Unavailable, "/408": base.Unavailable, "/503": base.Unavailable, "/hang": base.Internal} {
		if err := post(path); err == nil || base.KindOf(err) != want {
			t.Errorf("%s: %v, kind %v, want %v", path, err, base.KindOf(err), want)
		}
	}
	srv.Close()
	if err := post("/secret"); base.KindOf(err) != base.Unavailable || err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("gone: %v", err)
	}
}
