package crawl

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake/external"
)

// shape is what a file of delimited text looks like.
type shape struct {
	delim byte
	// quoted is set if values stand in quotes.
	quoted        bool
	columns, rows int
	cells         [][]string
}

// delims are tried in this order.
const delims = ",\t;|\x01"

// maxCells bounds the lines looked at.
const maxCells = 1000

// shapeOf finds the delimiter that divides most lines alike. only, if not 0,
// is the delimiter to take.
func shapeOf(lines []string, only byte) shape {
	var best shape
	for i := range len(delims) {
		d := delims[i]
		if only != 0 && d != only {
			continue
		}
		s := shaped(lines, d)
		if s.columns > 1 && (best.columns < 2 || s.rows > best.rows || s.rows == best.rows && s.columns > best.columns) || best.cells == nil {
			best = s
		}
	}
	return best
}

// shaped divides the lines at one delimiter. rows counts those that have as
// many columns as the first; if others are many, it is no table at all.
func shaped(lines []string, delim byte) shape {
	s := shape{delim: delim}
	other := 0
	for i, line := range lines {
		if i == maxCells {
			break
		}
		if line == "" {
			continue
		}
		cells, quoted := divide(line, delim)
		s.quoted = s.quoted || quoted
		if s.columns == 0 {
			s.columns = len(cells)
		}
		if len(cells) == s.columns {
			s.rows++
		} else {
			other++
		}
		s.cells = append(s.cells, cells)
	}
	if other > s.rows/4 {
		s.columns = 1
	}
	return s
}

// divide splits a line at delim outside quotes.
func divide(line string, delim byte) (cells []string, quoted bool) {
	var cell strings.Builder
	in := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case in && c == '\\' && i+1 < len(line) && (line[i+1] == '"' || line[i+1] == '\\'):
			i++
			cell.WriteByte(line[i])
		case in && c == '"' && i+1 < len(line) && line[i+1] == '"':
			i++
			cell.WriteByte('"')
		case in && c == '"':
			in = false
		case !in && c == '"' && strings.TrimSpace(cell.String()) == "":
			in, quoted = true, true
			cell.Reset()
		case !in && c == delim:
			cells = append(cells, cell.String())
			cell.Reset()
		default:
			cell.WriteByte(c)
		}
	}
	return append(cells, cell.String()), quoted
}

// describe sets the summary's delimiter, header and quoting from its files'
// shapes, and adds their columns to the tally.
func (s *summary) describe(shapes []shape, t *tally, uri string, n *notes) {
	first := shapes[0]
	s.Delim, s.Header = string(first.delim), header(first)
	for _, x := range shapes {
		s.Quoted = s.Quoted || x.quoted
	}
	if first.columns < 2 {
		s.Delim = ","
	}
	names := make([]string, first.columns)
	for i := range names {
		names[i] = fmt.Sprintf("col%d", i)
		if s.Header && i < len(first.cells[0]) {
			names[i] = strings.TrimSpace(first.cells[0][i])
		}
	}
	for _, x := range shapes {
		if x.delim != first.delim && x.columns > 1 {
			n.add("WARN %s: its files have different delimiters, %q and %q; the first is taken", uri, string(first.delim), string(x.delim))
		}
		rows := x.cells
		if s.Header && len(rows) > 0 {
			rows = rows[1:]
		}
		for i, name := range names {
			t.add(name, s.columnType(rows, i))
		}
	}
	if s.Quoted {
		n.add("INFO %s: values stand in quotes, so OpenCSVSerDe reads it and all columns are string", uri)
	}
}

// columnType joins a column's values. OpenCSVSerDe reads quoted text, which
// has no NULL for numbers and no written dates, so its columns are text.
func (s *summary) columnType(rows [][]string, i int) base.Type {
	if s.Quoted {
		return base.Type{ID: base.String}
	}
	out := base.Type{}
	for _, r := range rows {
		if i < len(r) {
			out = join(out, cellType(r[i]))
		}
	}
	return out
}

var digitsOnly = regexp.MustCompile(`^[-+]?[\d.,:/ -]+$`)

// header tells whether the first line names the columns: its words are all
// there, differ, and are no numbers or dates. Where the other lines are text as
// well nothing more can be told, and a header is assumed.
func header(s shape) bool {
	if len(s.cells) == 0 || s.columns < 1 || len(s.cells) == 1 && s.columns == 1 {
		return false
	}
	seen := map[string]bool{}
	for _, c := range s.cells[0] {
		c = strings.ToLower(strings.TrimSpace(c))
		if c == "" || seen[c] || len(c) > 150 || digitsOnly.MatchString(c) || cellType(c).ID != base.String {
			return false
		}
		seen[c] = true
	}
	return len(s.cells) > 1 && len(s.cells[0]) == s.columns
}

// serde is the class that reads files of this shape in Athena.
func (s *summary) serde() external.Serde {
	sd := external.DefaultSerde(s.Format)
	switch {
	case s.Format != external.CSV:
	case s.Quoted:
		d := s.Delim
		if d == "" {
			d = ","
		}
		return external.Serde{Library: "org.apache.hadoop.hive.serde2.OpenCSVSerde", Parameters: map[string]string{"separatorChar": d, "quoteChar": `"`, "escapeChar": `\`}}
	case s.Delim != "":
		sd.Parameters["field.delim"] = s.Delim
	}
	return sd
}
