package app

import "encoding/json"

// KVTablesRequest asks for the tables of the key-value store.
type KVTablesRequest struct{}

// KVTable is a table of the key-value store.
type KVTable struct {
	Name     string `json:"name"`
	HashKey  KVKey  `json:"hash_key"`
	RangeKey *KVKey `json:"range_key,omitempty"`
	Items    int64  `json:"items"`
}

// KVKey is a part of a table's key.
type KVKey struct {
	Name string `json:"name"`
	// Type is S (text), N (number) or B (bytes).
	Type string `json:"type"`
}

// KVGetRequest asks for one item. Keys are text: N in decimal notation, B in
// base64. Range is empty for a table without a range key.
type KVGetRequest struct {
	Table string `json:"table"`
	Hash  string `json:"hash"`
	Range string `json:"range,omitempty"`
}

// KVItem holds an item in DynamoDB's JSON: {"id": {"S": "a"}, "n": {"N": "1"}}.
// Item is absent if there was none.
type KVItem struct {
	Item json.RawMessage `json:"item,omitempty"`
}

// KVPutRequest writes an item in DynamoDB's JSON. The answer is the item that
// had its key before.
type KVPutRequest struct {
	Table string          `json:"table"`
	Item  json.RawMessage `json:"item"`
}

// KVDeleteRequest deletes an item; keys as in KVGetRequest. The answer is the
// item that was deleted.
type KVDeleteRequest struct {
	Table string `json:"table"`
	Hash  string `json:"hash"`
	Range string `json:"range,omitempty"`
}

// KVScanRequest asks for items in the order of their keys.
type KVScanRequest struct {
	Table string `json:"table"`
	// AfterHash and AfterRange are the key to begin behind; empty is the beginning.
	AfterHash  string `json:"after_hash,omitempty"`
	AfterRange string `json:"after_range,omitempty"`
	// Limit is the number of items; 0 means 20, at most 1000.
	Limit int `json:"limit,omitempty"`
}

// KVPage is a part of a table.
type KVPage struct {
	Items []json.RawMessage `json:"items"`
	// NextHash and NextRange are the key to go on behind; empty at the end.
	NextHash  string `json:"next_hash,omitempty"`
	NextRange string `json:"next_range,omitempty"`
}
