package keyvalue_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/connector/sqlite"
	"github.com/mulgil/mulgil/internal/keyvalue"
	"github.com/mulgil/mulgil/internal/port"
)

// open makes a service with the tables "plain" (id S) and "sorted" (h S, r N).
func open(t *testing.T) *keyvalue.Service {
	t.Helper()
	store, err := sqlite.OpenKeyValue(context.Background(), filepath.Join(t.TempDir(), "kv.db"), base.SystemClock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s, err := keyvalue.New(context.Background(), store, []port.KeyTable{
		{Name: "plain", Hash: port.KeyAttribute{Name: "id", Type: attribute.S}},
		{Name: "sorted", Hash: port.KeyAttribute{Name: "h", Type: attribute.S}, Range: port.KeyAttribute{Name: "r", Type: attribute.N}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call answers with JSON, or with the error's code and text.
func call(s *keyvalue.Service, op, input, token string) string {
	a, err := s.Call(context.Background(), op, []byte(input), token)
	if err != nil {
		return base.CodeOf(err) + ": " + err.Error()
	}
	return string(attribute.Encode(a.JSON(attribute.Wire)))
}

// step is a call and what it answers; $ in both stands for TableName plain and
// the key {"id": {"S": "a"}}.
type step struct{ op, input, want string }

func run(t *testing.T, s *keyvalue.Service, steps ...step) {
	t.Helper()
	for _, x := range steps {
		input := strings.ReplaceAll(x.input, "$", `"TableName":"plain","Key":{"id":{"S":"a"}}`)
		if got := call(s, x.op, input, ""); got != x.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", x.op, x.input, got, x.want)
		}
	}
}

func TestItemsArePutReadChangedAndDeleted(t *testing.T) {
	run(t, open(t),
		step{"GetItem", `{$}`, `{}`},
		step{"PutItem", `{"TableName":"plain","Item":{"id":{"S":"a"},"n":{"N":"1.0"},"m":{"M":{"k":{"S":"v"}}}}}`, `{}`},
		step{"GetItem", `{$,"ConsistentRead":true}`, `{"Item":{"id":{"S":"a"},"m":{"M":{"k":{"S":"v"}}},"n":{"N":"1"}}}`},
		step{"GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:1:table/plain","Key":{"id":{"S":"a"}},"ProjectionExpression":"n,#m.k","ExpressionAttributeNames":{"#m":"m"}}`, `{"Item":{"m":{"M":{"k":{"S":"v"}}},"n":{"N":"1"}}}`},
		step{"GetItem", `{$,"ProjectionExpression":"gone"}`, `{"Item":{}}`},
		step{"UpdateItem", `{$,"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"41"}},"ReturnValues":"UPDATED_NEW"}`, `{"Attributes":{"n":{"N":"42"}}}`},
		step{"PutItem", `{"TableName":"plain","Item":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"id":{"S":"a"},"m":{"M":{"k":{"S":"v"}}},"n":{"N":"42"}}}`},
		step{"DeleteItem", `{$,"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"id":{"S":"a"}}}`},
		step{"DeleteItem", `{$,"ReturnValues":"ALL_OLD"}`, `{}`},
		step{"PutItem", `{"TableName":"plain","Item":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}`, `{}`},
	)
}

func TestReturnValuesOfUpdates(t *testing.T) {
	change := `{$,"UpdateExpression":"SET b = :v, c.d = :v REMOVE x","ExpressionAttributeValues":{":v":{"S":"new"}},"ReturnValues":`
	for returns, want := range map[string]string{
		`"NONE"`:        `{}`,
		`null`:          `{}`,
		`"ALL_OLD"`:     `{"Attributes":{"a":{"S":"1"},"c":{"M":{"d":{"S":"2"},"e":{"S":"3"}}},"id":{"S":"a"},"x":{"S":"4"}}}`,
		`"ALL_NEW"`:     `{"Attributes":{"a":{"S":"1"},"b":{"S":"new"},"c":{"M":{"d":{"S":"new"},"e":{"S":"3"}}},"id":{"S":"a"}}}`,
		`"UPDATED_OLD"`: `{"Attributes":{"c":{"M":{"d":{"S":"2"}}},"x":{"S":"4"}}}`,
		`"UPDATED_NEW"`: `{"Attributes":{"b":{"S":"new"},"c":{"M":{"d":{"S":"new"}}}}}`,
	} {
		run(t, open(t),
			step{"PutItem", `{"TableName":"plain","Item":{"id":{"S":"a"},"a":{"S":"1"},"c":{"M":{"d":{"S":"2"},"e":{"S":"3"}}},"x":{"S":"4"}}}`, `{}`},
			step{"UpdateItem", change + returns + `}`, want})
	}
}

func TestUpdatesOfItemsThatAreNotThere(t *testing.T) {
	run(t, open(t),
		step{"UpdateItem", `{$,"UpdateExpression":"REMOVE b DELETE s :s","ExpressionAttributeValues":{":s":{"SS":["x"]}},"ReturnValues":"ALL_NEW"}`, `{}`},
		step{"GetItem", `{$}`, `{}`},
		step{"UpdateItem", `{$,"UpdateExpression":"SET b = if_not_exists(b, :z) + :z","ExpressionAttributeValues":{":z":{"N":"2"}},"ReturnValues":"UPDATED_OLD"}`, `{}`},
		step{"GetItem", `{$}`, `{"Item":{"b":{"N":"4"},"id":{"S":"a"}}}`},
		step{"UpdateItem", `{"TableName":"plain","Key":{"id":{"S":"bare"}},"ReturnValues":"ALL_NEW"}`, `{"Attributes":{"id":{"S":"bare"}}}`},
	)
}

func TestConditionsDecideAloneAndLeaveTheItem(t *testing.T) {
	const failed = "ConditionalCheckFailedException: The conditional request failed"
	fresh := `{"TableName":"plain","Item":{"id":{"S":"a"},"v":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)"}`
	run(t, open(t),
		step{"UpdateItem", `{$,"UpdateExpression":"SET v = :v","ConditionExpression":"v < :v","ExpressionAttributeValues":{":v":{"N":"2"}}}`, failed},
		step{"DeleteItem", `{$,"ConditionExpression":"attribute_exists(id)"}`, failed},
		step{"PutItem", fresh, `{}`},
		step{"PutItem", fresh, failed},
		step{"UpdateItem", `{$,"UpdateExpression":"SET v = :v","ConditionExpression":"v < :v","ExpressionAttributeValues":{":v":{"N":"2"}}}`, `{}`},
		step{"UpdateItem", `{$,"UpdateExpression":"SET v = :v","ConditionExpression":"v < :v","ExpressionAttributeValues":{":v":{"N":"2"}}}`, failed},
		step{"DeleteItem", `{$,"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, failed},
		step{"GetItem", `{$}`, `{"Item":{"id":{"S":"a"},"v":{"N":"2"}}}`},
	)
}

func TestATokenCountsOnce(t *testing.T) {
	s := open(t)
	add := `{"TableName":"plain","Key":{"id":{"S":"a"}},"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}`
	for range 2 {
		if got := call(s, "UpdateItem", add, "w:x/5/0"); got != `{"Attributes":{"n":{"N":"1"}}}` {
			t.Errorf("got %s", got)
		}
	}
	// The first put made its own condition false; the answer stays that of the first.
	fresh := `{"TableName":"plain","Item":{"id":{"S":"b"}},"ConditionExpression":"attribute_not_exists(id)"}`
	for range 2 {
		if got := call(s, "PutItem", fresh, "w:x/6/0"); got != `{}` {
			t.Errorf("got %s", got)
		}
	}
	if got := call(s, "PutItem", fresh, "w:x/6/1"); !strings.HasPrefix(got, "ConditionalCheckFailed") {
		t.Errorf("got %s", got)
	}
}

func TestMistakesAreToldInDynamoDBsWords(t *testing.T) {
	const (
		invalid  = "ValidationException: "
		wrong    = invalid + "One or more parameter values were invalid: "
		noSchema = invalid + "The provided key element does not match the schema"
		large    = "Item size has exceeded the maximum allowed size"
	)
	put := func(item string) string { return `{"TableName":"plain","Item":` + item + `}` }
	run(t, open(t),
		step{"PutItem", `[]`, "SerializationException: the request is not a JSON object: json: cannot unmarshal array into Go value of type map[string]interface {}"},
		step{"PutItem", `{"TableName":1}`, "SerializationException: TableName has a value of the wrong JSON type"},
		step{"PutItem", put(`[]`), "SerializationException: Item has a value of the wrong JSON type"},
		step{"PutItem", put(`{"id":{"N":1}}`), "SerializationException: NUMBER_VALUE cannot be converted to String"},
		step{"PutItem", put(`null`), invalid + "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null"},
		step{"UpdateItem", `{"TableName":"a;","ReturnValues":"DOG"}`, invalid + "4 validation errors detected: Value 'a;' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
			"Value 'a;' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3; " +
			"Value 'DOG' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; Value null at 'key' failed to satisfy constraint: Member must not be null"},
		step{"PutItem", `{"TableName":"plain","Item":{},"ReturnValues":"ALL_NEW"}`, invalid + "ReturnValues can only be ALL_OLD or NONE"},
		step{"PutItem", `{"TableName":"plain","Item":{},"Expected":{}}`, invalid + "Expected is not supported; use ConditionExpression"},
		step{"GetItem", `{$,"Colour":"red"}`, invalid + "Colour is not a parameter of GetItem that is supported"},
		step{"GetItem", `{$,"ReturnConsumedCapacity":"TOTAL"}`, invalid + "ReturnConsumedCapacity TOTAL is not supported: this store has no capacity units and no item collections"},
		step{"PutItem", `{"TableName":"plain","Item":{},"ExpressionAttributeNames":{"#a":"a"}}`, invalid + "ExpressionAttributeNames can only be specified when using expressions"},
		step{"PutItem", `{"TableName":"plain","Item":{},"ExpressionAttributeValues":{":a":{}}}`, invalid + "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"},
		step{"UpdateItem", `{$,"ExpressionAttributeValues":{":a":{}}}`, invalid + "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"},
		step{"UpdateItem", `{$,"UpdateExpression":"","ExpressionAttributeValues":{":b":{"NS":["1","b"]}}}`, invalid + "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: b for key :b"},
		step{"UpdateItem", `{$,"UpdateExpression":"SET a"}`, invalid + `Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "a"`},
		step{"PutItem", put(`{"a":{}}`), invalid + "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		step{"PutItem", put(`{"id":{"S":"` + strings.Repeat("x", 400<<10) + `"}}`), invalid + large},
		step{"GetItem", `{"TableName":"gone","Key":{}}`, "ResourceNotFoundException: Requested resource not found"},
		step{"GetItem", `{"TableName":"plain","Key":{}}`, noSchema},
		step{"GetItem", `{"TableName":"plain","Key":{"id":{"N":"1"}}}`, noSchema},
		step{"GetItem", `{"TableName":"sorted","Key":{"h":{"S":"a"},"x":{"N":"1"}}}`, noSchema},
		step{"GetItem", `{"TableName":"plain","Key":{"id":{"S":""}}}`, wrong + "The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		step{"PutItem", put(`{"id":{"S":""}}`), invalid + "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		step{"PutItem", put(`{"x":{"S":"a"}}`), wrong + "Missing the key id in the item"},
		step{"PutItem", put(`{"id":{"BOOL":true}}`), wrong + "Type mismatch for key id expected: S actual: BOOL"},
		step{"GetItem", `{"TableName":"plain","Key":{"id":{"S":"` + strings.Repeat("k", 2049) + `"}}}`, wrong + "Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		step{"UpdateItem", `{$,"UpdateExpression":"SET b = :a, id = :a","ExpressionAttributeValues":{":a":{"S":"b"}}}`, wrong + "Cannot update attribute id. This attribute is part of the key"},
		step{"UpdateItem", `{$,"UpdateExpression":"SET b = id[1]"}`, invalid + "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: id"},
		step{"UpdateItem", `{$,"UpdateExpression":"SET b = gone"}`, invalid + "The provided expression refers to an attribute that does not exist in the item"},
		step{"UpdateItem", `{$,"UpdateExpression":"SET b = :b, c = :b","ExpressionAttributeValues":{":b":{"S":"` + strings.Repeat("x", 205<<10) + `"}}}`, invalid + "Item size to update has exceeded the maximum allowed size"},
		step{"CreateTable", `{}`, "UnknownOperationException: the operation CreateTable is not supported"},
		step{"GetItem", `{$}`, `{}`},
	)
}

func TestAnItemOfExactlyTheLimitFits(t *testing.T) {
	s := open(t)
	text := strings.Repeat("x", 400<<10-len("id")-len("a")-len("v"))
	run(t, s, step{"PutItem", `{"TableName":"plain","Item":{"id":{"S":"a"},"v":{"S":"` + text + `"}}}`, `{}`},
		step{"UpdateItem", `{$,"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{":v":{"S":"` + text + `x"}}}`, "ValidationException: Item size to update has exceeded the maximum allowed size"})
}

func TestScanGoesOnBehindAKey(t *testing.T) {
	s, ctx := open(t), context.Background()
	for _, n := range []string{"10", "9", "-1"} {
		run(t, s, step{"PutItem", `{"TableName":"sorted","Item":{"h":{"S":"x"},"r":{"N":"` + n + `"}}}`, `{}`})
	}
	items, next, err := s.Scan(ctx, "sorted", nil, 2)
	if err != nil || len(items) != 2 || items[0]["r"].Text != "-1" || next["r"].Text != "9" {
		t.Fatalf("got %v, %v, %v", items, next, err)
	}
	items, next, err = s.Scan(ctx, "sorted", next, 2)
	if err != nil || len(items) != 1 || items[0]["r"].Text != "10" || next != nil {
		t.Fatalf("got %v, %v, %v", items, next, err)
	}
	if _, _, err := s.Scan(ctx, "sorted", attribute.Item{"h": attribute.Text("x")}, 2); base.CodeOf(err) != "ValidationException" {
		t.Errorf("half a key: got %v", err)
	}
	if _, _, err := s.Scan(ctx, "gone", nil, 2); base.CodeOf(err) != "ResourceNotFoundException" {
		t.Errorf("got %v", err)
	}
}

func FuzzCall(f *testing.F) {
	for _, s := range []string{`{"TableName":"plain","Key":{"id":{"S":"a"}},"UpdateExpression":"SET b = :b","ExpressionAttributeValues":{":b":{"N":"1"}},"ReturnValues":"ALL_NEW"}`,
		`{"TableName":"plain","Item":{"id":{"S":"a"},"l":{"L":[{"NULL":true}]}},"ConditionExpression":"l[0] = #l.x","ExpressionAttributeNames":{"#l":"l"}}`, `{"TableName":"sorted","Key":{"h":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"a"}`} {
		for _, op := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem"} {
			f.Add(op, s)
		}
	}
	store, err := sqlite.OpenKeyValue(context.Background(), filepath.Join(f.TempDir(), "kv.db"), base.SystemClock{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	s, err := keyvalue.New(context.Background(), store, []port.KeyTable{{Name: "plain", Hash: port.KeyAttribute{Name: "id", Type: attribute.S}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, op, input string) {
		if _, err := s.Call(context.Background(), op, []byte(input), ""); err != nil && base.CodeOf(err) == "" {
			t.Fatalf("%s %s: an error without a code: %v", op, input, err)
		}
	})
}
