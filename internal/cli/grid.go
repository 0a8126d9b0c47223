package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/mulgil/mulgil/internal/app"
)

// grid prints aligned columns. East Asian wide characters count two.
type grid struct {
	heads []string
	// right marks columns aligned to the right.
	right []bool
	rows  [][]cell
	// colour dims NULL and heads.
	colour bool
	// width of the columns, at least; noHead leaves the heads out.
	width  []int
	noHead bool
}

type cell struct {
	text string
	null bool
}

// newGrid makes a grid; a head starting with ">" is aligned to the right.
func (c *cli) newGrid(heads ...string) *grid {
	g := &grid{colour: c.colour(c.env.Stdout)}
	for _, h := range heads {
		name, right := strings.CutPrefix(h, ">")
		g.heads = append(g.heads, name)
		g.right = append(g.right, right)
	}
	return g
}

func (g *grid) add(texts ...string) {
	row := make([]cell, len(texts))
	for i, t := range texts {
		row[i] = cell{text: printable(t)}
	}
	g.rows = append(g.rows, row)
}

// widths does not depend on the locale.
var widths = &runewidth.Condition{}

func (g *grid) write(w io.Writer) error {
	if g.width == nil {
		g.width = make([]int, len(g.heads))
	}
	width := g.width
	for i, h := range g.heads {
		width[i] = max(width[i], widths.StringWidth(h))
	}
	for _, row := range g.rows {
		for i, c := range row {
			width[i] = max(width[i], widths.StringWidth(c.text))
		}
	}
	var b strings.Builder
	if !g.noHead {
		g.head(&b, width)
	}
	for _, row := range g.rows {
		g.line(&b, width, row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *grid) head(b *strings.Builder, width []int) {
	heads := make([]cell, len(g.heads))
	for i, h := range g.heads {
		heads[i].text = h
	}
	g.line(b, width, heads)
	rules := make([]string, len(width))
	for i, n := range width {
		rules[i] = strings.Repeat("-", n)
	}
	b.WriteString(strings.TrimRight(strings.Join(rules, "  "), " ") + "\n")
}

func (g *grid) line(b *strings.Builder, width []int, row []cell) {
	var line strings.Builder
	for i, c := range row {
		if i > 0 {
			line.WriteString("  ")
		}
		pad := strings.Repeat(" ", width[i]-widths.StringWidth(c.text))
		text := c.text
		if c.null && g.colour {
			text = "\x1b[2m" + text + "\x1b[0m"
		}
		if g.right[i] {
			line.WriteString(pad + text)
		} else {
			line.WriteString(text + pad)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " "))
	b.WriteByte('\n')
}

// printable keeps a value on its line and out of the terminal's control.
func printable(s string) string {
	clean := func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e }
	if strings.IndexFunc(s, clean) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case clean(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// printableLines is printable for text of several lines.
func printableLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = printable(l)
	}
	return strings.Join(lines, "\n")
}

// results prints a result set and, beside it, what it cost.
func (c *cli) results(rs app.ResultSet) error {
	return c.show(rs, func(w io.Writer) error {
		t := &tableWriter{g: c.newGrid(), w: w}
		if err := feed(t, rs); err != nil {
			return err
		}
		c.conclude(rs, int64(len(rs.Rows)))
		return nil
	})
}

// cost is what an answer of so many rows took, in one line.
func cost(rs app.ResultSet, n int64) string {
	rows, st := plural(n, "row"), rs.Stats
	if rs.UpdateType != "" {
		if rows = rs.UpdateType; rs.UpdateCount != nil {
			rows += ": " + plural(*rs.UpdateCount, "row")
		}
	}
	if st.Cached {
		return fmt.Sprintf("%s, %d ms, from the kept result", rows, st.ElapsedMS)
	}
	if rs.UpdateType != "" && st.TotalFiles == 0 {
		return fmt.Sprintf("%s, %d ms", rows, st.ElapsedMS)
	}
	line := fmt.Sprintf("%s, %d ms, %s in %s of %s files read", rows, st.ElapsedMS, size(st.ScannedBytes), count(st.ScannedFiles), count(st.TotalFiles))
	if st.PriceUSD > 0 {
		line += ", Athena would charge " + price(st.PriceUSD)
	}
	return line
}

// price is an amount in US dollars: at least two digits that say something.
func price(usd float64) string {
	digits := 2
	for f := usd; f > 0 && f < 0.1 && digits < 8; f *= 10 {
		digits++
	}
	return fmt.Sprintf("%.*f USD", digits, usd)
}

func value(v any) cell {
	switch x := v.(type) {
	case nil:
		return cell{"NULL", true}
	case string:
		return cell{text: printable(x)}
	case json.Number:
		return cell{text: plainNumber(string(x))}
	case bool:
		return cell{text: fmt.Sprint(x)}
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return cell{text: printable(fmt.Sprint(v))}
	}
	return cell{text: printable(strings.TrimSpace(b.String()))}
}

// plainNumber is a double without its exponent and its idle ".0", as people
// write amounts; very large and small ones keep the exponent.
func plainNumber(s string) string {
	if strings.Contains(s, "E") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Abs(f) >= 1e15 || math.Abs(f) < 1e-4 {
			return s
		}
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strings.TrimSuffix(s, ".0")
}
