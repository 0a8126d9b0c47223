package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/mulgil/mulgil/schemas"
)

// described are the files of a project, in the order of the page.
var described = []struct{ schema, title, intro string }{
	{"mulgil", "mulgil.yaml", "The project itself."},
	{"job", "jobs/*.sql", "One file is one job: YAML in a leading comment that begins with `/*---` and ends\nwith `---*/`, then SQL. The file stays valid SQL."},
	{"crawlers", "crawlers.yaml", "Crawlers by name. Keys may also be spelled as in the JSON of AWS Glue's GetCrawler."},
	{"schedules", "schedules.yaml", "Schedules by name; `mulgil up` fires them."},
	{"workflow-test", "workflows/*.test.yaml", "Cases for the state machine beside them, run by `mulgil workflow test`."},
	{"namemap", "names.yaml", "A name map, for a state machine written with other names: `NAME` there is the value here."},
}

// projectFiles is the page of the keys of project files.
func projectFiles() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`# Project files

Every file is checked against a JSON Schema by ` + "`mulgil validate`" + `; ` + "`mulgil schemas --write DIR`" + `
writes the schemas for an editor. ` + "`NAME`" + ` stands for any name, ` + "`[]`" + ` for each element of a
list. Workflows (` + "`workflows/*.asl.json`" + `) are Amazon States Language and saved queries
(` + "`queries/*.sql`" + `) plain SQL.
`)
	for _, d := range described {
		s, err := read(d.schema)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| key | value | meaning |\n|---|---|---|\n", d.title, d.intro)
		p := page{root: s, b: &b, shown: map[string]bool{}}
		p.keys("", s, false)
	}
	return b.Bytes(), nil
}

func read(name string) (object, error) {
	text, err := schemas.FS.ReadFile(name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("read schema %s: %w", name, err)
	}
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read schema %s: %w", name, err)
	}
	return s, nil
}

// page writes one file's table.
type page struct {
	root object
	b    *bytes.Buffer
	// shown are the definitions whose keys are in the table already.
	shown map[string]bool
}

// follow replaces a $ref by what it points at; a description beside it wins.
// Keys of a definition that were shown before are not repeated.
func (p page) follow(s object) object {
	ref, ok := s.get("$ref").(string)
	if !ok {
		return s
	}
	name := strings.TrimPrefix(ref, "#/$defs/")
	to := p.follow(p.root.object("$defs").object(name))
	text := to.text("description")
	if d := s.text("description"); d != "" {
		text = d
	}
	if p.shown[name] && deep(to) {
		return object{{"description", strings.TrimSpace(text + " Keys as above.")}, {"type", to.get("type")}}
	}
	p.shown[name] = true
	return append(object{{"description", text}}, to...)
}

// deep is true if there are keys below an object or its elements.
func deep(s object) bool {
	each := s.object("additionalProperties")
	return s.object("properties") != nil || each.object("properties") != nil || each.get("$ref") != nil
}

// keys writes the rows of an object's keys and of what lies below them.
func (p page) keys(prefix string, s object, inList bool) {
	for _, m := range s.object("properties") {
		if v, ok := m.value.(object); ok && !unicode.IsUpper(rune(m.key[0])) { // AWS's spelling of another key
			p.key(prefix+m.key, p.follow(v), s.required(m.key))
		}
	}
	if each, ok := s.get("additionalProperties").(object); ok {
		p.each(prefix+"NAME", p.follow(each))
	}
	if each, ok := s.get("items").(object); ok && inList {
		p.each(strings.TrimSuffix(prefix, ".")+"[]", p.follow(each))
	}
}

func (p page) key(path string, s object, required bool) {
	text := s.text("description")
	if required {
		text = strings.TrimSpace("Required. " + text)
	}
	fmt.Fprintf(p.b, "| `%s` | %s | %s |\n", path, p.value(s), strings.ReplaceAll(text, "|", `\|`))
	p.keys(path+".", s, true)
}

// each writes what every element is: its own row if it is plain, else its keys.
func (p page) each(path string, s object) {
	if s.object("properties") == nil {
		if !strings.HasSuffix(path, "[]") && s.text("description") != "" {
			p.key(path, s, false)
		}
		return
	}
	p.keys(path+".", s, true)
}

// value is what may be written for a key.
func (p page) value(s object) string {
	if l, ok := s.get("enum").([]any); ok {
		return alternatives(l)
	}
	switch t := s.get("type").(type) {
	case string:
		return kind(t)
	case []any:
		var kinds []string
		for _, k := range t {
			if k != "null" {
				kinds = append(kinds, kind(fmt.Sprint(k)))
			}
		}
		return strings.Join(kinds, " or ")
	}
	return "any"
}

func kind(jsonType string) string {
	switch jsonType {
	case "string":
		return "text"
	case "array":
		return "list"
	case "object":
		return "mapping"
	case "boolean":
		return "true or false"
	}
	return jsonType
}

func alternatives(l []any) string {
	out := make([]string, len(l))
	for i, v := range l {
		out[i] = fmt.Sprintf("`%v`", v)
	}
	return strings.Join(out, ", ")
}
