package iceberg

import (
	"mime"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// config answers the first request of every client: what is served.
func (c *catalog) config(k *call) error {
	if w := k.r.URL.Query().Get("warehouse"); !c.isWarehouse(w) {
		return base.Errorf(base.NotFound, "there is no warehouse %q", w).WithCode("NoSuchWarehouseException").
			WithHint("there is one: %s, or leave it out", Prefix)
	}
	var endpoints []string
	for _, r := range routes() {
		endpoints = append(endpoints, r.method+" /v1/{prefix}"+r.path)
	}
	none := map[string]string{}
	return k.reply(map[string]any{"defaults": none, "overrides": none, "endpoints": endpoints})
}

// isWarehouse accepts the names people give the only warehouse there is.
func (c *catalog) isWarehouse(w string) bool {
	switch w {
	case "", Prefix, "AwsDataCatalog", c.Project:
		return true
	}
	p := strings.TrimPrefix(w, "file://")
	return filepath.Clean(strings.TrimPrefix(p, "file:")) == c.lake.Root()
}

// token answers clients that log in with credentials: the secret is the
// project's token, and so is what they get. A token can be exchanged for itself.
func (c *catalog) token(k *call) error {
	k.r.Body = http.MaxBytesReader(k.w, k.r.Body, 1<<16)
	if t, _, _ := mime.ParseMediaType(k.r.Header.Get("Content-Type")); t != "application/x-www-form-urlencoded" {
		k.oauth("invalid_request", "the request must be a form")
		return nil
	}
	if err := k.r.ParseForm(); err != nil {
		k.oauth("invalid_request", "the form cannot be read")
		return nil
	}
	var secret string
	switch grant := k.r.PostForm.Get("grant_type"); grant {
	case "client_credentials":
		secret = k.r.PostForm.Get("client_secret")
		if _, password, ok := k.r.BasicAuth(); ok && secret == "" {
			secret = password
		}
	case "urn:ietf:params:oauth:grant-type:token-exchange":
		secret = k.r.PostForm.Get("subject_token")
	default:
		k.oauth("unsupported_grant_type", "grant type "+grant+" is not served")
		return nil
	}
	if !c.Knows(secret) {
		k.oauth("invalid_client", "the secret is not the project's token")
		return nil
	}
	return k.reply(map[string]any{"access_token": secret, "token_type": "bearer", "expires_in": 86400,
		"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})
}

// oauth answers in the error model of OAuth, which this endpoint has.
func (k *call) oauth(code, text string) {
	k.w.Header().Set("Content-Type", "application/json")
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	k.w.WriteHeader(status)
	_ = k.reply(map[string]string{"error": code, "error_description": text})
}
