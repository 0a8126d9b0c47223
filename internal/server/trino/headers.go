package trino

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// Names of the protocol's headers.
const (
	hUser         = "X-Trino-User"
	hOriginalUser = "X-Trino-Original-User"
	hSource       = "X-Trino-Source"
	hCatalog      = "X-Trino-Catalog"
	hSchema       = "X-Trino-Schema"
	hSession      = "X-Trino-Session"
	hPrepared     = "X-Trino-Prepared-Statement"
	hCapabilities = "X-Trino-Client-Capabilities"
	hCredential   = "X-Trino-Extra-Credential"
	hTransaction  = "X-Trino-Transaction-Id"
)

// parametric is the capability of clients that know timestamp(6) from timestamp(3).
const parametric = "PARAMETRIC_DATETIME"

// asked is what the headers of a request say.
type asked struct {
	session query.Session
	// tokens are the secrets it carries; any of them may be the project's.
	tokens []string
	// parametric tells whether the client knows types such as timestamp(6).
	parametric bool
	// transaction is one the client believes to be in.
	transaction string
}

// decode reads the headers. Time zone, client info and tags are taken and have
// no effect: sessions run in UTC, as Athena's.
func decode(h http.Header) (asked, error) {
	a := asked{parametric: has(h, hCapabilities, parametric), transaction: h.Get(hTransaction)}
	if strings.EqualFold(a.transaction, "NONE") {
		a.transaction = ""
	}
	name, secret := authorization(h.Get("Authorization"))
	if secret != "" {
		a.tokens = append(a.tokens, secret)
	}
	s := &a.session
	s.User, s.Source = strings.TrimSpace(h.Get(hUser)), h.Get(hSource)
	if s.User == "" {
		s.User = strings.TrimSpace(h.Get(hOriginalUser))
	}
	if s.User == "" {
		s.User = name
	}
	s.Catalog, s.Schema = h.Get(hCatalog), h.Get(hSchema)
	var err error
	if s.Properties, err = pairs(h, hSession); err != nil {
		return a, err
	}
	if s.Prepared, err = pairs(h, hPrepared); err != nil {
		return a, err
	}
	credentials, err := pairs(h, hCredential)
	if t := credentials["token"]; t != "" {
		a.tokens = append(a.tokens, t)
	}
	return a, err
}

// has tells whether a header with a list of words has one of them.
func has(h http.Header, name, word string) bool {
	for _, line := range h.Values(name) {
		for _, w := range strings.Split(line, ",") {
			if strings.EqualFold(strings.TrimSpace(w), word) {
				return true
			}
		}
	}
	return false
}

// pairs reads "name=value" lists; values are URL-encoded.
func pairs(h http.Header, name string) (map[string]string, error) {
	out := map[string]string{}
	for _, line := range h.Values(name) {
		for _, p := range strings.Split(line, ",") {
			if strings.TrimSpace(p) == "" {
				continue
			}
			k, v, ok := strings.Cut(p, "=")
			k, kerr := url.QueryUnescape(strings.TrimSpace(k))
			v, verr := url.QueryUnescape(strings.TrimSpace(v))
			if !ok || kerr != nil || verr != nil || k == "" {
				return nil, base.Errorf(base.Usage, "invalid %s header", name).WithHint("it is a list of name=value, each value URL-encoded")
			}
			out[k] = v
		}
	}
	return out, nil
}

// authorization reads a bearer token, or the name and password of basic
// authentication; the password is the token.
func authorization(line string) (user, secret string) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer":
		return "", rest
	case "basic":
		b, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return "", ""
		}
		user, secret, _ = strings.Cut(string(b), ":")
	}
	return user, secret
}

// pair writes one name=value of an answer's header.
func pair(k, v string) string { return url.QueryEscape(k) + "=" + url.QueryEscape(v) }

// changes tells the client what a statement changed in its session.
func changes(h http.Header, out *query.Outcome) {
	if out.SetCatalog != "" {
		h.Set("X-Trino-Set-Catalog", out.SetCatalog)
	}
	if out.SetSchema != "" {
		h.Set("X-Trino-Set-Schema", out.SetSchema)
	}
	for k, v := range out.SetProperties {
		h.Add("X-Trino-Set-Session", pair(k, v))
	}
	for _, k := range out.ResetProperties {
		h.Add("X-Trino-Clear-Session", url.QueryEscape(k))
	}
	for k, v := range out.AddPrepared {
		h.Add("X-Trino-Added-Prepare", pair(k, v))
	}
	for _, k := range out.DropPrepared {
		h.Add("X-Trino-Deallocated-Prepare", url.QueryEscape(k))
	}
}

// origin is the address under which the client reached us, perhaps through a proxy.
func origin(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	first := func(name string) string {
		v, _, _ := strings.Cut(r.Header.Get(name), ",")
		return strings.TrimSpace(v)
	}
	if p := strings.ToLower(first("X-Forwarded-Proto")); p == "http" || p == "https" {
		scheme = p
	}
	if h := first("X-Forwarded-Host"); h != "" {
		host = h
		if p := first("X-Forwarded-Port"); p != "" && !strings.Contains(strings.TrimPrefix(h, "["), ":") {
			host += ":" + p
		}
	}
	return (&url.URL{Scheme: scheme, Host: host}).String()
}
