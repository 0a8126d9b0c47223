package hivefile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
	"github.com/mulgil/mulgil/internal/port/extract"
)

// newReader makes a line reader for the columns it shall fill.
type newReader func(o options, c columns) (lineReader, error)

func reads[R lineReader](f func(options, columns) (R, error)) newReader {
	return func(o options, c columns) (lineReader, error) { return f(o, c) }
}

// serdes are the classes that can be read, by their names in lower case.
var serdes = map[string]newReader{
	"org.openx.data.jsonserde.jsonserde":                 reads(newOpenX),
	"org.apache.hive.hcatalog.data.jsonserde":            reads(newHiveJSON),
	"org.apache.hadoop.hive.serde2.jsonserde":            reads(newHiveJSON),
	"org.apache.hadoop.hive.serde2.opencsvserde":         reads(newOpenCSV),
	"org.apache.hadoop.hive.serde2.lazy.lazysimpleserde": reads(newLazyText),
}

// Reads tells whether files of a SerDe class can be read.
func Reads(class string) bool {
	_, ok := serdes[strings.ToLower(class)]
	return ok
}

// Open starts reading; it is a port.OpenHive.
func Open(ctx context.Context, r port.HiveRead) (port.HiveStream, error) {
	p, err := plan(r)
	if err != nil {
		return nil, err
	}
	schema, err := p.schema()
	if err != nil {
		return nil, err
	}
	s := &Stream{plan: p}
	s.Stream = extract.Start(ctx, extract.Options{Name: r.Table.Name, Schema: schema, Pushed: p.pushed(), Report: r.Report}, p.produce)
	return s, nil
}

// Stream is the rows of a Hive folder.
type Stream struct {
	*extract.Stream
	plan *reading
}

var _ port.OpenHive = Open

// Warnings implements port.HiveStream.
func (s *Stream) Warnings() []string {
	return s.plan.notes.warnings(func(f int) string { return shown(s.plan.table.Files[f]) })
}

// output is one column to deliver.
type output struct {
	name string
	typ  hiveType
	// ordinal is a data column's place in the table; -1 for a constant, which
	// is of the partition key at key, or hidden.
	ordinal, key int
	hidden       string
}

// reading is everything workers share; it does not change once planned.
type reading struct {
	table   port.HiveTable
	opts    options
	reader  newReader
	outputs []output
	keys    []hiveType
	// values are the partitions' values, nil for keys nobody asked for.
	values  [][]arrow.Array
	header  int
	threads int
	blocks  []block
	notes   *notes
}

func plan(r port.HiveRead) (*reading, error) {
	t := r.Table
	p := &reading{table: t, notes: &notes{}, threads: max(1, r.Threads), opts: options{t.Name, t.Parameters}}
	p.reader = serdes[strings.ToLower(t.Serde)]
	if p.reader == nil {
		return nil, base.Errorf(base.Invalid, "table %s: files of %s cannot be read", t.Name, t.Serde).WithCode("HIVE_UNSUPPORTED_FORMAT")
	}
	var err error
	if p.header, err = p.opts.count("skip.header.line.count"); err != nil {
		return nil, err
	}
	if n, err := p.opts.count("skip.footer.line.count"); err != nil || n > 0 {
		return nil, p.opts.wrong("skip.footer.line.count", "lines at the end of files cannot be left out")
	}
	if err := p.choose(r.Columns); err != nil {
		return nil, err
	}
	if err := p.partitions(); err != nil {
		return nil, err
	}
	p.cut(blockSize)
	if err := p.try(); err != nil {
		return nil, err
	}
	return p, nil
}

// choose finds the columns to deliver.
func (p *reading) choose(names []string) error {
	for _, n := range names {
		o, err := p.find(n)
		if err != nil {
			return base.Errorf(base.Invalid, "table %s: column %s: %w", p.table.Name, n, err).WithCode("HIVE_INVALID_METADATA")
		}
		p.outputs = append(p.outputs, o)
	}
	if len(p.outputs) == 0 {
		return base.Errorf(base.Internal, "read %s: no column is asked for", p.table.Name)
	}
	return nil
}

