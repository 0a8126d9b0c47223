package keyvalue

import (
	"context"
	"maps"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

// Answer is what a call returned. Nil is what the answer does not have.
type Answer struct {
	// Item is GetItem's.
	Item attribute.Item
	// Attributes are what ReturnValues asked for.
	Attributes attribute.Item
	// Page is Query's.
	Page *Page
}

// JSON is the answer for encoding/json.
func (a Answer) JSON(s attribute.Spelling) map[string]any {
	out := map[string]any{}
	if a.Item != nil {
		out["Item"] = a.Item.JSON(s)
	}
	if a.Attributes != nil {
		out["Attributes"] = a.Attributes.JSON(s)
	}
	if a.Page != nil {
		a.Page.json(s, out)
	}
	return out
}

// Call carries out GetItem, Query, PutItem, UpdateItem or DeleteItem with
// DynamoDB's JSON as input. A write with a token happens once: a second call with it gives
// the answer of the first. Every read sees all finished writes.
func (s *Service) Call(ctx context.Context, operation string, input []byte, token string) (Answer, error) {
	r, err := parseRequest(operation, input)
	if err != nil {
		return Answer{}, err
	}
	t, err := s.table(r.table)
	if err != nil {
		return Answer{}, err
	}
	if operation == "Query" {
		page, err := s.query(ctx, r, t)
		return Answer{Page: page}, err
	}
	if r.item != nil {
		if err := checkItem(t, r.item); err != nil {
			return Answer{}, err
		}
		r.key = t.Key(r.item)
	} else if err := checkKey(t, r.key); err != nil {
		return Answer{}, err
	}
	if err := r.checkUse(t); err != nil {
		return Answer{}, err
	}
	if operation == "GetItem" {
		item, err := s.store.Get(ctx, t.Name, r.key)
		if item != nil && r.parsed.Projection != nil {
			item = r.parsed.Projection.Of(item)
		}
		return Answer{Item: item}, err
	}
	attributes, err := s.store.Write(ctx, port.KeyWrite{Table: t.Name, Key: r.key, Token: token, Change: r.change,
		Request: port.KeyRequest{Operation: r.op, Item: r.item, Condition: r.text["ConditionExpression"], Update: r.text["UpdateExpression"],
			Names: r.names, Values: r.values, ReturnValues: r.returns}})
	return Answer{Attributes: attributes}, err
}

// change is the write's effect on the item that is there.
func (r *request) change(old attribute.Item) (item, result attribute.Item, err error) {
	if c := r.parsed.Condition; c != nil && !c.Holds(old) {
		return nil, nil, base.Errorf(base.Conflict, "The conditional request failed").WithCode("ConditionalCheckFailedException")
	}
	switch r.op {
	case "PutItem":
		item = r.item
	case "UpdateItem":
		if item, err = r.updated(old); err != nil {
			return nil, nil, err
		}
	}
	return item, r.returned(old, item), nil
}

func (r *request) updated(old attribute.Item) (attribute.Item, error) {
	u := r.parsed.Update
	if old == nil {
		if u != nil && !u.Creates() {
			_, err := u.Apply(r.key)
			return nil, err
		}
		old = r.key
	}
	if u == nil {
		return old, nil
	}
	item, err := u.Apply(old)
	if err == nil && item.Size() > maxItem {
		err = attribute.Invalid("Item size to update has exceeded the maximum allowed size")
	}
	return item, err
}

// returned is what ReturnValues asks for, nil if that is nothing.
func (r *request) returned(old, item attribute.Item) attribute.Item {
	var out attribute.Item
	switch r.returns {
	case "ALL_OLD":
		out = old
	case "ALL_NEW":
		out = item
	case "UPDATED_OLD":
		out = r.touched(old)
	case "UPDATED_NEW":
		out = r.touched(item)
	}
	if len(out) == 0 {
		return nil
	}
	return maps.Clone(out)
}

func (r *request) touched(item attribute.Item) attribute.Item {
	if r.parsed.Update == nil {
		return nil
	}
	return r.parsed.Update.Touched(item)
}
