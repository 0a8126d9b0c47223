package fn

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
)

// recorded is an answer of a real Trino 435: the expression, the same call of
// ours, and the value in Trino's REST form or the error's name.
type recorded struct {
	SQL   string `json:"sql"`
	Fn    string `json:"fn"`
	Args  []any  `json:"args"`
	Want  any    `json:"want"`
	Error string `json:"error"`
	// Ours is set where we answer otherwise: our error's name or our value.
	Ours string `json:"ours"`
}

func TestFunctionsAnswerAsTrino(t *testing.T) {
	defs := map[string]Def{}
	for _, d := range All() {
		defs[d.Name] = d
	}
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".jsonl"), func(t *testing.T) {
			for _, r := range readRecorded(t, f) {
				d, ok := defs[r.Fn]
				if !ok {
					t.Errorf("%s: no function %s", r.SQL, r.Fn)
					continue
				}
				if got, want := answer(d, r), expected(r); got != want {
					t.Errorf("%s\n  %s%v\n  got  %s\n  want %s", r.SQL, r.Fn, r.Args, got, want)
				}
			}
		})
	}
}

func readRecorded(t *testing.T, file string) []recorded {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []recorded
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<22)
	for s.Scan() {
		d := json.NewDecoder(strings.NewReader(s.Text()))
		d.UseNumber()
		var r recorded
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%s: %s: %v", file, s.Text(), err)
		}
		out = append(out, r)
	}
	return out
}

func expected(r recorded) string {
	switch {
	case r.Ours != "":
		return r.Ours
	case r.Error != "":
		return r.Error
	}
	if n, ok := r.Want.(json.Number); ok && strings.HasPrefix(r.Fn, "mg_inverse_") {
		f, _ := n.Float64()
		return canon(fewer(f))
	}
	if typedText[r.Fn] && r.Want != nil {
		if s, ok := r.Want.(string); ok {
			return loose(fromText(s))
		}
		return loose(r.Want)
	}
	return canon(r.Want)
}

// answer calls d as the engine does: a NULL in gives a NULL out.
func answer(d Def, r recorded) string {
	args := make([]any, len(r.Args))
	for i, a := range r.Args {
		p := d.Variadic
		if i < len(d.Params) {
			p = d.Params[i]
		}
		if args[i] = goValue(p, a); a == nil && !d.NullArgs {
			return "null"
		}
	}
	if len(args) < len(d.Params) || len(args) > len(d.Params) && d.Variadic == "" {
		return fmt.Sprintf("%d arguments", len(args))
	}
	v, err := d.Body(args)
	if err != nil {
		if base.CodeOf(err) == "" {
			return "error without a name: " + err.Error()
		}
		return base.CodeOf(err)
	}
	if strings.HasPrefix(r.Fn, "mg_inverse_") {
		v = fewer(v)
	}
	if s, ok := v.(string); ok && typedText[r.Fn] {
		return loose(fromText(s))
	}
	return canon(restForm(d.Returns, v))
}

// typedText are functions that answer with the text of a value of a type.
var typedText = map[string]bool{"mg_json_cast": true, "mg_json_value": true}

func fromText(s string) any {
	if strings.HasPrefix(s, "[") || strings.HasPrefix(s, "{") {
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		var v any
		if d.Decode(&v) == nil {
			return v
		}
	}
	return s
}

// loose shows a value without the kinds of its scalars and with rows as lists.
func loose(v any) string {
	switch x := v.(type) {
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = loose(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		if _, row := x["f1"]; row {
			list := make([]any, len(x))
			for i := range list {
				list[i] = x[fmt.Sprintf("f%d", i+1)]
			}
			return loose(list)
		}
		parts := []string{}
		for k, e := range x {
			parts = append(parts, k+":"+loose(e))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	}
	s := fmt.Sprint(v)
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, ".eE") {
		return strconv.FormatFloat(f, 'g', 12, 64)
	}
	return s
}

// fewer keeps the digits to which Trino's solver is exact.
func fewer(v any) any {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(v.(float64), 'g', 8, 64), 64)
	return f
}

