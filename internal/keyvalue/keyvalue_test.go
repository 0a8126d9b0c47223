package keyvalue_test

import (
	"context"
	"path/filepath"
	"strconv"
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

func TestQueryFindsItemsOfOneHashKey(t *testing.T) {
	s := open(t)
	for _, n := range []string{"10", "9", "-1", "2.5"} {
		for _, h := range []string{"x", "y"} {
			run(t, s, step{"PutItem", `{"TableName":"sorted","Item":{"h":{"S":"` + h + `"},"r":{"N":"` + n + `"},"even":{"BOOL":` + strconv.FormatBool(n == "10") + `}}}`, `{}`})
		}
	}
	query := func(condition, values, rest string) string {
		return `{"TableName":"sorted","KeyConditionExpression":"` + condition + `","ExpressionAttributeValues":{":h":{"S":"x"}` + values + `}` + rest + `}`
	}
	const invalid = "ValidationException: "
	item := func(n string) string { return `{"r":{"N":"` + n + `"}}` }
	only := `,"ProjectionExpression":"r"`
	run(t, s,
		step{"Query", query("h = :h", "", only), `{"Count":4,"Items":[` + item("-1") + `,` + item("2.5") + `,` + item("9") + `,` + item("10") + `],"ScannedCount":4}`},
		step{"Query", query("h = :h", "", only+`,"ScanIndexForward":false,"Limit":1`), `{"Count":1,"Items":[` + item("10") + `],"LastEvaluatedKey":{"h":{"S":"x"},"r":{"N":"10"}},"ScannedCount":1}`},
		step{"Query", query("h = :h", "", only+`,"ScanIndexForward":false,"ExclusiveStartKey":{"h":{"S":"x"},"r":{"N":"9"}}`), `{"Count":2,"Items":[` + item("2.5") + `,` + item("-1") + `],"ScannedCount":2}`},
		step{"Query", query("h = :h AND r BETWEEN :a AND :b", `,":a":{"N":"0"},":b":{"N":"9.0"}`, only), `{"Count":2,"Items":[` + item("2.5") + `,` + item("9") + `],"ScannedCount":2}`},
		step{"Query", query(":n < r AND h = :h", `,":n":{"N":"9"}`, only), `{"Count":1,"Items":[` + item("10") + `],"ScannedCount":1}`},
		step{"Query", query("h = :h", `,":t":{"BOOL":true}`, only+`,"FilterExpression":"even = :t"`), `{"Count":1,"Items":[` + item("10") + `],"ScannedCount":4}`},
		step{"Query", query("h = :h", "", `,"Select":"COUNT"`), `{"Count":4,"ScannedCount":4}`},
		step{"Query", `{"TableName":"sorted","KeyConditionExpression":"h = :h","ExpressionAttributeValues":{":h":{"S":"gone"}}}`, `{"Count":0,"Items":[],"ScannedCount":0}`},

		step{"Query", `{"TableName":"sorted"}`, invalid + "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."},
		step{"Query", query("h = :h", "", `,"IndexName":"i"`), invalid + "IndexName is not supported: tables have no secondary indexes"},
		step{"Query", query("h = :h", "", `,"Limit":0`), invalid + "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		step{"Query", query("h = :h", "", `,"Limit":"1"`), "SerializationException: Limit has a value of the wrong JSON type"},
		step{"Query", query("h > :h", "", ""), invalid + "Query key condition not supported"},
		step{"Query", query("r = :h", "", ""), invalid + "Query condition missed key schema element: h"},
		step{"Query", query("h = :h AND even = :h", "", ""), invalid + "Query condition missed key schema element: r"},
		step{"Query", query("h = :h AND r = :h", "", ""), invalid + "One or more parameter values were invalid: Condition parameter type does not match schema type"},
		step{"Query", query("h = :h OR r = :h", "", ""), invalid + "Invalid operator used in KeyConditionExpression: OR"},
		step{"Query", query("h = :h AND contains(r, :h)", "", ""), invalid + "Invalid operator used in KeyConditionExpression: contains"},
		step{"Query", query("h = :h AND h = :h", "", ""), invalid + "KeyConditionExpressions must only contain one condition per key"},
		step{"Query", query("h = :h AND r.x = :h", "", ""), invalid + "KeyConditionExpressions cannot have conditions on nested attributes"},
		step{"Query", query("h = r AND r = :h", "", ""), invalid + "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"},
		step{"Query", query("h = :h AND size(r) = :h", "", ""), invalid + "KeyConditionExpressions cannot contain nested operations"},
		step{"Query", query(":h BETWEEN h AND :h", "", ""), invalid + "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand"},
		step{"Query", query(":h = :h", "", ""), invalid + "Invalid condition in KeyConditionExpression: No key attribute specified"},
		step{"Query", query("h =", "", ""), invalid + `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="`},
		step{"Query", query("h = :h", "", `,"ExclusiveStartKey":{"h":{"S":"y"},"r":{"N":"9"}}`), invalid + "The provided starting key is invalid"},
		step{"Query", query("h = :h", "", `,"ExclusiveStartKey":{"h":{}}`), invalid + "The provided starting key is invalid: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		step{"Query", query("h = :h", "", `,"Select":"SPECIFIC_ATTRIBUTES"`), invalid + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"},
		step{"Query", query("h = :h", "", `,"KeyConditions":{}`), invalid + "KeyConditions is not supported; use KeyConditionExpression"},
		step{"GetItem", `{$,"Limit":1}`, invalid + "Limit is not a parameter of GetItem that is supported"},
	)
}

func TestQueryReadsAPageOfOneMegabyte(t *testing.T) {
	s, ctx := open(t), context.Background()
	for i := range 7 {
		run(t, s, step{"PutItem", `{"TableName":"sorted","Item":{"h":{"S":"x"},"r":{"N":"` + strconv.Itoa(i) + `"},"v":{"S":"` + strings.Repeat("v", 300<<10) + `"}}}`, `{}`})
	}
	start, pages, items := "", 0, 0
	for {
		a, err := s.Call(ctx, "Query", []byte(`{"TableName":"sorted","KeyConditionExpression":"h = :h","ExpressionAttributeValues":{":h":{"S":"x"}}`+start+`}`), "")
		if err != nil {
			t.Fatal(err)
		}
		pages, items = pages+1, items+a.Page.Count
		if a.Page.Last == nil {
			break
		}
		start = `,"ExclusiveStartKey":` + string(attribute.Encode(a.Page.Last.JSON(attribute.Wire)))
	}
	if pages != 2 || items != 7 {
		t.Errorf("%d items in %d pages", items, pages)
	}
}

func FuzzCall(f *testing.F) {
	for _, s := range []string{`{"TableName":"plain","Key":{"id":{"S":"a"}},"UpdateExpression":"SET b = :b","ExpressionAttributeValues":{":b":{"N":"1"}},"ReturnValues":"ALL_NEW"}`,
		`{"TableName":"plain","Item":{"id":{"S":"a"},"l":{"L":[{"NULL":true}]}},"ConditionExpression":"l[0] = #l.x","ExpressionAttributeNames":{"#l":"l"}}`, `{"TableName":"sorted","Key":{"h":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"a"}`,
		`{"TableName":"plain","KeyConditionExpression":"id = :i","ExpressionAttributeValues":{":i":{"S":"a"}},"Limit":2,"ExclusiveStartKey":{"id":{"S":"a"}}}`} {
		for _, op := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"} {
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
