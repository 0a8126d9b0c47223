package workflow

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/asl"
)

// Objects is the object storage that ItemReader reads and ResultWriter writes.
type Objects interface {
	// Open reads an object; base.NotFound if there is none.
	Open(ctx context.Context, bucket, key string) (io.ReadCloser, error)
	// List gives the objects whose key begins with prefix, always in the same order.
	List(ctx context.Context, bucket, prefix string, each func(Object) error) error
	// Write makes or replaces an object, durably.
	Write(ctx context.Context, bucket, key string, content []byte) error
}

// Object is one object of a listing.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
	ETag     string
}

// mapSource gives the inputs of a map run's child executions, one after the
// other; it never holds more than one batch.
type mapSource struct {
	spec    *asl.Map
	plan    *mapPlan
	items   []any // without a reader
	objects Objects
	env     asl.Env // effective input and context object
	context map[string]any
}

// errEnough ends a reader that has given MaxItems.
var errEnough = errors.New("enough items")

// children calls each with the input of every child execution in turn, and how
// many items it stands for. Faults are *asl.Fault.
func (s *mapSource) children(ctx context.Context, each func(input any, items int) error) error {
	b := &batcher{plan: s.plan, each: each, on: s.spec.Batcher != nil}
	index := 0
	err := s.read(ctx, func(item any, source string) error {
		if s.plan.MaxItems > 0 && int64(index) >= s.plan.MaxItems {
			return errEnough
		}
		env := s.env
		if s.spec.HasSelector() {
			env.Context = asl.ItemContext(s.context, index, item, source)
		}
		in, err := s.spec.ItemInput(env, item)
		if err != nil {
			return err
		}
		index++
		return b.add(in)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return b.flush()
}

func (s *mapSource) read(ctx context.Context, each func(item any, source string) error) error {
	r := s.spec.Reader
	if r == nil {
		for _, x := range s.items {
			if err := each(x, "STATE_DATA"); err != nil {
				return err
			}
		}
		return nil
	}
	if s.objects == nil {
		return readerFault("there is no object storage to read %s from", r.Resource)
	}
	bucket, key, prefix := textOf(s.plan.Read["Bucket"]), textOf(s.plan.Read["Key"]), textOf(s.plan.Read["Prefix"])
	if strings.HasSuffix(r.Resource, ":listObjectsV2") {
		return s.list(ctx, bucket, prefix, each)
	}
	return s.object(ctx, bucket, key, each)
}

func textOf(v any) string { t, _ := v.(string); return t }

func readerFault(format string, args ...any) *asl.Fault {
	return &asl.Fault{Name: "States.ItemReaderFailed", Cause: fmt.Sprintf(format, args...)}
}

// list gives an item for each object, or with LOAD_AND_FLATTEN what is in them.
func (s *mapSource) list(ctx context.Context, bucket, prefix string, each func(any, string) error) error {
	err := s.objects.List(ctx, bucket, prefix, func(o Object) error {
		if s.spec.Reader.LoadAndFlatten {
			return s.object(ctx, bucket, o.Key, each)
		}
		return each(map[string]any{
			"Etag": o.ETag, "Key": o.Key, "StorageClass": "STANDARD",
			"LastModified": json.Number(strconv.FormatInt(o.Modified.Unix(), 10)), "Size": json.Number(strconv.FormatInt(o.Size, 10)),
		}, "S3://"+bucket)
	})
	return s3Fault(err, bucket, prefix)
}

// s3Fault words an error of the object storage; others pass.
func s3Fault(err error, bucket, key string) error {
	var f *asl.Fault
	switch {
	case err == nil, errors.Is(err, errEnough), errors.As(err, &f), errors.Is(err, context.Canceled):
		return err
	case base.KindOf(err) == base.NotFound:
		return readerFault("The object does not exist: Bucket: %s, Key: %s. %s", bucket, key, err)
	}
	return readerFault("Bucket: %s, Key: %s: %s", bucket, key, err)
}

func (s *mapSource) object(ctx context.Context, bucket, key string, each func(any, string) error) error {
	in, err := s.objects.Open(ctx, bucket, key)
	if err != nil {
		return s3Fault(err, bucket, key)
	}
	defer in.Close()
	source := "S3://" + bucket + "/" + key
	give := func(x any) error { return each(x, source) }
	if s.spec.Reader.InputType == "MANIFEST" {
		err = s.manifest(ctx, in, bucket, give)
	} else {
		err = readItems(in, s.spec.Reader, give)
	}
	return s3Fault(err, bucket, key)
}

// readItems gives the items of a file in the reader's format.
func readItems(in io.Reader, r *asl.Reader, give func(any) error) error {
	buffered := bufio.NewReaderSize(in, 1<<16)
	switch r.InputType {
	case "CSV":
		return readCSV(buffered, r, give)
	case "JSONL":
		return readJSONL(buffered, give)
	}
	return readJSON(buffered, r.ItemsPointer, give)
}

func readCSV(in io.Reader, r *asl.Reader, give func(any) error) error {
	c := csv.NewReader(in)
	c.Comma, c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = r.CSVDelimiter, true, -1, true
	headers := r.CSVHeaders
	if r.FirstRow {
		row, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return readerFault("the CSV header cannot be read: %s", err)
		}
		headers = append([]string{}, row...)
	}
	seen := map[string]bool{}
	for _, h := range headers {
		if seen[h] {
			return readerFault("CSV headers cannot contain duplicates.")
		}
		seen[h] = true
	}
	for {
		row, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return readerFault("the CSV file cannot be read: %s", err)
		}
		item := make(map[string]any, len(headers))
		for i, h := range headers {
			item[h] = ""
			if i < len(row) {
				item[h] = row[i]
			}
		}
		if err := give(item); err != nil {
			return err
		}
	}
}