func (p *reading) find(name string) (output, error) {
	o := output{name: name, ordinal: -1, key: -1}
	same := func(c port.HiveColumn) bool { return strings.EqualFold(c.Name, name) }
	var err error
	if i := slices.IndexFunc(p.table.Columns, same); i >= 0 {
		o.ordinal, o.name = i, p.table.Columns[i].Name
		o.typ, err = parseType(p.table.Columns[i].Type)
		return o, err
	}
	if i := slices.IndexFunc(p.table.Keys, same); i >= 0 {
		o.key, o.name = i, p.table.Keys[i].Name
		o.typ, err = parseType(p.table.Keys[i].Type)
		return o, err
	}
	hidden := map[string]typeKind{port.HivePath: textType, port.HiveSize: bigType, port.HiveModified: timeType}
	kind, ok := hidden[strings.ToLower(name)]
	if !ok {
		return o, fmt.Errorf("there is no such column")
	}
	o.typ, o.hidden = hiveType{kind: kind, text: name}, strings.ToLower(name)
	return o, nil
}

// partitions reads the values of all keys: one that does not fit its type is
// an error even if nobody asked for it, as in Athena.
func (p *reading) partitions() error {
	types := make([]hiveType, len(p.table.Keys))
	for i, k := range p.table.Keys {
		t, err := parseType(k.Type)
		if err != nil {
			return base.Errorf(base.Invalid, "table %s: partition key %s: %w", p.table.Name, k.Name, err).WithCode("HIVE_INVALID_METADATA")
		}
		types[i] = t
	}
	p.values = make([][]arrow.Array, len(p.table.Partitions))
	for i, values := range p.table.Partitions {
		if len(values) != len(types) {
			return base.Errorf(base.Internal, "table %s: partition %v has not one value per key", p.table.Name, values)
		}
		for j, v := range values {
			a, ok := partitionValue(types[j], v)
			if !ok {
				return invalidPartition(p.table.Name, p.folder(i), p.table.Keys[j], v)
			}
			p.values[i] = append(p.values[i], a)
		}
	}
	return nil
}

// folder is where partition i's files lie, for messages.
func (p *reading) folder(i int) string {
	for _, f := range p.table.Files {
		if f.Partition == i {
			name := shown(f)
			return name[:strings.LastIndexByte(name, '/')+1]
		}
	}
	return strings.Join(p.table.Partitions[i], "/")
}

func (p *reading) schema() (*arrow.Schema, error) {
	fields := make([]arrow.Field, len(p.outputs))
	for i, o := range p.outputs {
		fields[i] = arrow.Field{Name: o.name, Type: o.typ.arrowType(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil), nil
}

func (p *reading) pushed() string {
	names := make([]string, len(p.outputs))
	for i, o := range p.outputs {
		names[i] = o.name
	}
	return fmt.Sprintf("%d files of %s, columns %s", len(p.table.Files), p.table.Name, strings.Join(names, ", "))
}

// try makes one line reader, so that wrong parameters are found at once.
func (p *reading) try() error {
	schema, err := p.schema()
	if err != nil {
		return err
	}
	b, _, err := p.start(schema)
	if err == nil {
		b.release()
	}
	return err
}

// start makes a worker's batch and the line reader that fills it.
func (p *reading) start(schema *arrow.Schema) (*batch, lineReader, error) {
	isData := make([]bool, len(p.outputs))
	c := columns{total: len(p.table.Columns)}
	for i, o := range p.outputs {
		if isData[i] = o.ordinal >= 0; isData[i] {
			c.names, c.types, c.ordinals = append(c.names, o.name), append(c.types, o.typ), append(c.ordinals, o.ordinal)
		}
	}
	b := newBatch(schema, isData)
	c.builders = b.data
	r, err := p.reader(p.opts, c)
	if err != nil {
		b.release()
		return nil, nil, err
	}
	return b, r, nil
}

// constants are a file's values of the columns that are not in it.
func (p *reading) constants(f port.HiveFile) []arrow.Array {
	var out []arrow.Array
	for _, o := range p.outputs {
		switch {
		case o.ordinal >= 0:
		case o.key >= 0:
			out = append(out, p.values[f.Partition][o.key])
		default:
			a, _ := one(o.typ, func(b array.Builder) bool { return hiddenValue(b, o.hidden, f) })
			out = append(out, a)
		}
	}
	return out
}

func hiddenValue(b array.Builder, name string, f port.HiveFile) bool {
	switch name {
	case port.HivePath:
		b.(*array.StringBuilder).Append(shown(f))
	case port.HiveSize:
		b.(*array.Int64Builder).Append(f.Size)
	default:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(f.Modified.UnixMilli() * 1000))
	}
	return true
}
