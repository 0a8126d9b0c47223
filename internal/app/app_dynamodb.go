package app

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
	"github.com/mulgil/mulgil/internal/keyvalue"
	"github.com/mulgil/mulgil/internal/workflow"
)

// dynamoDB is the table of DynamoDB's tasks on the key-value store. The
// optimised integrations (dynamodb:) answer with the HTTP response around the
// result and name errors as AWS's SDK 1 for Java, the others (aws-sdk:dynamodb:)
// answer the bare result with types named as in its SDK 2.
func (a *App) dynamoDB() map[string]workflow.TaskFunc {
	out := map[string]workflow.TaskFunc{}
	for _, op := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"} {
		name := strings.ToLower(op[:1]) + op[1:]
		if op != "Query" { // has no optimised integration
			out["arn:aws:states:::dynamodb:"+name] = func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
				answer, err := a.kv.Call(ctx, op, t.Input, t.ID)
				if err != nil {
					return nil, optimisedError(err, requestID(t))
				}
				return a.optimisedAnswer(op, answer, requestID(t)), nil
			}
		}
		out["arn:aws:states:::aws-sdk:dynamodb:"+name] = func(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
			answer, err := a.kv.Call(ctx, op, t.Input, t.ID)
			if err != nil {
				return nil, sdkError(err, requestID(t))
			}
			return attribute.Encode(answer.JSON(attribute.SDK)), nil
		}
	}
	return out
}

// requestID is 52 capitals and digits, the same for the same attempt.
func requestID(t workflow.Task) string {
	sum := sha256.Sum256([]byte(t.ID))
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
}

// optimisedAnswer is a result with the HTTP response that would have carried it.
func (a *App) optimisedAnswer(op string, answer keyvalue.Answer, request string) json.RawMessage {
	out := answer.JSON(attribute.Wire)
	body := attribute.Encode(out)
	id := "x-amzn-RequestId"
	if op == "GetItem" { // recorded so
		id = "x-amzn-requestid"
	}
	headers := map[string]any{"Server": "Server", "Connection": "keep-alive", id: request, "x-amz-crc32": strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10),
		"Content-Length": strconv.Itoa(len(body)), "Content-Type": "application/x-amz-json-1.0", "Date": a.cfg.Clock.Now().UTC().Format(http.TimeFormat)}
	all := map[string]any{}
	for k, v := range headers {
		all[k] = []any{v}
	}
	out["SdkHttpMetadata"] = map[string]any{"AllHttpHeaders": all, "HttpHeaders": headers, "HttpStatusCode": http.StatusOK}
	out["SdkResponseMetadata"] = map[string]any{"RequestId": request}
	return attribute.Encode(out)
}

// modelled are the errors that AWS's SDKs have a class for.
var modelled = map[string]bool{"ConditionalCheckFailedException": true, "ResourceNotFoundException": true}

func optimisedError(err error, request string) error {
	code := base.CodeOf(err)
	if code == "" {
		return err
	}
	name := "AmazonDynamoDBException"
	if modelled[code] {
		name = code
	}
	return &workflow.TaskError{Name: "DynamoDB." + name,
		Cause: fmt.Sprintf("%v (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: %s; Request ID: %s; Proxy: null)", err, code, request)}
}

func sdkError(err error, request string) error {
	code := base.CodeOf(err)
	if code == "" {
		return err
	}
	name := "DynamoDbException"
	if modelled[code] {
		name = code
	}
	return &workflow.TaskError{Name: "DynamoDb." + name, Cause: fmt.Sprintf("%v (Service: DynamoDb, Status Code: 400, Request ID: %s)", err, request)}
}
