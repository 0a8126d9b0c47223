package crawl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// A column's type is found by joining its values' types: whole numbers are
// bigint, with others double; dates and times are what a SerDe can read as
// such; whatever does not go together is string, which every SerDe gives.

// nothingYet is the type of a column that was NULL so far.
func nothingYet(t base.Type) bool { return t.ID == "" }

func plain(id base.TypeID) base.Type { return base.Type{ID: id} }

// join is the type of text that holds values of both.
func join(a, b base.Type) base.Type {
	switch {
	case nothingYet(a):
		return b
	case nothingYet(b) || a.Equal(b):
		return a
	case number(a) && number(b):
		if a.ID == base.Double || b.ID == base.Double || a.ID == base.Float || b.ID == base.Float {
			return plain(base.Double)
		}
		return plain(base.Long)
	case a.ID == base.List && b.ID == base.List:
		return base.ListOf(join(a.Fields[0].Type, b.Fields[0].Type))
	case a.ID == base.Struct && b.ID == base.Struct:
		out := base.Type{ID: base.Struct, Fields: append([]base.Field{}, a.Fields...)}
		for _, f := range b.Fields {
			if i := fieldIndex(out.Fields, f.Name); i >= 0 {
				out.Fields[i].Type = join(out.Fields[i].Type, f.Type)
			} else {
				out.Fields = append(out.Fields, f)
			}
		}
		return out
	}
	return plain(base.String)
}

func number(t base.Type) bool {
	return t.ID == base.Int || t.ID == base.Long || t.ID == base.Float || t.ID == base.Double
}

// settled is t with text where nothing was seen, and structs no catalog can
// spell as text: a SerDe gives their JSON.
func settled(t base.Type) base.Type {
	switch t.ID {
	case "":
		return plain(base.String)
	case base.List:
		return base.ListOf(settled(t.Fields[0].Type))
	case base.Struct:
		out := base.Type{ID: base.Struct}
		for _, f := range t.Fields {
			if !spellable.MatchString(f.Name) {
				return plain(base.String)
			}
			out.Fields = append(out.Fields, base.Field{Name: strings.ToLower(f.Name), Type: settled(f.Type)})
		}
		if len(out.Fields) == 0 {
			return plain(base.String)
		}
		return out
	}
	return t
}

var spellable = regexp.MustCompile(`^[\p{L}\p{N}_$@ -]+$`)

var (
	datePattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	timePattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,9})?$`)
	zonePattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$`)
)

// timeType is date or timestamp if text is one, else "". zones are OpenX JSON's only.
func timeType(text string, zones bool) base.TypeID {
	if len(text) < 10 || text[0] < '0' || text[0] > '9' {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, text[:10]); err != nil {
		return ""
	}
	switch {
	case datePattern.MatchString(text):
		return base.Date
	case timePattern.MatchString(text) || zones && zonePattern.MatchString(text):
		if _, err := time.Parse("15:04:05", text[11:19]); err == nil {
			return base.Timestamp
		}
	}
	return ""
}

// tally joins what the records of a folder's files hold.
type tally struct {
	columns []base.Field
	at      map[string]int
}

func (t *tally) add(name string, typ base.Type) {
	if t.at == nil {
		t.at = map[string]int{}
	}
	i, ok := t.at[name]
	if !ok {
		i = len(t.columns)
		t.at[name], t.columns = i, append(t.columns, base.Field{Name: name})
	}
	t.columns[i].Type = join(t.columns[i].Type, typ)
}

// fields are the columns; those that were only NULL have no type yet, for a
// neighbour's files may tell.
func (t *tally) fields(uri string, n *notes) []base.Field {
	out := make([]base.Field, 0, len(t.columns))
	for _, f := range t.columns {
		if f.Type.ID == base.Struct && settled(f.Type).ID == base.String {
			n.add("INFO %s: column %s holds objects without names a type can spell; it is string, and shows their JSON", uri, f.Name)
			f.Type = plain(base.String)
		}
		out = append(out, f)
	}
	return out
}

// maxRecords bounds the records of one file that are looked at.
const maxRecords = 10_000

