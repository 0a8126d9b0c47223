package iceberg

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

func (c *catalog) listTables(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	names, err := c.lake.TableNames(k.r.Context(), ns)
	if err != nil {
		return err
	}
	return k.identifiers(ns, names)
}

func (c *catalog) createTable(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	var b lake.NewTable
	if err := k.read(&b); err != nil {
		return err
	}
	d, err := c.lake.CreateDoc(k.r.Context(), ns, b)
	if err != nil {
		return err
	}
	return k.reply(answer(d))
}

func (c *catalog) registerTable(k *call) error {
	ns, err := k.namespace()
	if err != nil {
		return err
	}
	var b struct {
		Name      string `json:"name"`
		Location  string `json:"metadata-location"`
		Overwrite bool   `json:"overwrite"`
	}
	if err := k.read(&b); err != nil {
		return err
	}
	d, err := c.lake.Register(k.r.Context(), lake.Name{Database: ns, Table: b.Name}, b.Location, b.Overwrite)
	if err != nil {
		return err
	}
	return k.reply(answer(d))
}

func (c *catalog) loadTable(k *call) error {
	n, err := k.name("table")
	if err != nil {
		return err
	}
	d, err := c.lake.LoadDoc(k.r.Context(), n)
	if err != nil {
		return err
	}
	a := answer(d)
	switch which := k.r.URL.Query().Get("snapshots"); which {
	case "", "all":
	case "refs":
		if a.Metadata, err = onlyRefs(d.Metadata); err != nil {
			return err
		}
	default:
		return base.Errorf(base.Invalid, "snapshots must be all or refs, not %q", which)
	}
	return k.reply(a)
}

// onlyRefs leaves the snapshots that branches and tags name.
func onlyRefs(metadata []byte) (any, error) {
	var m map[string]json.RawMessage
	var refs map[string]struct {
		ID int64 `json:"snapshot-id"`
	}
	var snapshots []json.RawMessage
	if err := json.Unmarshal(metadata, &m); err != nil {
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	for key, to := range map[string]any{"refs": &refs, "snapshots": &snapshots} {
		if text, ok := m[key]; ok {
			if err := json.Unmarshal(text, to); err != nil {
				return nil, fmt.Errorf("read %s: %w", key, err)
			}
		}
	}
	named := map[int64]bool{}
	for _, r := range refs {
		named[r.ID] = true
	}
	kept := []json.RawMessage{}
	for _, s := range snapshots {
		var id struct {
			ID int64 `json:"snapshot-id"`
		}
		if err := json.Unmarshal(s, &id); err != nil {
			return nil, fmt.Errorf("read snapshots: %w", err)
		}
		if named[id.ID] {
			kept = append(kept, s)
		}
	}
	text, err := json.Marshal(kept)
	m["snapshots"] = text
	return m, err
}

func (c *catalog) tableExists(k *call) error {
	n, err := k.name("table")
	if err != nil {
		return err
	}
	if _, err := c.lake.LoadDoc(k.r.Context(), n); err != nil {
		return err
	}
	return k.done()
}

// changeBody is a commit to one table or view.
type changeBody struct {
	Identifier   *identifier     `json:"identifier"`
	Requirements json.RawMessage `json:"requirements"`
	Updates      json.RawMessage `json:"updates"`
}

func (b changeBody) change(n lake.Name) (lake.Change, error) {
	if len(b.Updates) == 0 {
		return lake.Change{}, base.Errorf(base.Invalid, "the commit to %s has no updates", n)
	}
	return lake.Change{Name: n, Requirements: b.Requirements, Updates: b.Updates}, nil
}

func (c *catalog) commitTable(k *call) error {
	n, err := k.name("table")
	if err != nil {
		return err
	}
	var b changeBody
	if err := k.read(&b); err != nil {
		return err
	}
	change, err := b.change(n)
	if err != nil {
		return err
	}
	docs, err := c.lake.CommitDocs(k.r.Context(), []lake.Change{change})
	if err != nil {
		return err
	}
	return k.reply(map[string]any{"metadata-location": docs[0].MetadataLocation, "metadata": docs[0].Metadata})
}

func (c *catalog) commitTransaction(k *call) error {
	var b struct {
		Changes []changeBody `json:"table-changes"`
	}
	if err := k.read(&b); err != nil {
		return err
	}
	if len(b.Changes) == 0 {
		return base.Errorf(base.Invalid, "the transaction changes no table")
	}
	var changes []lake.Change
	for _, x := range b.Changes {
		if x.Identifier == nil {
			return base.Errorf(base.Invalid, "a change of the transaction names no table")
		}
		n, err := x.Identifier.lake()
		if err != nil {
			return err
		}
		change, err := x.change(n)
		if err != nil {
			return err
		}
		changes = append(changes, change)
	}
	if _, err := c.lake.CommitDocs(k.r.Context(), changes); err != nil {
		return err
	}
	return k.done()
}

func (c *catalog) dropTable(k *call) error {
	n, err := k.name("table")
	if err != nil {
		return err
	}
	purge := false
	if text := k.r.URL.Query().Get("purgeRequested"); text != "" {
		if purge, err = strconv.ParseBool(text); err != nil {
			return base.Errorf(base.Invalid, "purgeRequested must be true or false, not %q", text)
		}
	}
	if purge {
		err = c.lake.Purge(k.r.Context(), n)
	} else {
		err = c.lake.Forget(k.r.Context(), n)
	}
	if err != nil {
		return err
	}
	return k.done()
}

// reportMetrics takes a client's report of what its scan or commit cost, and
// does nothing with it.
func (c *catalog) reportMetrics(k *call) error {
	if _, err := k.name("table"); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(k.w, k.r.Body, maxBody)); err != nil {
		return base.Errorf(base.Invalid, "read the report: %w", err)
	}
	return k.done()
}

type renameBody struct {
	Source      identifier `json:"source"`
	Destination identifier `json:"destination"`
}

func (k *call) rename() (from, to lake.Name, err error) {
	var b renameBody
	if err = k.read(&b); err != nil {
		return from, to, err
	}
	if from, err = b.Source.lake(); err != nil {
		return from, to, err
	}
	to, err = b.Destination.lake()
	return from, to, err
}

func (c *catalog) renameTable(k *call) error {
	from, to, err := k.rename()
	if err == nil {
		err = c.lake.Rename(k.r.Context(), from, to)
	}
	if err != nil {
		return err
	}
	return k.done()
}
