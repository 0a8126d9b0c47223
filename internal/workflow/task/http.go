package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/workflow"
)

// Endpoint is what EventBridge calls a connection: what is sent to an HTTP API
// beside what the state says.
type Endpoint struct {
	Header http.Header
	// Idempotent allows a request to be repeated whose outcome nobody knows.
	Idempotent bool
}

// httpTimeout is how long AWS waits for an HTTP task.
const httpTimeout = 60 * time.Second

// HTTP serves http:invoke. find gives the connection of a name.
func HTTP(find func(name string) (Endpoint, bool)) Table {
	return Table{optimised + "http:invoke": httpTask{find}.invoke}
}

// noRedirects follows none, as AWS: headers with secrets go nowhere else.
var noRedirects = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

type httpTask struct {
	find func(string) (Endpoint, bool)
}

type httpRequest struct {
	ApiEndpoint     string
	Method          string
	Headers         map[string]any
	QueryParameters map[string]any
	RequestBody     json.RawMessage
	Authentication  struct{ ConnectionArn string }
	// InvocationConfig is where AWS has the connection today.
	InvocationConfig struct{ ConnectionArn string }
	Transform        struct {
		RequestBodyEncoding    string
		RequestEncodingOptions struct{ ArrayFormat string }
	}
}

// repeatable are methods that HTTP itself allows to repeat without effect.
var repeatable = []string{http.MethodGet, http.MethodHead, http.MethodOptions}

func (h httpTask) invoke(ctx context.Context, t workflow.Task) (json.RawMessage, error) {
	var in httpRequest
	if err := params(t, "http:invoke", &in); err != nil {
		return nil, err
	}
	if in.ApiEndpoint == "" {
		return nil, missing("ApiEndpoint")
	}
	if in.Method == "" {
		return nil, missing("Method")
	}
	in.Method = strings.ToUpper(in.Method)
	var e Endpoint
	if arn := in.connection(); arn != "" {
		var ok bool
		if e, ok = h.find(connectionName(arn)); !ok {
			return nil, &workflow.TaskError{Name: "Events.ConnectionResource.NotFound", Cause: fmt.Sprintf("Connection '%s' does not exist: name it under http: in mulgil.yaml.", connectionName(arn))}
		}
	}
	if t.Resumed && !e.Idempotent && !slices.Contains(repeatable, in.Method) {
		return nil, unknown()
	}
	req, err := in.request(ctx, e, t)
	if err != nil {
		return nil, &workflow.TaskError{Name: "States.Runtime", Cause: err.Error()}
	}
	return h.do(req)
}

func (in httpRequest) connection() string {
	if in.InvocationConfig.ConnectionArn != "" {
		return in.InvocationConfig.ConnectionArn
	}
	return in.Authentication.ConnectionArn
}

