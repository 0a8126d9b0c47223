package trino

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/query"
)

// FuzzHeaders: whatever a client sends, decoding ends without a panic, and
// what we tell a client comes back as it was.
func FuzzHeaders(f *testing.F) {
	f.Add("a=b,c=%EA%B0%80", "Basic a2ltOng=", "kim", "select 1, '한글'")
	f.Add("=,=x,%zz=1", "Bearer  t", "", "")
	f.Add("token", "Basic !!", "\x00", ",=%")
	f.Fuzz(func(t *testing.T, list, auth, user, value string) {
		h := http.Header{hSession: {list}, hPrepared: {list}, hCredential: {list}, "Authorization": {auth}, hUser: {user}, hCapabilities: {list}}
		a, err := decode(h)
		if err == nil && a.session.User != "" && strings.TrimSpace(user) != "" && a.session.User != strings.TrimSpace(user) {
			t.Errorf("user %q became %q", user, a.session.User)
		}
		out := http.Header{}
		changes(out, &query.Outcome{AddPrepared: map[string]string{"이름": value}})
		back, err := decode(http.Header{hPrepared: {out.Get("X-Trino-Added-Prepare")}})
		if err != nil || back.session.Prepared["이름"] != value {
			t.Errorf("%q came back as %q: %v", value, back.session.Prepared, err)
		}
		if _, err := url.Parse(origin(&http.Request{Host: "h", Header: http.Header{"X-Forwarded-Host": {value}}})); err != nil && !strings.ContainsAny(value, "\x00%") {
			t.Skip()
		}
	})
}
