package server_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/server"
)

func TestIcebergClientsComeInBesideTheAPI(t *testing.T) {
	dir := t.TempDir()
	store, err := sqlite.OpenStore(filepath.Join(dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	cat, err := sqlite.NewCatalog(t.Context(), store, "mulgil", lake.NewIO(nil))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.Context(), lake.Options{Root: filepath.Join(dir, "lake"), Store: store, Catalog: cat, StartID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	address := start(t, nil, func(o *server.Options) { o.Lake = l })
	for _, c := range []struct {
		method, path, kind, body, token, host, origin string
		want                                          int
	}{
		{method: "GET", path: "/iceberg/v1/config", token: "secret", want: 200},
		{method: "GET", path: "/iceberg/v1/config", want: 401},
		{method: "GET", path: "/iceberg/v1/config", token: "secret", host: "evil.example", want: 421},
		{method: "POST", path: "/iceberg/v1/oauth/tokens", kind: "application/x-www-form-urlencoded", body: "grant_type=client_credentials&client_secret=secret", want: 200},
		{method: "POST", path: "/iceberg/v1/oauth/tokens", kind: "application/x-www-form-urlencoded", body: "grant_type=client_credentials&client_secret=secret", origin: "http://evil.example", want: 403},
		{method: "POST", path: "/iceberg/v1/namespaces", kind: "application/json", body: `{"namespace":["은"]}`, token: "secret", want: 200},
		{method: "POST", path: "/iceberg/v1/namespaces", kind: "text/plain", body: `{"namespace":["금"]}`, token: "secret", want: 415},
		{method: "DELETE", path: "/iceberg/v1/namespaces/%EC%9D%80", token: "secret", origin: "http://evil.example", want: 403},
		{method: "DELETE", path: "/iceberg/v1/namespaces/%EC%9D%80", token: "secret", want: 204},
	} {
		r, err := http.NewRequest(c.method, "http://"+address+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"Content-Type": c.kind, "Origin": c.origin, "Authorization": "Bearer " + c.token} {
			if v != "" {
				r.Header.Set(k, v)
			}
		}
		if c.host != "" {
			r.Host = c.host
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%+v: %d %s", c, resp.StatusCode, text)
		}
	}
}
