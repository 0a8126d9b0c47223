package asl

import (
	"strings"
	"unicode/utf8"
)

func (p *parser) mapState(s *State, what string) {
	m := &Map{}
	s.Map = m
	p.processor(s, what)
	m.Concurrency = p.value(s, s.node, "MaxConcurrency", p.nonNegative)
	m.ToleratedCount = p.value(s, s.node, "ToleratedFailureCount", p.nonNegative)
	m.ToleratedPercentage = p.value(s, s.node, "ToleratedFailurePercentage", p.percentage)
	p.label(s)
	if s.JSONata {
		if i := s.node.get("Items"); i != nil {
			if i.value.kind != '[' && !(i.value.kind == '"' && isExpression(i.value.text)) {
				p.typed(i.value, "Array", "Items must be an array or a JSONata expression")
			}
			m.items = p.query(i.value, "Items")
		}
	} else {
		m.itemsPath = p.pathField(s.node, "ItemsPath", false)
	}
	p.selector(s, what)
	for _, f := range []struct {
		name string
		read func(*State, *member)
	}{{"ItemReader", p.reader}, {"ItemBatcher", p.batcher}, {"ResultWriter", p.writer}} {
		x := s.node.get(f.name)
		switch {
		case x == nil:
		case x.value.kind != '{':
			p.typed(x.value, "Object", "%s must be an object", f.name)
		case !m.Distributed:
			p.aws(p.atKey(x, "%s: %s goes with a distributed Map only", what, f.name).
				WithHint(`set "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} in ItemProcessor`), schemaFailed, "", "Field is not supported")
		default:
			f.read(s, x)
		}
	}
	p.handlers(s, what)
}

// processor reads ItemProcessor, or Iterator as it was called before.
func (p *parser) processor(s *State, what string) {
	x, old := s.node.get("ItemProcessor"), s.node.get("Iterator")
	switch {
	case x != nil && old != nil:
		p.aws(p.atKey(old, "%s has both ItemProcessor and Iterator", what), schemaFailed, s.Path, "Only one of [ItemProcessor, Iterator] is allowed")
	case x == nil:
		x = old
	}
	if x == nil {
		p.required(s.node, s.nameOff, s.nameEnd, s.Path, what, "ItemProcessor")
		return
	}
	if x.value.kind != '{' {
		p.typed(x.value, "Object", "%s must be an object", x.key)
		return
	}
	name := x.key + " of " + what
	p.fields(x.value, name, []string{"StartAt", "States", "Comment", "ProcessorConfig"}, nil)
	s.Map.Path = in(s, x.key)
	if c := x.value.get("ProcessorConfig"); c != nil {
		p.processorConfig(s, c)
	}
	s.Map.Processor = p.flow(x.value, name, s.Map.Path)
}

func (p *parser) processorConfig(s *State, c *member) {
	if c.value.kind != '{' {
		p.typed(c.value, "Object", "ProcessorConfig must be an object")
		return
	}
	p.fields(c.value, "ProcessorConfig", []string{"Mode", "ExecutionType"}, nil)
	mode := p.choice(c.value, "Mode", "INLINE", "DISTRIBUTED")
	kind := p.choice(c.value, "ExecutionType", "STANDARD", "EXPRESS")
	s.Map.Distributed, s.Map.Express = mode == "DISTRIBUTED", kind == "EXPRESS"
	switch {
	case s.Map.Distributed && kind == "":
		p.required(c.value, c.keyOff, c.keyEnd, s.Map.Path+"/ProcessorConfig", "ProcessorConfig of a distributed Map", "ExecutionType")
	case s.Map.Distributed && p.m.Express:
		p.aws(p.atKey(c, "a distributed Map does not work in an EXPRESS machine"), schemaFailed, "", "Express state machine does not support Distributed Map")
	}
}

// choice reads a field that has one of a few words, "" if it is absent.
func (p *parser) choice(n *node, key string, words ...string) string {
	m := n.get(key)
	if m == nil {
		return ""
	}
	s := p.str(n, key)
	if m.value.kind == '"' && !containsString(words, s) {
		p.aws(p.atValue(m.value, "%s must be one of %s", key, strings.Join(words, ", ")), schemaFailed, "", "Value is not one of: [%s]", strings.Join(words, ", "))
		return ""
	}
	return s
}

