package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

// KeyValue is a port.KeyValue in a store of its own (kv.db). An item is a row:
// its keys as bytes that sort, and itself as DynamoDB's JSON.
type KeyValue struct {
	store port.Store
	clock base.Clock

	mu     sync.RWMutex // guards tables
	tables map[string]keyTable
}

var _ port.KeyValue = (*KeyValue)(nil)

// keyTable is a declared table and its number in the file.
type keyTable struct {
	port.KeyTable
	id int64
}

// tokenLife is how long a write's token is kept: as long as histories are.
const tokenLife = 90 * 24 * time.Hour

var keyValueSteps = []string{
	`CREATE TABLE kv_tables (
		id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
		hash_name TEXT NOT NULL, hash_type TEXT NOT NULL, range_name TEXT NOT NULL, range_type TEXT NOT NULL);
	CREATE TABLE kv_items (
		table_id INTEGER NOT NULL REFERENCES kv_tables, hash BLOB NOT NULL, range BLOB NOT NULL, item TEXT NOT NULL,
		PRIMARY KEY (table_id, hash, range));
	CREATE TABLE kv_tokens (token TEXT PRIMARY KEY, at INTEGER NOT NULL, result TEXT) WITHOUT ROWID;
	CREATE INDEX kv_tokens_at ON kv_tokens (at);`,
}

// OpenKeyValue opens or creates the store at path.
func OpenKeyValue(ctx context.Context, path string, clock base.Clock) (*KeyValue, error) {
	s, err := OpenStore(path)
	if err != nil {
		return nil, err
	}
	if err := s.Migrate(ctx, "keyvalue", keyValueSteps); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &KeyValue{store: s, clock: clock, tables: map[string]keyTable{}}, nil
}

// Close implements port.KeyValue.
func (k *KeyValue) Close() error { return k.store.Close() }

// Declare implements port.KeyValue.
func (k *KeyValue) Declare(ctx context.Context, tables []port.KeyTable) error {
	known := map[string]keyTable{}
	err := k.store.Update(ctx, func(tx *sql.Tx) error {
		for _, t := range tables {
			id, err := declare(tx, t)
			if err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
			known[t.Name] = keyTable{t, id}
		}
		return nil
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, t := range known {
		k.tables[name] = t
	}
	return nil
}

func declare(tx *sql.Tx, t port.KeyTable) (id int64, err error) {
	have := port.KeyTable{Name: t.Name}
	err = tx.QueryRow(`SELECT id, hash_name, hash_type, range_name, range_type FROM kv_tables WHERE name = ?`, t.Name).
		Scan(&id, &have.Hash.Name, &have.Hash.Type, &have.Range.Name, &have.Range.Type)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		r, err := tx.Exec(`INSERT INTO kv_tables (name, hash_name, hash_type, range_name, range_type) VALUES (?, ?, ?, ?, ?)`,
			t.Name, t.Hash.Name, t.Hash.Type, t.Range.Name, t.Range.Type)
		if err != nil {
			return 0, err
		}
		return r.LastInsertId()
	case err != nil || have == t:
		return id, err
	}
	var items bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM kv_items WHERE table_id = ?)`, id).Scan(&items); err != nil {
		return 0, err
	}
	if items {
		return 0, base.Errorf(base.Conflict, "it has items under the key %s, so its key cannot become %s", keyText(have), keyText(t)).
			WithHint("declare a table with another name")
	}
	_, err = tx.Exec(`UPDATE kv_tables SET hash_name = ?, hash_type = ?, range_name = ?, range_type = ? WHERE id = ?`,
		t.Hash.Name, t.Hash.Type, t.Range.Name, t.Range.Type, id)
	return id, err
}

func keyText(t port.KeyTable) string {
	s := t.Hash.Name + " " + string(t.Hash.Type)
	if t.Range.Name != "" {
		s += ", " + t.Range.Name + " " + string(t.Range.Type)
	}
	return "(" + s + ")"
}

func (k *KeyValue) table(name string) (keyTable, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	t, ok := k.tables[name]
	if !ok {
		return t, base.Errorf(base.NotFound, "no key-value table %q", name).WithCode("ResourceNotFoundException")
	}
	return t, nil
}

// key is where an item with the key lies.
func (t keyTable) key(key attribute.Item) (hash, rng []byte) {
	hash, rng = []byte(key[t.Hash.Name].Key()), []byte{}
	if t.Range.Name != "" {
		rng = []byte(key[t.Range.Name].Key())
	}
	return hash, rng
}

// Get implements port.KeyValue.
func (k *KeyValue) Get(ctx context.Context, table string, key attribute.Item) (attribute.Item, error) {
	t, err := k.table(table)
	if err != nil {
		return nil, err
	}
	hash, rng := t.key(key)
	return t.get(ctx, k.store.Reader(), hash, rng)
}

func (t keyTable) get(ctx context.Context, q queryer, hash, rng []byte) (attribute.Item, error) {
	var text []byte
	err := q.QueryRowContext(ctx, `SELECT item FROM kv_items WHERE table_id = ? AND hash = ? AND range = ?`, t.id, hash, rng).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get item of %s: %w", t.Name, err)
	}
	return decodeItem(t.Name, text)
}

func decodeItem(table string, text []byte) (attribute.Item, error) {
	item, err := attribute.ParseItem(text)
	if err != nil {
		return nil, base.Errorf(base.Internal, "an item of key-value table %s cannot be read: %w", table, err)
	}
	return item, nil
}

// Write implements port.KeyValue.
func (k *KeyValue) Write(ctx context.Context, w port.KeyWrite) (attribute.Item, error) {
	t, err := k.table(w.Table)
	if err != nil {
		return nil, err
	}
	hash, rng := t.key(w.Key)
	var result attribute.Item
	err = k.store.Update(ctx, func(tx *sql.Tx) error {
		done, text, err := k.applied(tx, w.Token)
		if err != nil {
			return err
		}
		if done {
			result, err = decodeResult(w.Table, text)
			return err
		}
		old, err := t.get(ctx, tx, hash, rng)
		if err != nil {
			return err
		}
		var item attribute.Item
		if item, result, err = w.Change(old); err != nil {
			return err
		}
		if err := t.set(tx, hash, rng, item); err != nil {
			return fmt.Errorf("write item of %s: %w", t.Name, err)
		}
		return k.remember(tx, w.Token, result)
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// applied finds what a write with the token returned; one of long ago is forgotten.
func (k *KeyValue) applied(tx *sql.Tx, token string) (done bool, result []byte, err error) {
	if token == "" {
		return false, nil, nil
	}
	err = tx.QueryRow(`SELECT result FROM kv_tokens WHERE token = ? AND at >= ?`, token, k.clock.Now().Add(-tokenLife).Unix()).Scan(&result)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil, nil
	}
	return err == nil, result, err
}

func decodeResult(table string, text []byte) (attribute.Item, error) {
	if text == nil {
		return nil, nil
	}
	return decodeItem(table, text)
}

func (t keyTable) set(tx *sql.Tx, hash, rng []byte, item attribute.Item) error {
	if item == nil {
		_, err := tx.Exec(`DELETE FROM kv_items WHERE table_id = ? AND hash = ? AND range = ?`, t.id, hash, rng)
		return err
	}
	_, err := tx.Exec(`INSERT INTO kv_items VALUES (?, ?, ?, ?) ON CONFLICT (table_id, hash, range) DO UPDATE SET item = excluded.item`,
		t.id, hash, rng, string(attribute.Encode(item.JSON(attribute.Wire))))
	return err
}

// remember keeps a write's token and lets a few that are too old go.
func (k *KeyValue) remember(tx *sql.Tx, token string, result attribute.Item) error {
	if token == "" {
		return nil
	}
	var text any
	if result != nil {
		text = string(attribute.Encode(result.JSON(attribute.Wire)))
	}
	now := k.clock.Now()
	if _, err := tx.Exec(`INSERT OR REPLACE INTO kv_tokens VALUES (?, ?, ?)`, token, now.Unix(), text); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM kv_tokens WHERE token IN (SELECT token FROM kv_tokens WHERE at < ? LIMIT 4)`, now.Add(-tokenLife).Unix())
	return err
}

