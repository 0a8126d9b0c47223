package trino_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/mulgil/mulgil/internal/app/apptest"
	"github.com/mulgil/mulgil/internal/server/trino"
)

func TestMain(m *testing.M) { os.Exit(apptest.Main(m)) }

const token = "열쇠"

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func serve(t *testing.T, o trino.Options) string {
	t.Helper()
	o.Knows = func(s string) bool { return s == token }
	ts := httptest.NewServer(trino.New(t.Context(), o))
	t.Cleanup(ts.Close)
	return ts.URL
}

// reply is what a client reads.
type reply struct {
	ID, NextURI string
	Columns     []struct {
		Name, Type    string
		TypeSignature json.RawMessage
	}
	Data  [][]any
	Stats struct {
		State string
	}
	Error *struct {
		Message, ErrorName, ErrorType string
		ErrorCode                     int
		ErrorLocation                 *struct{ LineNumber, ColumnNumber int }
	}
	UpdateType  string
	UpdateCount *int64
	status      int
	header      http.Header
	body        string
}

func call(t testing.TB, method, url, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	ok(t, err)
	req.Header.Set("X-Trino-User", "김")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ok(t, err)
	r := reply{status: res.StatusCode, header: res.Header, body: string(b)}
	if res.StatusCode == http.StatusOK {
		ok(t, json.Unmarshal(b, &r))
	}
	return r
}

// ask runs a statement to its end and returns all rows with the last page.
func ask(t testing.TB, at, sql string, header ...string) reply {
	t.Helper()
	r := call(t, "POST", at+"/v1/statement", sql, header...)
	var rows [][]any
	for r.NextURI != "" {
		cols := r.Columns
		r = call(t, "GET", r.NextURI, "")
		rows = append(rows, r.Data...)
		if r.Columns == nil {
			r.Columns = cols
		}
	}
	r.Data = rows
	return r
}
