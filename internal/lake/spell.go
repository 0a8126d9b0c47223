package lake

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/apache/iceberg-go/table"
)

// spelled gives the files of a commit's snapshots their real names. iceberg-go
// percent-encodes a location that is not plain ASCII in the names of manifests
// and manifest lists, where other programs would look for a folder of that
// encoded name.
func (f *localFS) spelled(updates []table.Update) ([]table.Update, error) {
	if f.escaped == f.plain {
		return updates, nil
	}
	out := make([]table.Update, len(updates))
	for i, u := range updates {
		out[i] = u
		if u.Action() != table.UpdateAddSnapshot {
			continue
		}
		var err error
		if out[i], err = f.spelledSnapshot(u); err != nil {
			return nil, fmt.Errorf("name the files of a snapshot: %w", err)
		}
	}
	return out, nil
}

func (f *localFS) spelledSnapshot(u table.Update) (table.Update, error) {
	text, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	var update, snapshot map[string]json.RawMessage
	if err := json.Unmarshal(text, &update); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(update["snapshot"], &snapshot); err != nil {
		return nil, err
	}
	var list string
	if err := json.Unmarshal(snapshot["manifest-list"], &list); err != nil {
		return nil, err
	}
	if list, err = f.spelledList(list); err != nil {
		return nil, err
	}
	if snapshot["manifest-list"], err = json.Marshal(list); err != nil {
		return nil, err
	}
	if update["snapshot"], err = json.Marshal(snapshot); err != nil {
		return nil, err
	}
	if text, err = json.Marshal([]any{update}); err != nil {
		return nil, err
	}
	var back table.Updates
	if err := json.Unmarshal(text, &back); err != nil {
		return nil, err
	}
	return back[0], nil
}

// spelledList writes a manifest list again with real names, also of the
// manifests it carries over, and returns its own.
func (f *localFS) spelledList(name string) (string, error) {
	in, err := f.Open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	var buf bytes.Buffer
	err = copyAvro(in, &buf, func(rec map[string]any) error {
		p, ok := rec["manifest_path"].(string)
		if !ok {
			return fmt.Errorf("a manifest list entry has no path")
		}
		rec["manifest_path"] = f.path(p)
		return nil
	})
	if err != nil {
		return "", err
	}
	return f.path(name), f.WriteFile(f.path(name), buf.Bytes())
}
