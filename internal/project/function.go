package project

import (
	"net/http"
	"net/url"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// Function is an entry of functions: what workflows call as a Lambda function.
// Exactly one of Command and URL is set.
type Function struct {
	Name    string
	Command []string
	// Workdir is the absolute folder a command runs in.
	Workdir string
	// Env are further variables, Connections those it is given the addresses of.
	Env         map[string]Hidden
	Connections []string
	URL         Hidden
	Headers     map[string]Hidden
	// Timeout is Lambda's: 3 s if not given, at most 15 min.
	Timeout time.Duration
	// Idempotent allows a call whose outcome is unknown to be repeated.
	Idempotent bool
	Place      *base.Place
}

// HTTPConnection is an entry of http: what EventBridge calls a connection.
type HTTPConnection struct {
	Name       string
	Headers    map[string]Hidden
	Idempotent bool
	Place      *base.Place
}

// Header is the headers to send, in net/http's form.
func Header(headers map[string]Hidden) http.Header {
	h := http.Header{}
	for k, v := range headers {
		h.Set(k, v.Reveal())
	}
	return h
}

// The bounds of a function's time, as Lambda's.
const (
	functionTimeout = 3 * time.Second
	longestFunction = 15 * time.Minute
)

func (r *reader) functions(n *node) map[string]Function {
	out := map[string]Function{}
	if !n.isMap() {
		return out
	}
	for _, e := range n.entries {
		if !e.val.isMap() {
			continue
		}
		f := Function{Name: e.key, Place: e.at.place(), Workdir: r.root, Timeout: functionTimeout}
		v := e.val
		f.Command, f.URL, f.Connections = v.get("command").strings(), Hidden(v.get("url").str()), r.given(v.get("connections"))
		f.Env, f.Headers, f.Idempotent = hiddenMap(v.get("env")), hiddenMap(v.get("headers")), v.get("idempotent").boolean()
		if w := v.get("workdir"); w != nil {
			f.Workdir = r.home(w.str())
		}
		switch {
		case f.URL == "" && len(f.Command) == 0:
			r.add(e.at.errorf("function %s needs command or url", e.key).WithHint("write command: [program, argument, ...] or url: https://..."))
		case f.URL != "" && len(f.Command) > 0:
			r.add(v.get("url").errorf("function %s has both command and url", e.key).WithHint("keep one of them"))
		case f.URL != "":
			r.webAddress(v.get("url"))
		}
		if t := v.get("timeout"); t != nil {
			d, err := parseDuration(t.str())
			switch {
			case err != nil:
				r.add(t.errorf("%w", err))
			case d <= 0 || d > longestFunction:
				r.add(t.errorf("timeout %s is not between 1ms and 15m", t.show()))
			default:
				f.Timeout = d
			}
		}
		out[e.key] = f
	}
	return out
}

// webAddress reports a URL that is not of http or https.
func (r *reader) webAddress(n *node) {
	u, err := url.Parse(n.str())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		r.add(n.errorf("the url must be https://host/path or http://host/path"))
	}
}

func (r *reader) httpConnections(n *node) map[string]HTTPConnection {
	out := map[string]HTTPConnection{}
	if !n.isMap() {
		return out
	}
	for _, e := range n.entries {
		out[e.key] = HTTPConnection{Name: e.key, Place: e.at.place(), Headers: hiddenMap(e.val.get("headers")), Idempotent: e.val.get("idempotent").boolean()}
	}
	return out
}

func hiddenMap(n *node) map[string]Hidden {
	out := map[string]Hidden{}
	if n.isMap() {
		for _, e := range n.entries {
			out[e.key] = Hidden(e.val.str())
		}
	}
	return out
}
