package duckdb

import (
	"context"
	"database/sql"
	"math/big"
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/mulgil/mulgil/internal/port"
)

type rows struct {
	ctx  context.Context
	text string
	r    *sql.Rows
	cols []port.EngineColumn
}

func (r *rows) Columns() []port.EngineColumn { return r.cols }
func (r *rows) Next() bool                   { return r.r.Next() }
func (r *rows) Err() error                   { return sqlError(r.ctx, r.text, r.r.Err()) }
func (r *rows) Close() error                 { return r.r.Close() }

func (r *rows) Values() ([]any, error) {
	vals, ptrs := make([]any, len(r.cols)), make([]any, len(r.cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	if err := r.r.Scan(ptrs...); err != nil {
		return nil, sqlError(r.ctx, r.text, err)
	}
	for i, v := range vals {
		if t := r.cols[i].Type; strings.Contains(t, "UUID") && !strings.Contains(t, "BLOB") {
			v = uuids(v)
		}
		vals[i] = plain(v)
	}
	return vals, nil
}

// uuids turns the bytes that the driver gives for UUIDs into their type again.
func uuids(v any) any {
	switch x := v.(type) {
	case []byte:
		if len(x) == len(duck.UUID{}) {
			return duck.UUID(x)
		}
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = uuids(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = uuids(e)
		}
		return out
	}
	return v
}

// plain turns the driver's own types into those port.Rows promises.
func plain(v any) any {
	switch x := v.(type) {
	case int8:
		return int64(x)
	case int16:
		return int64(x)
	case int32:
		return int64(x)
	case int:
		return int64(x)
	case uint8:
		return int64(x)
	case uint16:
		return int64(x)
	case uint32:
		return int64(x)
	case uint64:
		return new(big.Int).SetUint64(x)
	case float32:
		return float64(x)
	case duck.Decimal:
		return port.Decimal(decimalText(x))
	case duck.UUID:
		return x.String()
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = plain(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = plain(e)
		}
		return out
	case duck.OrderedMap:
		out := make(map[string]any, x.Len())
		for i, k := range x.Keys() {
			out[keyText(plain(k))] = plain(x.Values()[i])
		}
		return out
	}
	return v
}
