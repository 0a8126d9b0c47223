package rowfile

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// What a sheet can hold.
const (
	sheetRows    = 1048576
	sheetColumns = 16384
	sheetText    = 32767 // UTF-16 units in a cell
	sheetDigits  = 15
)

const sheet = "Sheet1"

// xlsx writes one sheet. Text is text, whatever it begins with; numbers that
// Excel would round stay text too.
type xlsx struct {
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	cols   []Column
	styles map[types.Kind]int
	row    int
}

var cellFormats = map[types.Kind]string{types.Date: "yyyy-mm-dd", types.Timestamp: "yyyy-mm-dd hh:mm:ss.000"}

func (x *xlsx) Columns(cols []Column) (err error) {
	if len(cols) > sheetColumns {
		return base.Errorf(base.Invalid, "the result has %d columns, a sheet holds %d", len(cols), sheetColumns).WithHint("choose fewer columns or another format")
	}
	x.cols, x.file, x.styles = cols, excelize.NewFile(), map[types.Kind]int{}
	if x.stream, err = x.file.NewStreamWriter(sheet); err != nil {
		return err
	}
	for kind, text := range cellFormats {
		if x.styles[kind], err = x.file.NewStyle(&excelize.Style{CustomNumFmt: &text}); err != nil {
			return err
		}
	}
	bold, err := x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	heads := make([]any, len(cols))
	for i, c := range cols {
		heads[i] = excelize.Cell{StyleID: bold, Value: c.Name}
	}
	if err := x.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return x.add(heads)
}

func (x *xlsx) Row(values []any) error {
	if x.row == sheetRows {
		return base.Errorf(base.Invalid, "the result has more than %d rows, which is all a sheet holds", sheetRows-1).WithHint("use --limit, or a format without that bound such as csv or parquet")
	}
	cells := make([]any, len(x.cols))
	for i, c := range x.cols {
		if i >= len(values) {
			continue
		}
		v, err := x.cell(values[i], c)
		if err != nil {
			return err
		}
		cells[i] = v
	}
	return x.add(cells)
}

func (x *xlsx) add(cells []any) error {
	x.row++
	return x.stream.SetRow("A"+strconv.Itoa(x.row), cells)
}

func (x *xlsx) cell(v any, c Column) (any, error) {
	if s, ok := v.(string); ok {
		v = number(s, c.Type)
	}
	switch t := v.(type) {
	case nil, bool:
		return v, nil
	case json.Number:
		if n, ok := exact(t, c.Type); ok {
			return n, nil
		}
	}
	s, _ := Text(v)
	if style, ok := x.styles[c.Type.Kind]; ok {
		// Excel's calendar begins in 1900, with a leap day that never was.
		if at, err := Moment(s, c.Type); err == nil && at.Year() > 1900 && at.Year() < 10000 && at.Nanosecond()%int(time.Millisecond) == 0 {
			return excelize.Cell{StyleID: style, Value: at}, nil
		}
	}
	if n := len(utf16.Encode([]rune(s))); n > sheetText {
		return nil, base.Errorf(base.Invalid, "column %q has a text of %d characters, a cell holds %d", c.Name, n, sheetText).WithHint("cut it with substr, or choose another format")
	}
	return s, nil
}

// exact is a number that Excel keeps: a double is one there too, of others it
// keeps fifteen digits.
func exact(n json.Number, t types.Type) (any, bool) {
	f, err := n.Float64()
	if err != nil {
		return nil, false
	}
	if t.Is(types.Double, types.Real) {
		return f, true
	}
	if i, err := n.Int64(); err == nil {
		return i, i < 1e15 && i > -1e15
	}
	digits := strings.TrimLeft(strings.ReplaceAll(strings.TrimLeft(string(n), "-"), ".", ""), "0")
	return f, len(digits) <= sheetDigits
}

func (x *xlsx) Close() error {
	if x.file == nil {
		return nil
	}
	defer x.file.Close()
	if err := x.stream.Flush(); err != nil {
		return err
	}
	return x.file.Write(x.w)
}
