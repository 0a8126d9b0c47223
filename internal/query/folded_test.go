package query

import (
	"context"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// tables is a port.Snapshot that only knows names.
type tables struct {
	port.Snapshot
	names []port.TableName
}

func (s tables) Tables(context.Context) (out []port.SourceTable, _ error) {
	for _, n := range s.names {
		out = append(out, port.SourceTable{Name: n})
	}
	return out, nil
}

func (s tables) Describe(_ context.Context, name port.TableName) (port.SourceTable, error) {
	return port.SourceTable{Name: name}, nil
}

func TestSourceTableIsFoundWhateverItsLetterCase(t *testing.T) {
	upper, mixed := port.TableName{Schema: "RETAIL", Name: "products"}, port.TableName{Schema: "Retail", Name: "products"}
	asked := port.TableName{Schema: "retail", Name: "products"}
	missing := base.Errorf(base.NotFound, "there is no table")
	d, err := describeFolded(t.Context(), tables{names: []port.TableName{upper}}, asked, missing)
	if err != nil || d.Name != upper {
		t.Errorf("found %v, %v", d.Name, err)
	}
	if _, err := describeFolded(t.Context(), tables{}, asked, missing); err != error(missing) {
		t.Errorf("a table that is not there: %v", err)
	}
	if _, err := describeFolded(t.Context(), tables{names: []port.TableName{upper, mixed}}, asked, missing); err == nil || !strings.Contains(err.Error(), "RETAIL.products and Retail.products") {
		t.Errorf("two that fit: %v", err)
	}
}