func (p *parser) label(s *State) {
	m := s.node.get("Label")
	if m == nil {
		return
	}
	s.Map.Label = p.str(s.node, "Label")
	bad := strings.ContainsAny(s.Map.Label, " \t\n?*<>{}[]:;,\\|^~$#%&`\"") || strings.ContainsFunc(s.Map.Label, func(r rune) bool { return r < 0x20 || r >= 0x7f && r <= 0x9f })
	switch n := utf8.RuneCountInString(s.Map.Label); {
	case n > 40:
		p.aws(p.atValue(m.value, "Label has at most 40 characters, this one %d", n), "INVALID_LABEL_NAME", "", "Label cannot exceed 40 characters")
	case bad:
		p.aws(p.atValue(m.value, "Label has no white space and none of ? * < > { } [ ] : ; , \\ | ^ ~ $ # %% & ` \""), "INVALID_LABEL_NAME", "", "Label contains invalid characters")
	case p.labels[s.Map.Label]:
		p.aws(p.atValue(m.value, "the Label %q is used twice", s.Map.Label), "DUPLICATE_LABEL_NAME", "", "Duplicate Label name: %s", s.Map.Label)
	}
	p.labels[s.Map.Label] = true
}

// selector reads ItemSelector, or Parameters as it was called before.
func (p *parser) selector(s *State, what string) {
	m, old := s.node.get("ItemSelector"), s.node.get("Parameters")
	s.argument = nil
	if m != nil && old != nil && !s.JSONata {
		p.aws(p.atKey(old, "%s has both ItemSelector and Parameters", what), schemaFailed, s.Path, "Only one of [ItemSelector, Parameters] is allowed")
	}
	if m != nil {
		s.Map.selector = p.payload(m.value, "ItemSelector", s.JSONata)
	} else if old != nil && !s.JSONata {
		s.Map.selector = p.payload(old.value, "Parameters", false)
	}
}

// request reads the parameters of an ItemReader or ResultWriter.
func (p *parser) request(s *State, m *member, known ...string) *Payload {
	field, foreign := "Parameters", "Arguments"
	if s.JSONata {
		field, foreign = foreign, field
	}
	p.fields(m.value, m.key, append([]string{"Resource", field, "Comment"}, known...), map[string]string{foreign: "is spelled " + field + " in this state's language"})
	if x := m.value.get(field); x != nil {
		return p.payload(x.value, m.key+"/"+field, s.JSONata)
	}
	return nil
}

func (p *parser) reader(s *State, m *member) {
	r := &Reader{InputType: "JSON", CSVDelimiter: ','}
	s.Map.Reader = r
	r.argument = p.request(s, m, "ReaderConfig")
	if p.required(m.value, m.keyOff, m.keyEnd, in(s, "ItemReader"), "ItemReader", "Resource") {
		x := m.value.get("Resource")
		if r.Resource = p.str(m.value, "Resource"); r.Resource != s3GetObject && r.Resource != s3ListObjects {
			p.aws(p.atValue(x.value, "ItemReader: the resource %q is not supported", r.Resource).
				WithHint("supported: %s, %s", s3GetObject, s3ListObjects), "INVALID_RESOURCE", "", "Value is not a valid resource ARN")
		}
	}
	c := m.value.get("ReaderConfig")
	if c == nil {
		if r.Resource == s3GetObject {
			p.required(m.value, m.keyOff, m.keyEnd, in(s, "ItemReader"), "ItemReader with getObject", "ReaderConfig")
		}
		return
	}
	if c.value.kind != '{' {
		p.typed(c.value, "Object", "ReaderConfig must be an object")
		return
	}
	p.fields(c.value, "ReaderConfig", strings.Fields("InputType Transformation CSVHeaderLocation CSVHeaders CSVDelimiter ItemsPointer MaxItems MaxItemsPath ManifestType Comment"), nil)
	if t := p.choice(c.value, "InputType", "CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"); t != "" {
		r.InputType = t
	}
	if r.InputType == "PARQUET" {
		p.atKey(c.value.get("InputType"), "ItemReader: Parquet files are not supported").WithHint("CSV, JSON, JSONL and MANIFEST are")
	}
	r.LoadAndFlatten = p.choice(c.value, "Transformation", "NONE", "LOAD_AND_FLATTEN") == "LOAD_AND_FLATTEN"
	r.MaxItems = p.value(s, c.value, "MaxItems", p.nonNegative)
	if r.ItemsPointer = p.str(c.value, "ItemsPointer"); r.ItemsPointer != "" && r.ItemsPointer[0] != '/' {
		p.atValue(c.value.get("ItemsPointer").value, "ItemsPointer must be a JSON pointer like /data/items")
	}
	p.csv(r, c.value)
}