// Scan implements port.KeyValue.
func (k *KeyValue) Scan(ctx context.Context, r port.KeyRange) (items []attribute.Item, more bool, err error) {
	t, err := k.table(r.Table)
	if err != nil {
		return nil, false, err
	}
	where, args := t.within(r)
	order := ` ORDER BY hash, range LIMIT ?`
	if r.Backward {
		order = ` ORDER BY hash DESC, range DESC LIMIT ?`
	}
	rows, err := k.store.Reader().QueryContext(ctx, `SELECT item FROM kv_items WHERE `+where+order, append(args, r.Limit+1)...)
	if err != nil {
		return nil, false, fmt.Errorf("scan %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return nil, false, fmt.Errorf("scan %s: %w", t.Name, err)
		}
		if len(items) == r.Limit {
			return items, true, rows.Close()
		}
		item, err := decodeItem(t.Name, text)
		if err != nil {
			return nil, false, err
		}
		items = append(items, item)
	}
	return items, false, rows.Err()
}

// within writes a range as SQL.
func (t keyTable) within(r port.KeyRange) (where string, args []any) {
	where, args = `table_id = ?`, []any{t.id}
	add := func(sql string, values ...any) { where, args = where+` AND `+sql, append(args, values...) }
	if r.Hash != nil {
		add(`hash = ?`, []byte(r.Hash.Key()))
	}
	var values []any
	for _, v := range r.Range.Values {
		values = append(values, []byte(v.Key()))
	}
	switch op := r.Range.Op; op {
	case "":
	case "BETWEEN":
		add(`range BETWEEN ? AND ?`, values...)
	case "begins_with":
		prefix := values[0].([]byte)
		add(`range >= ?`, prefix)
		if end := afterPrefix(prefix); end != nil {
			add(`range < ?`, end)
		}
	default:
		add(`range `+op+` ?`, values...)
	}
	if r.After != nil {
		hash, rng := t.key(r.After)
		if r.Backward {
			add(`(hash, range) < (?, ?)`, hash, rng)
		} else {
			add(`(hash, range) > (?, ?)`, hash, rng)
		}
	}
	return where, args
}

// afterPrefix is the least key greater than all that begin with prefix, nil if
// there is none.
func afterPrefix(prefix []byte) []byte {
	p := bytes.TrimRight(prefix, "\xff")
	if len(p) == 0 {
		return nil
	}
	end := bytes.Clone(p)
	end[len(end)-1]++
	return end
}

// Count implements port.KeyValue.
func (k *KeyValue) Count(ctx context.Context, table string) (n int64, err error) {
	t, err := k.table(table)
	if err != nil {
		return 0, err
	}
	err = k.store.Reader().QueryRowContext(ctx, `SELECT count(*) FROM kv_items WHERE table_id = ?`, t.id).Scan(&n)
	return n, err
}
