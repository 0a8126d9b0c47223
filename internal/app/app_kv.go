package app

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"path/filepath"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/keyvalue"
	"github.com/mulgil/mulgil/internal/port"
)

// openKeyValue opens kv.db if the project has key-value tables.
func (a *App) openKeyValue(ctx context.Context) (err error) {
	if len(a.p.KeyTables) > 0 {
		if a.items, err = sqlite.OpenKeyValue(ctx, filepath.Join(a.p.DataDir, "kv.db"), a.cfg.Clock); err != nil {
			return err
		}
	}
	a.kv, err = keyvalue.New(ctx, a.items, a.p.KeyTables)
	return err
}

// KVTables implements Backend.
func (a *App) KVTables(ctx context.Context, _ KVTablesRequest) ([]KVTable, error) {
	out := []KVTable{}
	for _, t := range a.kv.Tables() {
		x := KVTable{Name: t.Name, HashKey: kvKey(t.Hash)}
		if t.Range.Name != "" {
			r := kvKey(t.Range)
			x.RangeKey = &r
		}
		var err error
		if x.Items, err = a.kv.Count(ctx, t.Name); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func kvKey(a port.KeyAttribute) KVKey { return KVKey{Name: a.Name, Type: string(a.Type)} }

// kvCall makes a request of the parameters and carries it out.
func (a *App) kvCall(ctx context.Context, operation string, parameters map[string]any) (keyvalue.Answer, error) {
	return a.kv.Call(ctx, operation, attribute.Encode(parameters), "")
}

// kvKeyOf finds the table and reads a key.
func (a *App) kvKeyOf(table, hash, rng string) (map[string]any, error) {
	if _, err := a.p.KeyTable(table); err != nil {
		return nil, err
	}
	key, err := a.kv.Key(table, hash, rng)
	if err != nil {
		return nil, err
	}
	return key.JSON(attribute.Wire), nil
}

func kvItem(i attribute.Item) KVItem {
	if i == nil {
		return KVItem{}
	}
	return KVItem{attribute.Encode(i.JSON(attribute.Wire))}
}

// KVGet implements Backend.
func (a *App) KVGet(ctx context.Context, req KVGetRequest) (KVItem, error) {
	key, err := a.kvKeyOf(req.Table, req.Hash, req.Range)
	if err != nil {
		return KVItem{}, err
	}
	answer, err := a.kvCall(ctx, "GetItem", map[string]any{"TableName": req.Table, "Key": key})
	return kvItem(answer.Item), err
}

// KVPut implements Backend.
func (a *App) KVPut(ctx context.Context, req KVPutRequest) (KVItem, error) {
	if _, err := a.p.KeyTable(req.Table); err != nil {
		return KVItem{}, err
	}
	if !json.Valid(req.Item) {
		return KVItem{}, base.Errorf(base.Usage, "the item is not JSON").WithHint(`write it as DynamoDB does: {"id": {"S": "a"}}`)
	}
	answer, err := a.kvCall(ctx, "PutItem", map[string]any{"TableName": req.Table, "Item": req.Item, "ReturnValues": "ALL_OLD"})
	return kvItem(answer.Attributes), err
}

// KVDelete implements Backend.
func (a *App) KVDelete(ctx context.Context, req KVDeleteRequest) (KVItem, error) {
	key, err := a.kvKeyOf(req.Table, req.Hash, req.Range)
	if err != nil {
		return KVItem{}, err
	}
	answer, err := a.kvCall(ctx, "DeleteItem", map[string]any{"TableName": req.Table, "Key": key, "ReturnValues": "ALL_OLD"})
	return kvItem(answer.Attributes), err
}

// KVScan implements Backend.
func (a *App) KVScan(ctx context.Context, req KVScanRequest) (KVPage, error) {
	t, err := a.p.KeyTable(req.Table)
	if err != nil {
		return KVPage{}, err
	}
	var after attribute.Item
	if req.AfterHash != "" || req.AfterRange != "" {
		if after, err = a.kv.Key(req.Table, req.AfterHash, req.AfterRange); err != nil {
			return KVPage{}, err
		}
	}
	limit := cmp.Or(req.Limit, 20)
	if limit < 0 || limit > 1000 {
		return KVPage{}, base.Errorf(base.Usage, "the limit must be from 1 to 1000, not %d", limit)
	}
	items, next, err := a.kv.Scan(ctx, req.Table, after, limit)
	if err != nil {
		return KVPage{}, err
	}
	page := KVPage{Items: []json.RawMessage{}, NextHash: keyText(next[t.Hash.Name]), NextRange: keyText(next[t.Range.Name])}
	for _, i := range items {
		page.Items = append(page.Items, attribute.Encode(i.JSON(attribute.Wire)))
	}
	return page, nil
}

// keyText is a key's value as requests write it.
func keyText(v attribute.Value) string {
	if v.Type == attribute.B {
		return base64.StdEncoding.EncodeToString([]byte(v.Text))
	}
	return v.Text
}
