package task

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/workflow"
)

func TestHTTPInvoke(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/missing":
			http.Error(w, `{"why": "없음"}`, http.StatusNotFound)
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/text":
			fmt.Fprint(w, "물길")
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Header().Add("X-Two", "a")
			w.Header().Add("X-Two", "b")
			out, _ := json.Marshal(map[string]string{"method": r.Method, "url": r.URL.String(), "body": string(body), "type": r.Header.Get("Content-Type"), "auth": r.Header.Get("Authorization"), "x": r.Header.Get("X-One")})
			_, _ = w.Write(out)
		}
	}))
	defer srv.Close()
	table := HTTP(func(name string) (Endpoint, bool) {
		return Endpoint{Header: http.Header{"Authorization": {"Bearer t"}}}, name == "partner"
	})
	call := func(in string, resumed bool) (map[string]any, error) {
		task := attempt(strings.ReplaceAll(in, `"URL/`, `"`+srv.URL+"/"))
		task.Resumed = resumed
		out, err := table[optimised+"http:invoke"](t.Context(), task)
		var v map[string]any
		if err == nil {
			err = json.Unmarshal(out, &v)
		}
		return v, err
	}
	connection := `"InvocationConfig": {"ConnectionArn": "arn:aws:events:us-east-1:1:connection/partner/abc"}`
	for _, c := range []struct{ in, want string }{
		{`{"ApiEndpoint": "URL/a?x=1", "Method": "GET", "QueryParameters": {"y": ["2", 3]}, "Headers": {"X-One": "1"}, ` + connection + `}`,
			`{"method":"GET","url":"/a?x=1&y=2&y=3","body":"","type":"","auth":"Bearer t","x":"1"}`},
		{`{"ApiEndpoint": "URL/b", "Method": "post", "RequestBody": {"k": [1, "한"]}}`,
			`{"method":"POST","url":"/b","body":"{\"k\": [1, \"한\"]}","type":"application/json","auth":"","x":""}`},
		{`{"ApiEndpoint": "URL/c", "Method": "POST", "RequestBody": {"k": [1, "a b"], "o": {"p": true}}, "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}`,
			`{"method":"POST","url":"/c","body":"k%5B0%5D=1&k%5B1%5D=a+b&o%5Bp%5D=true","type":"application/x-www-form-urlencoded","auth":"","x":""}`},
		{`{"ApiEndpoint": "URL/c", "Method": "POST", "RequestBody": {"k": [1, 2]}, "Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "COMMAS"}}}`,
			`{"method":"POST","url":"/c","body":"k=1%2C2","type":"application/x-www-form-urlencoded","auth":"","x":""}`},
	} {
		v, err := call(c.in, false)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		got := v["ResponseBody"].(map[string]any)
		for k := range want {
			if got[k] != want[k] {
				t.Errorf("%s: %s is %v, want %v", c.in, k, got[k], want[k])
			}
		}
		if v["StatusCode"] != 200.0 || v["StatusText"] != "OK" || fmt.Sprint(v["Headers"].(map[string]any)["x-two"]) != "[a b]" {
			t.Errorf("%s: %v", c.in, v)
		}
	}
	if v, err := call(`{"ApiEndpoint": "URL/text", "Method": "GET"}`, true); err != nil || v["ResponseBody"] != "물길" {
		t.Errorf("text, asked again: %v, %v", v, err)
	}
	for in, want := range map[string]string{
		`{"ApiEndpoint": "URL/missing", "Method": "GET"}`:                                                             "States.Http.StatusCode.404: {\"why\": \"없음\"}\n",
		`{"ApiEndpoint": "URL/moved", "Method": "GET"}`:                                                               "States.Http.StatusCode.302",
		`{"ApiEndpoint": "http://127.0.0.1:1/", "Method": "GET"}`:                                                     "States.Http.Socket",
		`{"ApiEndpoint": "ftp://x", "Method": "GET"}`:                                                                 "States.Runtime",
		`{"ApiEndpoint": "URL/", "Method": "GET", "Authentication": {"ConnectionArn": "nobody"}}`:                     "Events.ConnectionResource.NotFound",
		`{"ApiEndpoint": "URL/"}`:                                                                                     "States.Runtime: The field 'Method' is required",
		`{"ApiEndpoint": "URL/", "Method": "POST", "Transform": {"RequestBodyEncoding": "ROT13"}, "RequestBody": {}}`: "States.Runtime",
	} {
		_, err := call(in, false)
		var e *workflow.TaskError
		if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
	if _, err := call(`{"ApiEndpoint": "URL/b", "Method": "POST"}`, true); err == nil || !strings.Contains(err.Error(), OutcomeUnknown) {
		t.Errorf("a POST of unknown outcome: %v", err)
	}
}
