package iceberg

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// maxBody bounds a request, in bytes: a commit can carry many snapshots.
const maxBody = 64 << 20

// call is one request and its answer.
type call struct {
	w http.ResponseWriter
	r *http.Request
}

// read decodes the body, which must be a JSON object.
func (k *call) read(v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(k.w, k.r.Body, maxBody))
	if err != nil {
		return base.Errorf(base.Invalid, "read the request: %w", err)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return base.Errorf(base.Invalid, "the request is not what is expected here: %w", err)
	}
	return nil
}

func (k *call) reply(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	k.w.Header().Set("Content-Type", "application/json")
	_, _ = k.w.Write(body)
	return nil
}

func (k *call) done() error {
	k.w.WriteHeader(http.StatusNoContent)
	return nil
}

// namespace is the database a path names. The lake has one level of them.
func (k *call) namespace() (string, error) {
	ns := k.r.PathValue("namespace")
	if strings.ContainsRune(ns, '\x1f') {
		return "", base.Errorf(base.NotFound, "namespace does not exist: %s", strings.ReplaceAll(ns, "\x1f", ".")).
			WithCode(lake.CodeNoNamespace).WithHint("namespaces have one level here")
	}
	return ns, nil
}

// missing are what clients expect to hear of a table or view that is not
// there: also of one in a namespace that cannot exist, which Spark asks for
// when it means a metadata table ("db.t.snapshots").
var missing = map[string]string{"table": lake.CodeNoTable, "view": lake.CodeNoView}

// name is the table or view a path names.
func (k *call) name(kind string) (lake.Name, error) {
	ns, name := k.r.PathValue("namespace"), k.r.PathValue(kind)
	if strings.ContainsRune(ns, '\x1f') {
		return lake.Name{}, base.Errorf(base.NotFound, "%s does not exist: %s.%s", kind, strings.ReplaceAll(ns, "\x1f", "."), name).
			WithCode(missing[kind]).WithHint("namespaces have one level here")
	}
	return lake.Name{Database: ns, Table: name}, nil
}

// identifier is a table's or view's name in a body.
type identifier struct {
	Namespace []string `json:"namespace"`
	Name      string   `json:"name"`
}

func (i identifier) lake() (lake.Name, error) {
	if len(i.Namespace) != 1 {
		return lake.Name{}, base.Errorf(base.NotFound, "namespace does not exist: %s", strings.Join(i.Namespace, ".")).
			WithCode(lake.CodeNoNamespace).WithHint("namespaces have one level here")
	}
	return lake.Name{Database: i.Namespace[0], Table: i.Name}, nil
}

// answers maps kinds of errors to status and type; an error's own code is its
// type, if it has one.
var answers = map[base.Kind]struct {
	status int
	typ    string
}{
	base.Invalid:     {http.StatusBadRequest, "BadRequestException"},
	base.Usage:       {http.StatusUnprocessableEntity, "UnprocessableEntityException"},
	base.NotFound:    {http.StatusNotFound, "NotFoundException"},
	base.Exists:      {http.StatusConflict, lake.CodeExists},
	base.Conflict:    {http.StatusConflict, lake.CodeCommitFailed},
	base.Denied:      {http.StatusForbidden, "ForbiddenException"},
	base.Unavailable: {http.StatusServiceUnavailable, "ServiceUnavailableException"},
	base.Canceled:    {http.StatusServiceUnavailable, "ServiceUnavailableException"},
	base.Internal:    {http.StatusInternalServerError, "InternalServerError"},
}

func (k *call) fail(err error) {
	a := answers[base.KindOf(err)]
	if code := base.CodeOf(err); code != "" {
		a.typ = code
	}
	text := err.Error()
	if e := new(base.Error); errors.As(err, &e) && e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	if a.status == http.StatusServiceUnavailable {
		k.w.Header().Set("Retry-After", "1")
	}
	k.refuse(a.status, a.typ, text)
}

// refuse answers in the protocol's error model.
func (k *call) refuse(status int, typ, text string) {
	k.w.Header().Set("Content-Type", "application/json")
	k.w.WriteHeader(status)
	body, _ := json.Marshal(map[string]any{"error": map[string]any{"message": text, "type": typ, "code": status}})
	_, _ = k.w.Write(body)
}
