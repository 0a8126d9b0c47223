package server

import (
	"crypto/subtle"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/server/iceberg"
	"github.com/mulgil/mulgil/internal/server/trino"
)

// guard lets a request through only if its Host is ours, it does not come from
// a foreign web page to change something, and its body is JSON.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		switch {
		case !s.hostAllowed(r.Host):
			fail(w, http.StatusMisdirectedRequest, base.Errorf(base.Denied, "this server does not answer for host %q", r.Host).
				WithHint("use 127.0.0.1 or localhost"))
		case changing(r) && foreign(r):
			fail(w, http.StatusForbidden, base.Errorf(base.Denied, "requests from other web pages are refused (origin %q)", r.Header.Get("Origin")))
		case changing(r) && !jsonBody(r) && !icebergBody(r) && !trinoBody(r):
			fail(w, http.StatusUnsupportedMediaType, base.Errorf(base.Usage, "content type %q is not application/json", r.Header.Get("Content-Type")))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func changing(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

func (s *Server) hostAllowed(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	return loopback(host) || slices.Contains(s.opt.Hosts, host)
}

// foreign tells whether a browser sent the request for a page of another
// origin. Programs send neither header.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	origin := r.Header.Get("Origin")
	return origin != "" && !strings.EqualFold(origin, "http://"+r.Host)
}

func jsonBody(r *http.Request) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == "application/json"
}

// icebergBody lets Iceberg's clients do what their protocol wants: delete
// without a body, and log in with a form.
func icebergBody(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, iceberg.Path) && (r.Method == http.MethodDelete || strings.HasSuffix(r.URL.Path, "/oauth/tokens"))
}

// trinoBody lets Trino's clients send their statements as text.
func trinoBody(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, trino.Path) }

// authorized asks for the project's token.
func (s *Server) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knows(bearer(r)) && !s.knows(s.cookieToken(r)) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, base.Errorf(base.Denied, "the project's token is missing or wrong").
				WithHint("send it as \"Authorization: Bearer ...\" (token in .mulgil/data/owner.json), or open the address that `mulgil up` prints"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) knows(token string) bool {
	return s.opt.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.opt.Token)) == 1
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (s *Server) cookieToken(r *http.Request) string {
	c, err := r.Cookie(s.cookie.Load().(string))
	if err != nil {
		return ""
	}
	return c.Value
}

// login turns the token of the printed address into a cookie and takes it out
// of the address.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if !s.knows(r.URL.Query().Get("token")) {
		fail(w, http.StatusUnauthorized, base.Errorf(base.Denied, "the token in this address is wrong or of an earlier start").
			WithHint("open the address that `mulgil up` printed last"))
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie.Load().(string), Value: s.opt.Token, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
