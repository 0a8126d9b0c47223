package trino

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/mulgil/mulgil/internal/base"
)

// results is a page as JSON, but for its data.
type results struct {
	ID          string          `json:"id"`
	InfoURI     string          `json:"infoUri"`
	NextURI     string          `json:"nextUri,omitempty"`
	Columns     json.RawMessage `json:"columns,omitempty"`
	Stats       stats           `json:"stats"`
	Error       *queryError     `json:"error,omitempty"`
	Warnings    []warning       `json:"warnings"`
	UpdateType  string          `json:"updateType,omitempty"`
	UpdateCount *int64          `json:"updateCount,omitempty"`
}

type warning struct {
	Code    warningCode `json:"warningCode"`
	Message string      `json:"message"`
}

type warningCode struct {
	Code int    `json:"code"`
	Name string `json:"name"`
}

// Columns of statements that are no queries, which clients expect to see.
var (
	doneColumns  = json.RawMessage(`[{"name":"result","type":"boolean","typeSignature":{"rawType":"boolean","arguments":[]}}]`)
	countColumns = json.RawMessage(`[{"name":"rows","type":"bigint","typeSignature":{"rawType":"bigint","arguments":[]}}]`)
)

// next gives the page a client asks for.
func (h *handler) next(w http.ResponseWriter, r *http.Request) {
	s, token := h.find(r)
	if s == nil {
		refuse(w, http.StatusNotFound, "Query not found")
		return
	}
	h.registry.asked(s)
	p, err := s.page(r.Context(), token, waiting(r), targeted(r))
	switch {
	case errors.Is(err, errGone):
		h.registry.left(s, h.Abandoned)
		refuse(w, http.StatusGone, text(err))
	case err != nil: // nobody hears this
		h.registry.left(s, min(lost, h.Abandoned))
		go h.registry.soon(s, min(lost, h.Abandoned))
	default:
		h.registry.left(s, h.patience(p))
		h.respond(w, r, s, p)
	}
}

// How long a statement runs on without its client.
const (
	// lost is for one whose connection broke while it waited for a page: time
	// enough to ask again, as clients do at once.
	lost = 500 * time.Millisecond
	// silent is for one that was told nothing yet and does not ask again: it has
	// nothing else to do.
	silent = 30 * time.Second
)

// patience is how long the client may take before it asks for the page after
// p: it may be busy with rows it was given.
func (h *handler) patience(p *page) time.Duration {
	if p.columns == nil && !p.final {
		return min(silent, h.Abandoned)
	}
	return h.Abandoned
}

// find is the statement an address is of, nil if there is none.
func (h *handler) find(r *http.Request) (*statement, int) {
	s := h.registry.get(r.PathValue("id"))
	token, err := strconv.Atoi(r.PathValue("token"))
	if s == nil || err != nil || s.slug != r.PathValue("slug") {
		return nil, 0
	}
	return s, token
}

// waiting is how long the client lets us wait.
func waiting(r *http.Request) time.Duration {
	v := r.URL.Query().Get("maxWait")
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > longest {
		return longest
	}
	return d
}

// targeted is how much the client wants in a page ("1MB").
func targeted(r *http.Request) int {
	v := strings.ToUpper(r.URL.Query().Get("targetResultSize"))
	for suffix, unit := range map[string]float64{"MB": 1 << 20, "KB": 1 << 10, "B": 1} {
		num, ok := strings.CutSuffix(v, suffix)
		if n, err := strconv.ParseFloat(num, 64); ok && err == nil && n > 0 {
			return int(min(n*unit, 16<<20))
		}
	}
	return wanted
}

// cancel stops a statement whose client wants no more.
func (h *handler) cancel(w http.ResponseWriter, r *http.Request) {
	if s, _ := h.find(r); s != nil {
		s.stop(errCanceled)
	}
	w.WriteHeader(http.StatusNoContent)
}

// respond writes a page.
func (h *handler) respond(w http.ResponseWriter, r *http.Request, s *statement, p *page) {
	at := origin(r)
	res := results{ID: s.id, InfoURI: at + "/v1/query/" + s.id, Columns: p.columns, Stats: p.stats, Warnings: []warning{}}
	if !p.final {
		step := "/executing/"
		if p.state == queued {
			step = "/queued/"
		}
		res.NextURI = at + "/v1/statement" + step + s.id + "/" + s.slug + "/" + strconv.Itoa(p.token+1)
	}
	batches := p.batches
	if p.err != nil {
		res.Error = h.failure(p.err)
	}
	if p.out != nil {
		changes(w.Header(), p.out)
		for _, m := range p.out.Warnings {
			res.Warnings = append(res.Warnings, warning{warningCode{0, "GENERIC"}, m})
		}
		if p.columns == nil {
			res.UpdateType, res.UpdateCount, res.Columns = p.out.UpdateType, p.out.UpdateCount, doneColumns
			batches = [][]byte{[]byte("[[true]]")}
			if n := p.out.UpdateCount; n != nil {
				res.Columns, batches = countColumns, [][]byte{[]byte("[[" + strconv.FormatInt(*n, 10) + "]]")}
			}
		}
	}
	body, err := assemble(res, batches)
	if err != nil {
		h.Log.Error("page cannot be encoded", "statement", s.id, "error", err)
		refuse(w, http.StatusInternalServerError, "the page cannot be encoded")
		return
	}
	send(w, r, body)
}

// assemble is a page's JSON; rows go in as they are.
func assemble(res results, batches [][]byte) ([]byte, error) {
	head, err := json.Marshal(res)
	if err != nil || len(batches) == 0 {
		return head, err
	}
	n := len(head) + 16
	for _, b := range batches {
		n += len(b)
	}
	var out bytes.Buffer
	out.Grow(n)
	out.Write(head[:len(head)-1])
	out.WriteString(`,"data":`)
	joined(&out, batches)
	out.WriteByte('}')
	return out.Bytes(), nil
}

// worthPacking is from how many bytes on a page is sent compressed.
const worthPacking = 4 << 10

var packers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is known
	}
	return z
}}

func send(w http.ResponseWriter, r *http.Request, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Vary", "Accept-Encoding")
	if len(body) < worthPacking || !takesGzip(r) || beside(r) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
		return
	}
	h.Set("Content-Encoding", "gzip")
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(w)
	_, _ = z.Write(body)
	_ = z.Close() // a client that is gone cannot be told
}

// beside tells whether the client is on this machine, not behind a proxy:
// packing and unpacking would then take longer than the bytes they save.
func beside(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

func takesGzip(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept-Encoding") {
		for _, e := range strings.Split(line, ",") {
			name, q, _ := strings.Cut(strings.TrimSpace(e), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") && strings.ReplaceAll(q, " ", "") != "q=0" {
				return true
			}
		}
	}
	return false
}

func text(err error) string {
	var e *base.Error
	if errors.As(err, &e) && e.Hint != "" {
		return err.Error() + " (" + e.Hint + ")"
	}
	return err.Error()
}