func readJSONL(in *bufio.Reader, give func(any) error) error {
	for line := 1; ; line++ {
		text, err := in.ReadBytes('\n')
		if t := bytes.TrimSpace(text); len(t) > 0 {
			v, err := asl.Decode(t)
			if err != nil {
				return readerFault("line %d is not JSON: %s", line, err)
			}
			if err := give(v); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readJSON gives the elements of the array that the pointer names, one by one.
func readJSON(in io.Reader, pointer string, give func(any) error) error {
	d := json.NewDecoder(in)
	d.UseNumber()
	if pointer != "" {
		for _, name := range strings.Split(pointer[1:], "/") {
			if err := seek(d, strings.NewReplacer("~1", "/", "~0", "~").Replace(name)); err != nil {
				return err
			}
		}
	}
	t, err := d.Token()
	if err != nil {
		return readerFault("the file is not JSON: %s", err)
	}
	if t != json.Delim('[') {
		return readerFault("Attempting to map over non-iterable node.")
	}
	for d.More() {
		var v any
		if err := d.Decode(&v); err != nil {
			return readerFault("the file is not JSON: %s", err)
		}
		if err := give(v); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return readerFault("the file is not JSON: %s", err)
	}
	return nil
}

// seek goes to the value of the member called name.
func seek(d *json.Decoder, name string) error {
	t, err := d.Token()
	if err == nil && t != json.Delim('{') {
		return readerFault("ItemsPointer: %q is looked for in something that is no object", name)
	}
	for err == nil && d.More() {
		var key json.Token
		if key, err = d.Token(); err == nil && key == name {
			return nil
		}
		var skipped json.RawMessage
		if err == nil {
			err = d.Decode(&skipped)
		}
	}
	if err != nil {
		return readerFault("the file is not JSON: %s", err)
	}
	return readerFault("ItemsPointer: there is no %q", name)
}

// manifest reads an S3 inventory: manifest.json names gzipped CSV files whose
// rows are objects.
func (s *mapSource) manifest(ctx context.Context, in io.Reader, bucket string, give func(any) error) error {
	var m struct {
		FileFormat, FileSchema, DestinationBucket string
		Files                                     []struct{ Key string }
	}
	if err := json.NewDecoder(in).Decode(&m); err != nil {
		return readerFault("the manifest is not JSON: %s", err)
	}
	if m.FileFormat != "CSV" {
		return readerFault("an inventory in the format %q is not supported, only CSV is", m.FileFormat)
	}
	r := &asl.Reader{CSVDelimiter: ','}
	for _, h := range strings.Split(m.FileSchema, ",") {
		r.CSVHeaders = append(r.CSVHeaders, strings.TrimSpace(h))
	}
	if b := m.DestinationBucket[strings.LastIndexByte(m.DestinationBucket, ':')+1:]; b != "" {
		bucket = b
	}
	for _, f := range m.Files {
		if err := s.inventory(ctx, bucket, f.Key, r, give); err != nil {
			return err
		}
	}
	return nil
}

func (s *mapSource) inventory(ctx context.Context, bucket, key string, r *asl.Reader, give func(any) error) error {
	in, err := s.objects.Open(ctx, bucket, key)
	if err != nil {
		return s3Fault(err, bucket, key)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return s3Fault(err, bucket, key)
	}
	return readCSV(z, r, give)
}

// batcher groups items as ItemBatcher says.
type batcher struct {
	plan  *mapPlan
	on    bool
	each  func(input any, items int) error
	items []any
	bytes int64
}

func (b *batcher) add(item any) error {
	if !b.on {
		return b.each(item, 1)
	}
	size := int64(len(asl.Encode(item))) + 1
	if len(b.items) > 0 && (b.plan.BatchItems > 0 && int64(len(b.items)) >= b.plan.BatchItems || b.plan.BatchBytes > 0 && b.bytes+size > b.plan.BatchBytes) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if b.items == nil {
		b.bytes = int64(len(`{"Items":]}`)) // each item brings the mark before it
		if b.plan.BatchInput != nil {
			b.bytes += int64(len(`"BatchInput":,`) + len(b.plan.BatchInput))
		}
	}
	b.items, b.bytes = append(b.items, item), b.bytes+size
	return nil
}

func (b *batcher) flush() error {
	if len(b.items) == 0 {
		return nil
	}
	in := map[string]any{"Items": b.items}
	if b.plan.BatchInput != nil {
		v, err := asl.Decode(b.plan.BatchInput)
		if err != nil {
			return err
		}
		in["BatchInput"] = v
	}
	n := len(b.items)
	b.items = nil
	return b.each(in, n)
}

// exceeded tells whether more items failed than are tolerated; total 0: not known yet.
func (p *mapPlan) exceeded(spec *asl.Map, failed, total int64) bool {
	if spec.ToleratedPercentage != nil && total > 0 && float64(failed)*100 > p.ToleratedPercentage*float64(total) {
		return true
	}
	return (spec.ToleratedCount != nil || spec.ToleratedPercentage == nil) && failed > p.ToleratedCount
}

func thresholdFault() *asl.Fault {
	return &asl.Fault{Name: "States.ExceedToleratedFailureThreshold", Cause: "The specified tolerated failure threshold was exceeded"}
}