// connectionName is the name in arn:aws:events:region:account:connection/NAME/ID.
func connectionName(arn string) string {
	_, rest, ok := strings.Cut(arn, ":connection/")
	if !ok {
		return arn
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func (in httpRequest) request(ctx context.Context, e Endpoint, t workflow.Task) (*http.Request, error) {
	u, err := url.Parse(in.ApiEndpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("the field 'ApiEndpoint' must be a URL of https or http, not %q", in.ApiEndpoint)
	}
	q := u.Query()
	if err := each(in.QueryParameters, q.Add); err != nil {
		return nil, fmt.Errorf("QueryParameters: %w", err)
	}
	u.RawQuery = q.Encode()
	body, contentType, err := in.body()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, in.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("User-Agent", "Amazon|StepFunctions|HttpInvoke|mulgil")
	if err := each(in.Headers, req.Header.Set); err != nil {
		return nil, fmt.Errorf("Headers: %w", err)
	}
	for k, v := range e.Header {
		req.Header[k] = v
	}
	if !slices.Contains(repeatable, in.Method) && req.Header.Get("Idempotency-Key") == "" {
		req.Header.Set("Idempotency-Key", requestID(t))
	}
	return req, nil
}

// body is the request's, as JSON or as a form.
func (in httpRequest) body() ([]byte, string, error) {
	if len(in.RequestBody) == 0 || string(in.RequestBody) == "null" {
		return nil, "", nil
	}
	switch in.Transform.RequestBodyEncoding {
	case "", "NONE":
		return in.RequestBody, "application/json", nil
	case "URL_ENCODED":
		var fields map[string]any
		d := json.NewDecoder(bytes.NewReader(in.RequestBody))
		d.UseNumber()
		if err := d.Decode(&fields); err != nil {
			return nil, "", errors.New("a form is made of an object: RequestBody is none")
		}
		text, err := form(fields, in.Transform.RequestEncodingOptions.ArrayFormat)
		return []byte(text), "application/x-www-form-urlencoded", err
	}
	return nil, "", fmt.Errorf("the RequestBodyEncoding %q is neither NONE nor URL_ENCODED", in.Transform.RequestBodyEncoding)
}

// form encodes an object; objects inside it are name[key], arrays as format
// says: INDICES (default) a[0], REPEAT a, COMMAS a=1,2, BRACKETS a[].
func form(fields map[string]any, format string) (string, error) {
	var parts []string
	var add func(name string, v any) error
	add = func(name string, v any) error {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				if err := add(name+"["+k+"]", v[k]); err != nil {
					return err
				}
			}
		case []any:
			if format == "COMMAS" {
				texts := make([]string, len(v))
				for i, x := range v {
					texts[i] = plain(x)
				}
				parts = append(parts, url.QueryEscape(name)+"="+url.QueryEscape(strings.Join(texts, ",")))
				return nil
			}
			for i, x := range v {
				n := name
				switch format {
				case "", "INDICES":
					n = fmt.Sprintf("%s[%d]", name, i)
				case "BRACKETS":
					n = name + "[]"
				case "REPEAT":
				default:
					return fmt.Errorf("the ArrayFormat %q is none of INDICES, REPEAT, COMMAS, BRACKETS", format)
				}
				if err := add(n, x); err != nil {
					return err
				}
			}
		default:
			parts = append(parts, url.QueryEscape(name)+"="+url.QueryEscape(plain(v)))
		}
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if err := add(k, fields[k]); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, "&"), nil
}

// each calls add for every value; a list gives its elements.
func each(values map[string]any, add func(k, v string)) error {
	for k, v := range values {
		switch v := v.(type) {
		case map[string]any:
			return fmt.Errorf("%s is an object; it must be a text, a number or a list of them", k)
		case []any:
			for _, x := range v {
				add(k, plain(x))
			}
		default:
			add(k, plain(v))
		}
	}
	return nil
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// do sends the request. Its errors are States.Http.StatusCode.N, and
// States.Http.Socket where no answer came, as AWS names them.
func (h httpTask) do(req *http.Request) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(req.Context(), httpTimeout)
	defer cancel()
	res, err := noRedirects.Do(req.WithContext(ctx))
	if err != nil {
		return nil, &workflow.TaskError{Name: "States.Http.Socket", Cause: err.Error()}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, &workflow.TaskError{Name: "States.Http.Socket", Cause: "read the answer: " + err.Error()}
	}
	if len(body) > maxAnswer {
		return nil, &workflow.TaskError{Name: "States.DataLimitExceeded", Cause: fmt.Sprintf("The answer of %s is larger than %d bytes.", req.URL.Redacted(), maxAnswer)}
	}
	if res.StatusCode >= 300 {
		return nil, &workflow.TaskError{Name: fmt.Sprintf("States.Http.StatusCode.%d", res.StatusCode), Cause: string(bytes.ToValidUTF8(body, []byte("\ufffd")))}
	}
	var value any = string(bytes.ToValidUTF8(body, []byte("\ufffd")))
	if json.Valid(body) {
		value = json.RawMessage(body)
	}
	headers := map[string][]string{}
	for k, v := range res.Header {
		headers[strings.ToLower(k)] = v
	}
	_, text, _ := strings.Cut(res.Status, " ")
	return answer(map[string]any{"Headers": headers, "ResponseBody": value, "StatusCode": res.StatusCode, "StatusText": text})
}
