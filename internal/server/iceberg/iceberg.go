// Package iceberg is an Iceberg REST catalog over the lake: pyiceberg, Spark,
// Trino, DuckDB and others read and write the project's tables through it
// while the project runs.
//
// Clients read and write data files themselves, by plain paths, so they run on
// this machine. The catalog part is done here: every change goes through the
// lake, which checks that the files a client names lie in the lake, makes them
// durable and moves the pointers of all tables in one transaction. What
// the lake's own jobs promise holds for these clients' commits too.
//
// Answers follow Iceberg's OpenAPI description. A lost race is 409, which
// clients try again by themselves; 500 for a commit means that nobody knows
// whether it happened; what is busy is 503.
package iceberg

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// Path is where the catalog is served; clients are given Path as their uri,
// without a slash at the end.
const Path = "/iceberg/"

// Prefix is the name clients may put between "v1" and what follows.
const Prefix = "mulgil"

// Options say what is served and to whom.
type Options struct {
	Lake *lake.Lake
	// Project is one of the names clients may call the warehouse by.
	Project string
	// Knows tells whether a bearer token is the project's.
	Knows func(token string) bool
	// Log hears of faults; nil means none.
	Log *slog.Logger
}

type catalog struct {
	Options
	lake *lake.Lake
}

// route is one endpoint; path follows "/v1" or "/v1/mulgil".
type route struct {
	method, path string
	do           func(*catalog, *call) error
}

// routes is the whole protocol, as far as it is served.
func routes() []route {
	const ns, table, view = "/namespaces/{namespace}", "/namespaces/{namespace}/tables/{table}", "/namespaces/{namespace}/views/{view}"
	return []route{
		{"GET", "/namespaces", (*catalog).listNamespaces},
		{"POST", "/namespaces", (*catalog).createNamespace},
		{"GET", ns, (*catalog).loadNamespace},
		{"HEAD", ns, (*catalog).namespaceExists},
		{"DELETE", ns, (*catalog).dropNamespace},
		{"POST", ns + "/properties", (*catalog).updateNamespace},
		{"GET", ns + "/tables", (*catalog).listTables},
		{"POST", ns + "/tables", (*catalog).createTable},
		{"POST", ns + "/register", (*catalog).registerTable},
		{"GET", table, (*catalog).loadTable},
		{"HEAD", table, (*catalog).tableExists},
		{"POST", table, (*catalog).commitTable},
		{"DELETE", table, (*catalog).dropTable},
		{"POST", table + "/metrics", (*catalog).reportMetrics},
		{"POST", "/tables/rename", (*catalog).renameTable},
		{"POST", "/transactions/commit", (*catalog).commitTransaction},
		{"GET", ns + "/views", (*catalog).listViews},
		{"POST", ns + "/views", (*catalog).createView},
		{"GET", view, (*catalog).loadView},
		{"HEAD", view, (*catalog).viewExists},
		{"POST", view, (*catalog).commitView},
		{"DELETE", view, (*catalog).dropView},
		{"POST", "/views/rename", (*catalog).renameView},
	}
}

// New returns the catalog as a handler for everything under Path.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &catalog{Options: o, lake: o.Lake}
	mux := http.NewServeMux()
	v1 := strings.TrimSuffix(Path, "/") + "/v1"
	mux.Handle("POST "+v1+"/oauth/tokens", c.handler((*catalog).token, false))
	mux.Handle("GET "+v1+"/config", c.handler((*catalog).config, true))
	for _, r := range routes() {
		mux.Handle(r.method+" "+v1+r.path, c.handler(r.do, true))
		mux.Handle(r.method+" "+v1+"/"+Prefix+r.path, c.handler(r.do, true))
	}
	mux.Handle("/", c.handler(func(_ *catalog, k *call) error {
		return base.Errorf(base.NotFound, "%s %s is not served", k.r.Method, k.r.URL.Path).WithCode("UnsupportedOperationException")
	}, true))
	return mux
}

func (c *catalog) handler(do func(*catalog, *call) error, private bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := &call{w: w, r: r}
		defer func() {
			if p := recover(); p != nil {
				c.Log.Error("catalog request panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				k.fail(base.Errorf(base.Internal, "a fault in mulgil ended the request: %v", p))
			}
		}()
		if private && !c.Knows(bearer(r)) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			k.refuse(http.StatusUnauthorized, "NotAuthorizedException", "the project's token is missing or wrong: set the catalog's property token to the one in .mulgil/data/owner.json")
			return
		}
		if err := do(c, k); err != nil {
			if base.KindOf(err) == base.Internal {
				c.Log.Error("catalog request failed", "path", r.URL.Path, "error", err)
			}
			k.fail(err)
		}
	})
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
