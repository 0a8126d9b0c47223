package ducksql

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// sessionFunctions look at the engine or change it, or bind text that was not
// checked: nothing a SELECT over the lake has to do with.
var sessionFunctions = map[string]bool{
	"current_setting": true, "getenv": true, "getvariable": true, "json_serialize_plan": true, "json_execute_serialized_sql": true,
	"write_log": true, "nextval": true, "currval": true, "txid_current": true, "sleep_ms": true, "query": true, "query_table": true,
	"read_blob": true, "read_text": true, "which_secret": true,
}

// scalar notes a function called, and refuses one that reaches behind the statement.
func (w *walker) scalar(n Node) {
	name := strings.ToLower(n.str("function_name"))
	w.out.Functions[name] = true
	at := base.PlaceAt("", []byte(w.s.SQL), n.offset(w.s.SQL), len(name))
	switch {
	case sessionFunctions[name], strings.HasPrefix(name, "mg_"):
		w.errs = append(w.errs, base.Errorf(base.Denied, "function %s is not allowed: it reaches behind the statement", name).At(at))
	case huge(name, n.nodes("children")):
		w.errs = append(w.errs, base.Errorf(base.Invalid, "%s cannot make a value of more than %d characters", name, maxLength).WithCode("INVALID_FUNCTION_ARGUMENT").At(at))
	}
}

// maxLength is the longest value that a function may be told to make. The
// engine's memory limit does not count such values, and it takes long over them.
const maxLength = 100_000_000

// lengthy are functions with an argument that is the length of their result.
var lengthy = map[string]bool{"rpad": true, "lpad": true, "repeat": true, "bitstring": true, "printf": true, "format": true}

// width is a width in a format of printf or format.
var width = regexp.MustCompile(`[%{][^a-zA-Z%{}]*?([0-9]{9,})`)

// huge tells of a call with a constant length beyond maxLength.
func huge(name string, args []Node) bool {
	if !lengthy[name] {
		return false
	}
	for _, a := range args {
		if a.str("class") != "CONSTANT" {
			continue
		}
		switch v := a.node("value")["value"].(type) {
		case json.Number:
			if n, err := v.Float64(); err == nil && n > maxLength && name != "printf" && name != "format" {
				return true
			}
		case string:
			if m := width.FindStringSubmatch(v); m != nil && (name == "printf" || name == "format") {
				return len(m[1]) > 9 || m[1] > "100000000"
			}
		}
	}
	return false
}