func (p *parser) csv(r *Reader, c *node) {
	where := p.choice(c, "CSVHeaderLocation", "FIRST_ROW", "GIVEN")
	r.FirstRow = where != "GIVEN"
	if r.InputType == "CSV" && where == "" && c.get("CSVHeaderLocation") == nil {
		p.required(c, c.off, c.off+1, p.locateAt(c.off), "ReaderConfig for CSV", "CSVHeaderLocation")
	}
	if d := p.choice(c, "CSVDelimiter", "COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"); d != "" {
		r.CSVDelimiter = map[string]rune{"COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}[d]
	}
	h := c.get("CSVHeaders")
	switch {
	case h == nil && where == "GIVEN":
		p.required(c, c.off, c.off+1, p.locateAt(c.off), "ReaderConfig with given headers", "CSVHeaders")
	case h == nil:
	case h.value.kind != '[' || len(h.value.items) == 0:
		p.typed(h.value, "Array", "CSVHeaders must be a list of names")
	default:
		for _, x := range h.value.items {
			if x.kind != '"' {
				p.typed(x, "String", "a CSV header must be text")
			}
			r.CSVHeaders = append(r.CSVHeaders, x.text)
		}
	}
}

func (p *parser) batcher(s *State, m *member) {
	p.fields(m.value, "ItemBatcher", strings.Fields("MaxItemsPerBatch MaxItemsPerBatchPath MaxInputBytesPerBatch MaxInputBytesPerBatchPath BatchInput Comment"), nil)
	b := &Batcher{MaxItems: p.value(s, m.value, "MaxItemsPerBatch", p.positive), MaxBytes: p.value(s, m.value, "MaxInputBytesPerBatch", func(x *member) { p.number(x, 1, 256<<10) })}
	if b.MaxItems == nil && b.MaxBytes == nil {
		p.aws(p.atKey(m, "ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch"), schemaFailed, "", "At least one of [MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath] is required")
	}
	if x := m.value.get("BatchInput"); x != nil {
		b.input = p.payload(x.value, "ItemBatcher/BatchInput", s.JSONata)
	}
	s.Map.Batcher = b
}

const (
	s3GetObject   = "arn:aws:states:::s3:getObject"
	s3ListObjects = "arn:aws:states:::s3:listObjectsV2"
	s3PutObject   = "arn:aws:states:::s3:putObject"
)

func (p *parser) writer(s *State, m *member) {
	w := &Writer{Transformation: "NONE", OutputType: "JSON"}
	s.Map.Writer = w
	w.argument = p.request(s, m, "WriterConfig")
	if w.Resource = p.str(m.value, "Resource"); w.Resource != "" && w.Resource != s3PutObject {
		p.aws(p.atValue(m.value.get("Resource").value, "ResultWriter: the resource %q is not supported", w.Resource).WithHint("supported: %s", s3PutObject),
			"INVALID_RESOURCE", "", "Value is not a valid resource ARN")
	}
	c := m.value.get("WriterConfig")
	switch {
	case c == nil && w.Resource == "":
		p.required(m.value, m.keyOff, m.keyEnd, in(s, "ResultWriter"), "ResultWriter", "Resource")
	case c == nil:
	case c.value.kind != '{':
		p.typed(c.value, "Object", "WriterConfig must be an object")
	default:
		p.fields(c.value, "WriterConfig", []string{"Transformation", "OutputType", "Comment"}, nil)
		if t := p.choice(c.value, "Transformation", "NONE", "COMPACT", "FLATTEN"); t != "" {
			w.Transformation = t
		}
		if t := p.choice(c.value, "OutputType", "JSON", "JSONL"); t != "" {
			w.OutputType = t
		}
	}
	if w.Resource != "" && w.argument == nil {
		field := "Parameters"
		if s.JSONata {
			field = "Arguments"
		}
		p.atKey(m, "ResultWriter needs the Bucket it writes to").WithHint(`"%s": {"Bucket": "...", "Prefix": "..."}`, field)
	}
}
