package server

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/server/iceberg"
	"github.com/mulgil/mulgil/internal/server/trino"
)

const serviceName = "mulgil"

// health is the body of /healthz: enough to tell whose server this is.
type health struct {
	Service string `json:"service"`
	Project string `json:"project"`
	Version string `json:"version"`
	PID     int    `json:"pid"`
}

// routes is the whole router.
func (s *Server) routes(ctx context.Context) http.Handler {
	private := http.NewServeMux()
	for _, op := range app.Operations() {
		private.Handle(op.Method+" "+op.Path, s.operation(op))
	}
	private.HandleFunc("GET /api", s.listOperations)
	private.HandleFunc("POST /api/calls/{call}/stop", s.stopCall)
	private.Handle("GET /metrics", promhttp.HandlerFor(s.gatherers(), promhttp.HandlerOpts{}))
	private.HandleFunc("GET /{$}", s.home)
	private.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.unknown(w, r, private) })

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.opt.Lake != nil {
		mux.Handle(iceberg.Path, iceberg.New(iceberg.Options{Lake: s.opt.Lake, Project: s.opt.Project, Knows: s.knows, Log: s.opt.Log}))
	}
	if s.opt.Query != nil {
		mux.Handle(trino.Path, trino.New(ctx, trino.Options{Query: s.opt.Query, Knows: s.knows, Log: s.opt.Log, Clock: s.opt.Clock}))
	}
	mux.Handle("/", s.authorized(private))
	return s.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.Query().Has("token") {
			s.login(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

func (s *Server) gatherers() prometheus.Gatherers {
	g := prometheus.Gatherers{s.metrics.registry}
	if s.opt.Metrics != nil {
		g = append(g, s.opt.Metrics)
	}
	return g
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, health{Service: serviceName, Project: s.opt.Project, Version: s.opt.Version, PID: os.Getpid()})
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() || r.Context().Err() != nil {
		failKind(w, base.Errorf(base.Unavailable, "shutting down"))
		return
	}
	if s.opt.Ready != nil {
		if err := s.opt.Ready(r.Context()); err != nil {
			failKind(w, base.Errorf(base.Unavailable, "not ready: %w", err))
			return
		}
	}
	reply(w, http.StatusOK, map[string]bool{"ready": true})
}

// listed is an operation in the answer of GET /api.
type listed struct {
	Name    string `json:"name"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Summary string `json:"summary"`
	Mutates bool   `json:"mutates"`
	Streams bool   `json:"streams"`
}

func (s *Server) listOperations(w http.ResponseWriter, _ *http.Request) {
	var all []listed
	for _, o := range app.Operations() {
		all = append(all, listed{o.Name, o.Method, o.Path, o.Summary, o.Mutates, o.Streams})
	}
	reply(w, http.StatusOK, all)
}

func (s *Server) home(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "mulgil %s, project %s\n\nGET /api lists the operations, /metrics the figures.\n", s.opt.Version, s.opt.Project)
}

// unknown answers for what no route matches: 405 if another method would.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(probe); m != r.Method && !slices.Contains([]string{"", "/"}, pattern) {
			w.Header().Set("Allow", m)
			fail(w, http.StatusMethodNotAllowed, base.Errorf(base.Usage, "%s is not possible on %s, %s is", r.Method, r.URL.Path, m))
			return
		}
	}
	failKind(w, base.Errorf(base.NotFound, "nothing is at %s", r.URL.Path).WithHint("GET /api lists the operations"))
}
