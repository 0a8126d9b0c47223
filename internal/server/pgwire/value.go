package pgwire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/mulgil/mulgil/internal/lang/trino/types"
	"github.com/mulgil/mulgil/internal/query"
)

// kind is what a Trino type is to PostgreSQL's clients.
type kind struct {
	oid  uint32
	size int16
}

var oids = map[types.Kind]kind{
	types.Boolean: {16, 1}, types.Tinyint: {21, 2}, types.Smallint: {21, 2}, types.Integer: {23, 4}, types.Bigint: {20, 8}, types.Real: {700, 4}, types.Double: {701, 8},
	types.Decimal: {1700, -1}, types.Varchar: {1043, -1}, types.Char: {1042, -1}, types.Varbinary: {17, -1}, types.Date: {1082, 4}, types.Time: {1083, 8}, types.TimeTZ: {1266, 12},
	types.Timestamp: {1114, 8}, types.TimestampTZ: {1184, 8}, types.JSON: {114, -1}, types.UUID: {2950, 16}, types.Array: {114, -1}, types.Map: {114, -1}, types.Row: {114, -1},
}

// oidText is the type of everything that has no other.
const oidText = 25

// describeColumns is a result's description, and its types.
func describeColumns(cols []query.Column) (*pgproto3.RowDescription, []types.Type, error) {
	out, list := &pgproto3.RowDescription{}, make([]types.Type, len(cols))
	for i, c := range cols {
		t, err := types.Parse(c.Type)
		if err != nil {
			return nil, nil, err
		}
		k, ok := oids[t.Kind]
		if !ok {
			k = kind{oidText, -1}
		}
		f := pgproto3.FieldDescription{Name: []byte(c.Name), DataTypeOID: k.oid, DataTypeSize: k.size, TypeModifier: -1}
		switch {
		case t.Kind == types.Decimal:
			f.TypeModifier = int32(t.P<<16|t.S) + 4
		case t.Text() && t.P != types.Unbounded:
			f.TypeModifier = int32(t.P) + 4
		}
		out.Fields, list[i] = append(out.Fields, f), t
	}
	return out, list, nil
}

// cell is a value, as it is in a row of JSON, in PostgreSQL's text form; nil is NULL.
func cell(v json.RawMessage, t types.Type) ([]byte, error) {
	v = bytes.TrimSpace(v)
	if string(v) == "null" {
		return nil, nil
	}
	if t.Is(types.Array, types.Map, types.Row) || len(v) == 0 || v[0] != '"' {
		switch string(v) {
		case "true":
			return []byte("t"), nil
		case "false":
			return []byte("f"), nil
		}
		return v, nil
	}
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return nil, fmt.Errorf("read value: %w", err)
	}
	switch t.Kind {
	case types.Varbinary:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, fmt.Errorf("read bytes: %w", err)
		}
		return []byte(`\x` + hex.EncodeToString(b)), nil
	case types.TimestampTZ:
		return instant(s)
	}
	return []byte(s), nil
}

// instant turns "2020-01-01 09:00:00.123 Asia/Seoul" into UTC.
func instant(s string) ([]byte, error) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return []byte(s), nil
	}
	zone := s[i+1:]
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		t, err := time.Parse("-07:00", zone)
		if err != nil {
			return nil, fmt.Errorf("time zone %q is not known", zone)
		}
		loc = t.Location()
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", s[:i], loc)
	if err != nil {
		return nil, fmt.Errorf("timestamp %q has no form that PostgreSQL's clients know: %w", s, err)
	}
	return []byte(t.UTC().Format("2006-01-02 15:04:05.999999999") + "+00"), nil
}
