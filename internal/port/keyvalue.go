package port

import (
	"context"

	"github.com/mulgil/mulgil/internal/base/attribute"
)

// KeyTable is a table of a key-value store: its name and its key.
type KeyTable struct {
	Name string
	Hash KeyAttribute
	// Range orders the items of one hash key; its zero means there is none.
	Range KeyAttribute
}

// KeyAttribute is a part of a key: an attribute of type S, N or B.
type KeyAttribute struct {
	Name string         `json:"name"`
	Type attribute.Type `json:"type"`
}

// Key is the part of an item that is its key.
func (t KeyTable) Key(item attribute.Item) attribute.Item {
	key := attribute.Item{t.Hash.Name: item[t.Hash.Name]}
	if t.Range.Name != "" {
		key[t.Range.Name] = item[t.Range.Name]
	}
	return key
}

// KeyWrite puts, changes or deletes one item. A store that has no expressions
// of its own calls Change; one that speaks DynamoDB's sends Request.
type KeyWrite struct {
	Table string
	// Key has exactly the table's key attributes, of its types.
	Key attribute.Item
	// Token makes a write happen once: a second one with the same token
	// changes nothing and returns what the first returned. Empty means none.
	// A token counts for 90 days.
	Token string
	// Change computes the item from the one that is there, nil if none: a nil
	// result deletes, an error refuses the write and is returned as it is. It
	// may not change old. The second result is what Write returns. It runs
	// alone for its item, is quick and has no effects; it may run again.
	Change func(old attribute.Item) (item, result attribute.Item, err error)
	// Request is the same write as DynamoDB's API takes it.
	Request KeyRequest
}

// KeyRequest is a write in the words of DynamoDB's API.
type KeyRequest struct {
	// Operation is PutItem, UpdateItem or DeleteItem; Item is for PutItem.
	Operation         string
	Item              attribute.Item
	Condition, Update *string
	Names             map[string]string
	Values            map[string]attribute.Value
	ReturnValues      string
}

// KeyRange asks for items of a table in the order of their keys: by hash key's
// bytes, then by range key.
type KeyRange struct {
	Table string
	// Hash limits it to one hash key; nil is all.
	Hash *attribute.Value
	// Range limits the range key, within one hash key: =, <, <=, >, >=, BETWEEN
	// (two values) or begins_with; an empty Op is no limit.
	Range KeyCondition
	// Backward turns the order round.
	Backward bool
	// After is the key to begin behind; nil is the beginning.
	After attribute.Item
	// Limit is the largest number of items, at least 1.
	Limit int
}

// KeyCondition compares a range key with one value, or two for BETWEEN.
type KeyCondition struct {
	Op     string
	Values []attribute.Value
}

// KeyValue is a store of items by key. It is safe for concurrent use. Tables
// that were not declared are base.NotFound with code ResourceNotFoundException.
type KeyValue interface {
	// Declare makes the tables known; new ones are created. A table whose key
	// differs from the one it was created with is base.Conflict, unless it is
	// empty. Tables not named stay as they are and are not reached.
	Declare(ctx context.Context, tables []KeyTable) error
	// Get returns the item with a key as the last finished write left it, nil
	// if there is none.
	Get(ctx context.Context, table string, key attribute.Item) (attribute.Item, error)
	// Write returns once the change is durable.
	Write(ctx context.Context, w KeyWrite) (attribute.Item, error)
	// Scan returns items in key order; more tells that others follow.
	Scan(ctx context.Context, r KeyRange) (items []attribute.Item, more bool, err error)
	// Count is how many items a table holds.
	Count(ctx context.Context, table string) (int64, error)
	// Close is safe to call twice.
	Close() error
}
