package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/asl"
)

// resultFile bounds one file of a ResultWriter, in bytes.
const resultFile = 16 << 20

// mapResult collects what the children of a map run gave, in the order of their items.
type mapResult struct {
	spec       *asl.Map
	plan       *mapPlan
	arn        string // of the map run
	machineARN string
	setup      *setup
	objects    Objects

	list  []any // without a ResultWriter's resource
	size  int
	files map[string][]resultPart // SUCCEEDED, FAILED, PENDING
	open  map[string]*bytes.Buffer
}

type resultPart struct {
	Key  string `json:"Key"`
	Size int    `json:"Size"`
}

// add takes one child that is over.
func (w *mapResult) add(ctx context.Context, x Execution) error {
	kind := "FAILED"
	switch x.Status {
	case Succeeded:
		kind = "SUCCEEDED"
	case Running:
		kind = "PENDING"
	}
	if w.plan.Write == nil && kind != "SUCCEEDED" {
		return nil
	}
	transformation := "COMPACT"
	if w.spec.Writer != nil {
		transformation = w.spec.Writer.Transformation
	}
	if kind != "SUCCEEDED" {
		transformation = "NONE"
	}
	var entries []any
	if transformation == "NONE" {
		entries = []any{w.entry(x)}
	} else {
		v, err := asl.Decode(x.Output)
		if err != nil {
			return fmt.Errorf("output of %s: %w", x.ID, err)
		}
		l, isList := v.([]any)
		if entries = []any{v}; transformation == "FLATTEN" && isList {
			entries = l
		}
	}
	for _, e := range entries {
		if err := w.put(ctx, kind, e); err != nil {
			return err
		}
	}
	return nil
}

func (w *mapResult) put(ctx context.Context, kind string, entry any) error {
	if w.plan.Write == nil {
		w.list = append(w.list, entry)
		if w.setup.maxPayload > 0 {
			if w.size += len(asl.Encode(entry)) + 1; w.size > w.setup.maxPayload {
				return &asl.Fault{Name: "States.DataLimitExceeded", Cause: "The Map Run's results exceed the maximum number of bytes service limit. Use a ResultWriter."}
			}
		}
		return nil
	}
	if w.open == nil {
		w.open, w.files = map[string]*bytes.Buffer{}, map[string][]resultPart{}
	}
	b := w.open[kind]
	if b == nil {
		b = &bytes.Buffer{}
		w.open[kind] = b
	}
	lines := w.spec.Writer.OutputType == "JSONL"
	switch {
	case lines:
	case b.Len() == 0:
		b.WriteByte('[')
	default:
		b.WriteByte(',')
	}
	b.Write(asl.Encode(entry))
	if lines {
		b.WriteByte('\n')
	}
	if b.Len() > resultFile {
		return w.close(ctx, kind)
	}
	return nil
}

// close writes the file of a kind that is being filled.
func (w *mapResult) close(ctx context.Context, kind string) error {
	b := w.open[kind]
	if b == nil {
		return nil
	}
	delete(w.open, kind)
	extension := "jsonl"
	if w.spec.Writer.OutputType == "JSON" {
		b.WriteByte(']')
		extension = "json"
	}
	key := w.key(fmt.Sprintf("%s_%d.%s", kind, len(w.files[kind]), extension))
	if err := w.objects.Write(ctx, textOf(w.plan.Write["Bucket"]), key, b.Bytes()); err != nil {
		return writerFault(err)
	}
	w.files[kind] = append(w.files[kind], resultPart{Key: key, Size: b.Len()})
	return nil
}

func (w *mapResult) key(name string) string {
	id := w.arn[strings.LastIndexByte(w.arn, ':')+1:]
	return path.Join(strings.Trim(textOf(w.plan.Write["Prefix"]), "/"), id, name)
}

func writerFault(err error) *asl.Fault {
	return &asl.Fault{Name: "States.ResultWriterFailed", Cause: "The results could not be written: " + err.Error()}
}

// finish gives the result of the whole Map.
func (w *mapResult) finish(ctx context.Context) (any, error) {
	if w.plan.Write == nil {
		if w.list == nil {
			return []any{}, nil
		}
		return w.list, nil
	}
	if w.objects == nil {
		return nil, writerFault(fmt.Errorf("there is no object storage"))
	}
	bucket := textOf(w.plan.Write["Bucket"])
	manifest := map[string]any{"DestinationBucket": bucket, "MapRunArn": w.arn}
	results := map[string][]resultPart{}
	for _, kind := range []string{"FAILED", "PENDING", "SUCCEEDED"} {
		if err := w.close(ctx, kind); err != nil {
			return nil, err
		}
		results[kind] = append([]resultPart{}, w.files[kind]...)
	}
	manifest["ResultFiles"] = results
	text, err := json.Marshal(manifest)
	if err == nil {
		err = w.objects.Write(ctx, bucket, w.key("manifest.json"), text)
	}
	if err != nil {
		return nil, writerFault(err)
	}
	return map[string]any{"MapRunArn": w.arn, "ResultWriterDetails": map[string]any{"Bucket": bucket, "Key": w.key("manifest.json")}}, nil
}

// entry describes a child as the files of a ResultWriter do.
func (w *mapResult) entry(x Execution) map[string]any {
	included := map[string]any{"Included": true}
	e := map[string]any{
		"ExecutionArn": w.setup.arn("execution:" + x.Workflow + ":" + x.Name), "StateMachineArn": w.machineARN,
		"Name": x.Name, "Status": string(x.Status), "StartDate": stamp(x.Started),
		"Input": string(x.Input), "InputDetails": included,
	}
	if !x.Stopped.IsZero() {
		e["StopDate"] = stamp(x.Stopped)
	}
	if x.Output != nil {
		e["Output"], e["OutputDetails"] = string(x.Output), included
	}
	if x.Error != nil {
		e["Error"] = *x.Error
	}
	if x.Cause != nil {
		e["Cause"] = *x.Cause
	}
	return e
}
