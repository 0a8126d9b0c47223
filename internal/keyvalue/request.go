package keyvalue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/lang/dynamo"
)

// request is a call's parameters, checked as far as that goes without the table.
type request struct {
	op        string
	table     string
	key, item attribute.Item
	text      map[string]*string // parameters that are text, where given
	names     map[string]string
	values    map[string]attribute.Value
	returns   string
	parsed    dynamo.Expressions
	more      map[string]any // parameters of Query alone, as JSON has them
}

// operation is what DynamoDB allows in a request.
type operation struct {
	// record is the parameter with the key or the whole item; Query has none.
	record string
	// expressions in the order of messages.
	expressions []string
	// returns are the ReturnValues it knows, of all there are.
	returns []string
}

var operations = map[string]operation{
	"GetItem":    {"Key", []string{"ProjectionExpression"}, nil},
	"PutItem":    {"Item", []string{"ConditionExpression"}, []string{"ALL_OLD", "NONE"}},
	"DeleteItem": {"Key", []string{"ConditionExpression"}, []string{"ALL_OLD", "NONE"}},
	"UpdateItem": {"Key", []string{"UpdateExpression", "ConditionExpression"}, allReturns},
	"Query":      {"", []string{"ProjectionExpression", "FilterExpression", "KeyConditionExpression"}, nil},
}

var allReturns = []string{"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"}

// legacy are parameters of DynamoDB's older API, and what replaced them.
var legacy = map[string]string{"Expected": "ConditionExpression", "ConditionalOperator": "ConditionExpression",
	"AttributeUpdates": "UpdateExpression", "AttributesToGet": "ProjectionExpression",
	"KeyConditions": "KeyConditionExpression", "QueryFilter": "FilterExpression"}

// maxItem is how large an item may be, in bytes.
const maxItem = 400 << 10

func parseRequest(name string, input []byte) (*request, error) {
	op, ok := operations[name]
	if !ok {
		return nil, base.Errorf(base.Invalid, "the operation %s is not supported", name).WithCode("UnknownOperationException")
	}
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(input))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return nil, shape("the request is not a JSON object: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, shape("unexpected text after the request")
	}
	r := &request{op: name, text: map[string]*string{}, more: map[string]any{}}
	record, values, err := r.read(op, fields)
	if err != nil {
		return nil, err
	}
	if err := r.constraints(op, record != nil || op.record == ""); err != nil {
		return nil, err
	}
	if err := r.together(op); err != nil {
		return nil, err
	}
	return r, r.check(op, record, values)
}

func shape(format string, args ...any) error {
	return base.Errorf(base.Invalid, format, args...).WithCode("SerializationException")
}

// read takes the fields apart by type; null is as good as absent.
func (r *request) read(op operation, fields map[string]any) (record, values map[string]any, err error) {
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		v := fields[k]
		if v == nil {
			continue
		}
		var ok bool
		switch {
		case k == op.record:
			record, ok = v.(map[string]any)
		case k == "ExpressionAttributeValues":
			values, ok = v.(map[string]any)
		case k == "ExpressionAttributeNames":
			r.names, ok = texts(v)
		case k == "TableName" || k == "ReturnValues" && op.returns != nil || slices.Contains(op.expressions, k),
			k == "ReturnConsumedCapacity", k == "ReturnItemCollectionMetrics", k == "ReturnValuesOnConditionCheckFailure":
			var s string
			s, ok = v.(string)
			r.text[k] = &s
		case k == "ConsistentRead":
			_, ok = v.(bool) // every read is
		case r.op == "Query" && queryParameters[k] != nil:
			ok = queryParameters[k](v)
			r.more[k] = v
		case legacy[k] != "":
			return nil, nil, attribute.Invalid("%s is not supported; use %s", k, legacy[k])
		default:
			return nil, nil, attribute.Invalid("%s is not a parameter of %s that is supported", k, r.op)
		}
		if !ok {
			return nil, nil, shape("%s has a value of the wrong JSON type", k)
		}
	}
	return record, values, nil
}

func texts(v any) (map[string]string, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	out := make(map[string]string, len(m))
	for k, x := range m {
		s, ok := x.(string)
		if !ok {
			return nil, false
		}
		out[k] = s
	}
	return out, true
}

