package query

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/query/worker"
)

// ReuseProperty is the session property that turns the reuse of kept results
// off for a session.
const ReuseProperty = "result_reuse"

// resultForm changes when the same answer would be written otherwise.
const resultForm = 1

// identity is everything an answer follows from.
type identity struct {
	Form              int
	SQL, Tree         string
	Types             []string
	Columns           []Column
	Functions         []string
	MaxRows           int
	Catalog, Database string
	Relations         []worker.Relation
	Files             []fileIdentity
}

// fileIdentity tells one state of a file from another.
type fileIdentity struct {
	Path       string
	Size, Time int64
}

// resultKey is where x's rows are kept, "" for nowhere, and whether a kept
// result may answer it. A statement whose answer does not follow from its text
// and data is kept under its own id, for its client only.
func (s *Service) resultKey(w *work, x Execution) (key string, reuse bool) {
	if s.o.Results == nil {
		return "", false
	}
	if x.Volatile || x.Bound == nil || len(x.Bound.Sources) > 0 || len(x.Params) > 0 {
		return w.id, false
	}
	id := identity{
		Form: resultForm, SQL: x.SQL, Tree: x.Tree, Types: x.Types, Columns: x.Columns, Functions: x.Functions, MaxRows: x.MaxRows,
		Catalog: Catalog, Database: s.o.Database, Relations: x.Bound.Relations,
	}
	var settled bool
	if id.Files, settled = foreign(x.Bound.Relations, s.o.Clock.Now()); !settled {
		return w.id, false
	}
	b, err := json.Marshal(id)
	if err != nil {
		return w.id, false
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), !s.limits.NoResultCache && !strings.EqualFold(w.session.Properties[ReuseProperty], "false")
}

// settling is how long a file must have been left alone before its time of
// change says what is in it: a change within one tick of the clock does not show.
const settling = 2 * time.Second

// foreign identifies the files that are not the lake's own. Those of the lake
// are never changed: their path says what is in them. Those of external tables
// are part of their relation as they were listed. settled is false if a file
// is missing or changed just now.
func foreign(relations []worker.Relation, now time.Time) (out []fileIdentity, settled bool) {
	for _, r := range relations {
		if r.Version != "" {
			if now.Sub(r.Changed) < settling {
				return nil, false
			}
			continue
		}
		if r.From == "" {
			continue
		}
		for _, f := range r.Files {
			st, err := os.Stat(f)
			if err != nil || now.Sub(st.ModTime()) < settling {
				return nil, false
			}
			out = append(out, fileIdentity{f, st.Size(), st.ModTime().UnixNano()})
		}
	}
	return out, true
}