// json adds the objects of a file's head, one per line as the SerDe reads them.
// The error is for the log: the good lines were added.
func (t *tally) json(text []byte, whole bool) error {
	bad, several, good := 0, 0, 0
	for i, line := range textLines(text, whole) {
		if i == maxRecords {
			break
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		members, err := object(d)
		if err != nil {
			bad++
			continue
		}
		good++
		for _, f := range members {
			t.add(f.Name, f.Type)
		}
		if d.More() {
			several++
		}
	}
	switch {
	case good == 0 && looksLikeJSON(bytes.TrimSpace(text)):
		return errNotLines
	case good == 0:
		return problem("no line is a JSON object")
	case several > 0:
		return problem("%d lines hold more than one object: Athena reads only the first of a line; let the writer end each record with a line feed", several)
	case bad > 0:
		return problem("%d of %d lines are no JSON object", bad, bad+good)
	}
	return nil
}

// looksLikeJSON tells whether text begins with JSON values, in lines or not.
func looksLikeJSON(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v json.RawMessage
	err := d.Decode(&v)
	return err == nil || len(text) >= headSize/2 && errors.Is(err, io.ErrUnexpectedEOF)
}

// object reads one object as fields in their order.
func object(d *json.Decoder) ([]base.Field, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	if tok != json.Delim('{') {
		return nil, fmt.Errorf("no object")
	}
	return members(d, 0)
}

// maxNesting is how deep values are typed; deeper ones are text.
const maxNesting = 20

func members(d *json.Decoder, depth int) ([]base.Field, error) {
	var out []base.Field
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		t, err := jsonType(d, depth+1)
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if i := fieldIndex(out, name); i >= 0 {
			out[i].Type = t // the last of equal keys counts
			continue
		}
		out = append(out, base.Field{Name: name, Type: t})
	}
	_, err := d.Token()
	return out, err
}

func jsonType(d *json.Decoder, depth int) (base.Type, error) {
	tok, err := d.Token()
	if err != nil {
		return base.Type{}, err
	}
	switch v := tok.(type) {
	case bool:
		return plain(base.Boolean), nil
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return plain(base.Long), nil
		}
		return plain(base.Double), nil
	case string:
		if id := timeType(v, true); id != "" {
			return plain(id), nil
		}
		return plain(base.String), nil
	case json.Delim:
		return nested(d, v, depth)
	}
	return base.Type{}, nil
}

func nested(d *json.Decoder, open json.Delim, depth int) (base.Type, error) {
	t := base.Type{ID: base.Struct}
	var err error
	if open == '{' {
		t.Fields, err = members(d, depth)
	} else {
		elem := base.Type{}
		for err == nil && d.More() {
			var e base.Type
			e, err = jsonType(d, depth+1)
			elem = join(elem, e)
		}
		if err == nil {
			_, err = d.Token()
		}
		t = base.ListOf(elem)
	}
	if depth > maxNesting {
		t = plain(base.String)
	}
	return t, err
}

// cellType is the type of one value of delimited text.
func cellType(s string) base.Type {
	if s == "" || s == `\N` {
		return base.Type{}
	}
	if wholeNumber.MatchString(s) {
		if _, err := strconv.ParseInt(s, 10, 64); err == nil {
			return plain(base.Long)
		}
		return plain(base.String) // longer than any number column holds exactly
	}
	if decimalNumber.MatchString(s) {
		return plain(base.Double)
	}
	if strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
		return plain(base.Boolean)
	}
	if id := timeType(s, false); id != "" {
		return plain(id)
	}
	return plain(base.String)
}

// Digits behind a leading zero are a code, not a number: a zip code stays text.
var (
	wholeNumber   = regexp.MustCompile(`^-?(0|[1-9]\d*)$`)
	decimalNumber = regexp.MustCompile(`^-?(0|[1-9]\d*)?\.\d+([eE][+-]?\d+)?$|^-?[1-9]\d*[eE][+-]?\d+$`)
)

// joined is widen for text, where a SerDe reads every value as the wider type.
func joined(format string, a, b base.Type) (base.Type, bool) {
	if format == external.Parquet {
		return widen(a, b)
	}
	if t, ok := widen(a, b); ok {
		return t, true
	}
	return join(a, b), true
}