// TableName is the name in a TableName parameter, which may be an ARN.
func TableName(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// constraints checks single parameters, all of them together.
func (r *request) constraints(op operation, record bool) error {
	var bad []string
	note := func(value *string, name, constraint string) {
		shown := "null"
		if value != nil {
			shown = "'" + *value + "'"
		}
		bad = append(bad, fmt.Sprintf("Value %s at '%s%s' failed to satisfy constraint: %s", shown, strings.ToLower(name[:1]), name[1:], constraint))
	}
	oneOf := func(name string, words ...string) {
		if v := r.text[name]; v != nil && !slices.Contains(words, *v) {
			note(v, name, "Member must satisfy enum value set: ["+strings.Join(words, ", ")+"]")
		}
	}
	oneOf("ReturnConsumedCapacity", "INDEXES", "TOTAL", "NONE")
	if t := r.text["TableName"]; t == nil {
		note(nil, "TableName", "Member must not be null")
	} else {
		name := TableName(*t)
		if !tableName.MatchString(name) {
			note(t, "TableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
		}
		if len(name) < 3 {
			note(t, "TableName", "Member must have length greater than or equal to 3")
		}
		r.table = name
	}
	oneOf("ReturnItemCollectionMetrics", "SIZE", "NONE")
	oneOf("ReturnValues", allReturns...)
	oneOf("ReturnValuesOnConditionCheckFailure", "ALL_OLD", "NONE")
	if !record {
		note(nil, op.record, "Member must not be null")
	}
	switch len(bad) {
	case 0:
		return nil
	case 1:
		return attribute.Invalid("1 validation error detected: %s", bad[0])
	}
	return attribute.Invalid("%d validation errors detected: %s", len(bad), strings.Join(bad, "; "))
}

// together checks which parameters go with which.
func (r *request) together(op operation) error {
	for _, k := range []string{"ReturnConsumedCapacity", "ReturnItemCollectionMetrics"} {
		if v := r.text[k]; v != nil && *v != "NONE" {
			return attribute.Invalid("%s %s is not supported: this store has no capacity units and no item collections", k, *v)
		}
	}
	given := slices.ContainsFunc(op.expressions, func(e string) bool { return r.text[e] != nil })
	if r.names != nil && !given {
		return attribute.Invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	return nil
}

// check reads record and values, then the expressions.
func (r *request) check(op operation, record, values map[string]any) error {
	withValues := slices.DeleteFunc(slices.Clone(op.expressions), func(e string) bool { return e == "ProjectionExpression" })
	if values != nil && !slices.ContainsFunc(withValues, func(e string) bool { return r.text[e] != nil }) {
		are := "is"
		if len(withValues) > 1 {
			are = "are"
		}
		if len(withValues) == 0 {
			return attribute.Invalid("ExpressionAttributeValues is not a parameter of %s that is supported", r.op)
		}
		return attribute.Invalid("ExpressionAttributeValues can only be specified when using expressions: %s %s null", strings.Join(withValues, " and "), are)
	}
	item, err := readItem(record)
	if err != nil {
		return err
	}
	switch op.record {
	case "Key":
		r.key = item
	case "Item":
		r.item = item
	}
	r.returns = "NONE"
	if v := r.text["ReturnValues"]; v != nil {
		if r.returns = *v; !slices.Contains(op.returns, r.returns) {
			return attribute.Invalid("ReturnValues can only be ALL_OLD or NONE")
		}
	}
	if r.item.Size() > maxItem {
		return attribute.Invalid("Item size has exceeded the maximum allowed size")
	}
	if values != nil {
		r.values = map[string]attribute.Value{}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if r.values[name], err = attribute.ParseValue(values[name]); base.CodeOf(err) == "ValidationException" {
			return attribute.Invalid("ExpressionAttributeValues contains invalid value: %v for key %s", err, name)
		} else if err != nil {
			return err
		}
	}
	if r.op == "Query" {
		if err := r.checkQuery(); err != nil {
			return err
		}
	}
	r.parsed, err = dynamo.Parse(dynamo.Request{Condition: r.text["ConditionExpression"], Update: r.text["UpdateExpression"],
		Projection: r.text["ProjectionExpression"], Filter: r.text["FilterExpression"], KeyCondition: r.text["KeyConditionExpression"],
		Names: r.names, Values: r.values})
	return err
}

// readItem reads the values of an item in the order of their names.
func readItem(m map[string]any) (attribute.Item, error) {
	item := attribute.Item{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v, err := attribute.ParseValue(m[name])
		if err != nil {
			return nil, err
		}
		item[name] = v
	}
	return item, nil
}
