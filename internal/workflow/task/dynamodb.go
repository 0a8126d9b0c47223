package task

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
	"github.com/mulgil/mulgil/internal/workflow"
)

// ItemAnswer is the answer to a request for items.
type ItemAnswer interface {
	// JSON is the answer for encoding/json, with types of values spelled so.
	JSON(s attribute.Spelling) map[string]any
}

// Items carries out an operation of DynamoDB (GetItem, Query, PutItem,
// UpdateItem, DeleteItem) with its JSON. A write under an id happens once: the
// next one gets the answer of the first. Errors have DynamoDB's codes.
type Items func(ctx context.Context, operation string, input []byte, id string) (ItemAnswer, error)

// DynamoDB serves items of the key-value store. The optimised integrations
// (dynamodb:) answer with the HTTP response around the result and name errors as
// AWS's SDK 1 for Java, the others (aws-sdk:dynamodb:) answer the bare result
// with types named as in its SDK 2.
func DynamoDB(call Items, clock base.Clock) Table {
	d := dynamo{call: call, clock: clock}
	out := Table{}
	for _, op := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"} {
		name := strings.ToLower(op[:1]) + op[1:]
		if op != "Query" { // has no optimised integration
			out[optimised+"dynamodb:"+name] = d.optimised(op)
		}
		out[sdk+"dynamodb:"+name] = d.sdk(op)
	}
	return out
}

type dynamo struct {
	call  Items
	clock base.Clock
}

func (d dynamo) optimised(op string) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		a, err := d.call(ctx, op, t.Input, t.ID)
		if err != nil {
			return nil, dynamoError(err, "DynamoDB", "AmazonDynamoDBException", func(code string) string {
				return fmt.Sprintf("(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: %s; Request ID: %s; Proxy: null)", code, dynamoRequestID(t))
			})
		}
		return d.response(op, a, dynamoRequestID(t)), nil
	}
}

func (d dynamo) sdk(op string) workflow.TaskFunc {
	return func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
		a, err := d.call(ctx, op, t.Input, t.ID)
		if err != nil {
			return nil, dynamoError(err, "DynamoDb", "DynamoDbException", func(string) string {
				return fmt.Sprintf("(Service: DynamoDb, Status Code: 400, Request ID: %s)", dynamoRequestID(t))
			})
		}
		return attribute.Encode(a.JSON(attribute.SDK)), nil
	}
}

// dynamoRequestID is 52 capitals and digits, the same for the same attempt.
func dynamoRequestID(t workflow.Task) string {
	sum := sha256.Sum256([]byte(t.ID))
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
}

// response is a result with the HTTP response that would have carried it.
func (d dynamo) response(op string, a ItemAnswer, request string) json.RawMessage {
	out := a.JSON(attribute.Wire)
	body := attribute.Encode(out)
	id := "x-amzn-RequestId"
	if op == "GetItem" { // recorded so
		id = "x-amzn-requestid"
	}
	return attribute.Encode(withHeaders(map[string]string{
		"Server": "Server", "Connection": "keep-alive", id: request, "x-amz-crc32": strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10),
		"Content-Length": strconv.Itoa(len(body)), "Content-Type": "application/x-amz-json-1.0", "Date": d.clock.Now().UTC().Format(http.TimeFormat),
	}, request, out))
}

// modelled are the errors that AWS's SDKs have a class for.
var modelled = map[string]bool{"ConditionalCheckFailedException": true, "ResourceNotFoundException": true}

// dynamoError names an error of the store; other is the class of those that
// have none of their own.
func dynamoError(err error, service, other string, tail func(code string) string) error {
	code := base.CodeOf(err)
	if code == "" {
		return err
	}
	name := other
	if modelled[code] {
		name = code
	}
	return &workflow.TaskError{Name: service + "." + name, Cause: err.Error() + " " + tail(code)}
}
