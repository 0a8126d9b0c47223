package keyvalue

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/port"
)

// Page is what one Query returned.
type Page struct {
	// Items are in the order of their range keys; nil if only the count was asked for.
	Items []attribute.Item
	// Count is how many items met the filter, Scanned how many were read.
	Count, Scanned int
	// Last is the key to go on behind; nil at the end.
	Last attribute.Item
}

func (p *Page) json(s attribute.Spelling, out map[string]any) {
	if p.Items != nil {
		items := make([]any, len(p.Items))
		for i, x := range p.Items {
			items[i] = x.JSON(s)
		}
		out["Items"] = items
	}
	out["Count"], out["ScannedCount"] = p.Count, p.Scanned
	if p.Last != nil {
		out["LastEvaluatedKey"] = p.Last.JSON(s)
	}
}

// queryParameters are the parameters that only Query has, with a check of
// their JSON type.
var queryParameters = map[string]func(any) bool{
	"Limit":             isA[json.Number],
	"ScanIndexForward":  isA[bool],
	"Select":            isA[string],
	"IndexName":         isA[string],
	"ExclusiveStartKey": isA[map[string]any],
}

func isA[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// maxPage is how many bytes of items one Query reads, the last item included.
const maxPage = 1 << 20

// pageStep is how many items are asked of the store at a time.
const pageStep = 25

// checkQuery checks what needs no table.
func (r *request) checkQuery() error {
	if r.more["IndexName"] != nil {
		return attribute.Invalid("IndexName is not supported: tables have no secondary indexes")
	}
	if l, ok := r.more["Limit"].(json.Number); ok {
		if n, err := strconv.ParseInt(string(l), 10, 32); err != nil || n < 1 {
			return attribute.Invalid("1 validation error detected: Value '%s' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", l)
		}
	}
	projection := r.text["ProjectionExpression"] != nil
	switch s := r.more["Select"]; s {
	case nil, "ALL_ATTRIBUTES", "COUNT":
		if projection && s != nil {
			return attribute.Invalid("Cannot specify the ProjectionExpression when choosing to get %v", s)
		}
	case "SPECIFIC_ATTRIBUTES":
		if !projection {
			return attribute.Invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
		}
	default:
		return attribute.Invalid("1 validation error detected: Value '%v' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES]", s)
	}
	if r.text["KeyConditionExpression"] == nil {
		return attribute.Invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return nil
}

// within turns the key conditions into a range of the table.
func (r *request) within(t port.KeyTable) (port.KeyRange, error) {
	out := port.KeyRange{Table: t.Name, Backward: r.more["ScanIndexForward"] == false}
	attributes := keyAttributes(t)
	if len(attributes) == 1 && len(r.parsed.Keys) > 1 {
		return out, attribute.Invalid("Query key condition not supported")
	}
	if len(r.parsed.Keys) > 2 {
		return out, attribute.Invalid("Conditions can be of length 1 or 2 only")
	}
	for i, a := range attributes {
		c, ok := r.parsed.Keys[a.Name]
		if !ok {
			if i == 0 || len(r.parsed.Keys) > 1 {
				return out, attribute.Invalid("Query condition missed key schema element: %s", a.Name)
			}
			continue
		}
		if slices.ContainsFunc(c.Values, func(v attribute.Value) bool { return v.Type != a.Type }) {
			return out, attribute.Invalid(wrongParameter + "Condition parameter type does not match schema type")
		}
		switch {
		case i == 1:
			out.Range = port.KeyCondition(c)
		case c.Op != "=":
			return out, attribute.Invalid("Query key condition not supported")
		default:
			out.Hash = &c.Values[0]
		}
	}
	return out, r.start(t, &out)
}

// start reads the key to begin behind.
func (r *request) start(t port.KeyTable, out *port.KeyRange) error {
	m, ok := r.more["ExclusiveStartKey"].(map[string]any)
	if !ok {
		return nil
	}
	key, err := readItem(m)
	if base.CodeOf(err) == "ValidationException" {
		return attribute.Invalid("The provided starting key is invalid: %v", err)
	} else if err != nil {
		return err
	}
	if err := checkKey(t, key); err != nil || !key[t.Hash.Name].Equal(*out.Hash) {
		return attribute.Invalid("The provided starting key is invalid")
	}
	out.After = key
	return nil
}

// query reads items until the limit, a page's bytes or the end.
func (s *Service) query(ctx context.Context, r *request, t port.KeyTable) (*Page, error) {
	in, err := r.within(t)
	if err != nil {
		return nil, err
	}
	limit := 1 << 31
	if l, ok := r.more["Limit"].(json.Number); ok {
		limit, _ = strconv.Atoi(string(l)) // checked
	}
	page, bytes := &Page{}, 0
	if r.more["Select"] != "COUNT" {
		page.Items = []attribute.Item{}
	}
	for {
		in.Limit = min(limit-page.Scanned, pageStep)
		items, more, err := s.store.Scan(ctx, in)
		if err != nil {
			return nil, err
		}
		for i, item := range items {
			page.take(r, item)
			bytes += item.Size()
			in.After = t.Key(item)
			if page.Scanned == limit || bytes >= maxPage {
				more = more || i+1 < len(items)
				if more || page.Scanned == limit {
					page.Last = in.After
				}
				return page, nil
			}
		}
		if !more {
			return page, nil
		}
	}
}

// take counts an item and keeps what was asked for of it.
func (p *Page) take(r *request, item attribute.Item) {
	p.Scanned++
	if r.parsed.Filter != nil && !r.parsed.Filter.Holds(item) {
		return
	}
	p.Count++
	if p.Items == nil {
		return
	}
	if r.parsed.Projection != nil {
		item = r.parsed.Projection.Of(item)
	}
	p.Items = append(p.Items, item)
}