// zeros are those of a moment's fraction, which depend on a precision that the
// call may not tell.
var zeros = regexp.MustCompile(`(\d\d:\d\d:\d\d(?:\.\d*[1-9])?)\.?0+( |$)`)

// canon is JSON with numbers compared to 12 digits.
func canon(v any) string {
	switch x := v.(type) {
	case json.Number:
		if f, err := x.Float64(); err == nil && strings.ContainsAny(x.String(), ".eE") {
			return strconv.FormatFloat(f, 'g', 12, 64)
		}
		return x.String()
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return canon(strings.Replace(strconv.FormatFloat(x, 'g', -1, 64), "Inf", "Infinity", 1))
		}
		return strconv.FormatFloat(x, 'g', 12, 64)
	case float32:
		if math.IsInf(float64(x), 0) || x != x {
			return canon(float64(x))
		}
		return canon(json.Number(strconv.FormatFloat(float64(x), 'e', -1, 32)))
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = canon(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		x = zeros.ReplaceAllString(x, "$1$2")
		if x == "+Infinity" {
			x = "Infinity"
		}
		return strconv.Quote(x)
	}
	b, _ := json.Marshal(v)
	return string(b)
}

const clockForm = "2006-01-02 15:04:05.999999999"

// goValue makes the engine's value of type p from JSON.
func goValue(p string, v any) any {
	if v == nil {
		return nil
	}
	if elem, ok := strings.CutSuffix(p, "[]"); ok {
		list := v.([]any)
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = goValue(elem, e)
		}
		return out
	}
	text := fmt.Sprint(v)
	switch {
	case p == "BIGINT":
		n, _ := strconv.ParseInt(text, 10, 64)
		return n
	case p == "INTEGER":
		n, _ := strconv.ParseInt(text, 10, 32)
		return int32(n)
	case p == "DOUBLE":
		n, _ := strconv.ParseFloat(text, 64)
		return n
	case p == "FLOAT":
		n, _ := strconv.ParseFloat(text, 32)
		return float32(n)
	case p == "BLOB":
		b, _ := base64.StdEncoding.DecodeString(text)
		return b
	case p == "TIMESTAMP" || p == "DATE" || p == "TIMESTAMP_NS":
		return parseClock(text)
	case strings.HasPrefix(p, "MAP("):
		var out [][2]any
		for _, e := range v.([]any) {
			kv := e.([]any)
			out = append(out, [2]any{kv[0], goValue(strings.TrimSuffix(strings.TrimPrefix(p, "MAP(VARCHAR, "), ")"), kv[1])})
		}
		return out
	}
	return v
}

func parseClock(s string) time.Time {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	year, rest, _ := strings.Cut(s, "-")
	if !strings.Contains(rest, " ") {
		rest += " 00:00:00"
	}
	t, err := time.Parse(clockForm, "2000-"+rest)
	if err != nil {
		panic(err)
	}
	y, _ := strconv.Atoi(year)
	if neg {
		y = -y
	}
	return time.Date(y, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// restForm writes a result as Trino's REST protocol does.
func restForm(typ string, v any) any {
	switch x := v.(type) {
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	case time.Time:
		return clockText(x, typ)
	case int64, int32:
		return json.Number(fmt.Sprint(x))
	case [][2]any:
		m := map[string]any{}
		for _, e := range x {
			m[e[0].(string)] = restForm("", e[1])
		}
		return m
	case []any:
		if strings.HasPrefix(typ, "STRUCT(t ") {
			wall, err := NewZones().Wall(x[0].(time.Time), x[1].(string))
			if err != nil {
				return err.Error()
			}
			return clockText(wall, strings.TrimPrefix(typ, "STRUCT(t ")) + " " + x[1].(string)
		}
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = restForm(strings.TrimSuffix(typ, "[]"), e)
		}
		return out
	}
	return v
}

func clockText(t time.Time, typ string) string {
	year := fmt.Sprintf("%04d", t.Year())
	if t.Year() < 0 {
		year = fmt.Sprintf("-%04d", -t.Year())
	} else if t.Year() > 9999 {
		year = "+" + year
	}
	form := "-01-02 15:04:05.000000000"
	if typ == "DATE" {
		form = "-01-02"
	}
	return year + t.Format(form)
}
