package trino

import (
	"errors"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query"
)

// maxText bounds a statement's text, in bytes.
const maxText = 16 << 20

// begin takes a statement and answers at once with the address of its answer.
func (h *handler) begin(w http.ResponseWriter, r *http.Request) {
	a, err := decode(r.Header)
	if err != nil {
		refuse(w, http.StatusBadRequest, text(err))
		return
	}
	known, wrong := h.token(a)
	switch {
	case a.session.User == "":
		unauthorized(w, "Basic authentication or X-Trino-User must be sent")
		return
	case wrong:
		unauthorized(w, "the token is not the project's: it is in .mulgil/data/owner.json")
		return
	}
	sql, status, err := statementText(w, r)
	if err != nil {
		refuse(w, status, text(err))
		return
	}
	s := h.newStatement(a, sql)
	if err := allowed(a, sql, known); err != nil {
		s.Queued(uuid.NewString())
		s.end(nil, err)
	} else {
		go h.run(s, query.Request{Text: query.Text{SQL: sql}, Session: a.session, Report: s.report})
	}
	<-s.named
	h.registry.add(s)
	h.respond(w, r, s, s.first())
}

func statementText(w http.ResponseWriter, r *http.Request) (string, int, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxText))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", http.StatusRequestEntityTooLarge, base.Errorf(base.Invalid, "the statement is longer than %d bytes", maxText)
	case err != nil:
		return "", http.StatusBadRequest, base.Errorf(base.Usage, "read the statement: %w", err)
	case len(b) == 0:
		return "", http.StatusBadRequest, base.Errorf(base.Usage, "SQL statement is empty")
	}
	return string(b), 0, nil
}

// allowed refuses transactions, and changes without the token.
func allowed(a asked, sql string, known bool) error {
	if a.transaction != "" {
		return base.Errorf(base.Invalid, "transactions are not supported: every statement is one of its own").WithCode("NOT_SUPPORTED").
			WithHint("leave autocommit on")
	}
	if known || query.ReadOnly(sql, a.session.Prepared) {
		return nil
	}
	return base.Errorf(base.Denied, "access denied: statements that change something need the project's token").WithCode("PERMISSION_DENIED").
		WithHint("trino-cli: --extra-credential token=..., JDBC: extraCredentials=token:..., Python: BasicAuthentication or extra_credential; the token is in .mulgil/data/owner.json")
}
