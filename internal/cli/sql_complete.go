package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/app"
	"github.com/mulgil/mulgil/internal/cli/rowfile"
	"github.com/mulgil/mulgil/internal/lang/trino"
)

// binaryFormat tells of a format that is not for a screen.
func binaryFormat(f string) bool { return rowfile.Binary(f) }

// vocabulary finds what a word of a statement may become. It asks for tables and
// columns when they are needed and keeps them until a statement changes any.
type vocabulary struct {
	sh      *shell
	ctx     context.Context
	words   []string
	list    []app.TableInfo
	asked   bool
	columns map[string][]string
}

// patience is how long a Tab waits for the project's answer.
const patience = 2 * time.Second

// forget drops what may have changed.
func (n *vocabulary) forget() { n.list, n.asked, n.columns = nil, false, nil }

// complete gives the words that may stand at the end of text[:pos].
func (n *vocabulary) complete(text string, pos int) (int, []string) {
	line := text[strings.LastIndexByte(text[:pos], '\n')+1 : pos]
	if strings.HasPrefix(line, `\`) {
		return n.commandWords(line, pos)
	}
	path, from := pathBefore(text[:pos])
	typed := path[len(path)-1]
	if len(path) > 1 {
		return from, match(typed, n.members(path[:len(path)-1], text))
	}
	if named(text[:from]) {
		return from, match(typed, n.tableNames())
	}
	var out []string
	for _, t := range n.used(text) {
		out = append(out, n.columnsOf(t.table)...)
		if t.alias != "" {
			out = append(out, t.alias)
		}
	}
	if typed != "" {
		if n.words == nil {
			n.words = sqlWords()
		}
		out = append(out, n.words...)
		out = append(out, n.tableNames()...)
	}
	return from, match(typed, out)
}

// commandWords completes a command of the shell or its argument.
func (n *vocabulary) commandWords(line string, pos int) (int, []string) {
	name, arg, spaced := strings.Cut(line, " ")
	if !spaced {
		var out []string
		for _, c := range shellCommands() {
			out = append(out, c.name)
		}
		return pos - len(line), match(name, out)
	}
	arg = strings.TrimLeft(arg, " ")
	var out []string
	switch name {
	case `\d`:
		out = n.tableNames()
	case `\dt`, `\c`:
		out = n.schemas()
	case `\format`:
		out = formatNames()
	case `\h`:
		out = sqlWords()
	}
	return pos - len(arg), match(arg, out)
}

// match gives the words that begin with typed, sorted, each once.
func match(typed string, words []string) []string {
	var out []string
	for _, w := range words {
		if len(w) >= len(typed) && strings.EqualFold(w[:len(typed)], typed) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pathBefore is the name that the text ends in, cut at its dots, and where its
// last part begins. Quotes are left out of the parts.
func pathBefore(text string) (path []string, from int) {
	toks := trino.Tokens(text)
	from = len(text)
	last := ""
	i, end := len(toks)-1, from
	part := func(i int) (string, bool) {
		word := text[toks[i].Start:toks[i].End]
		return strings.Trim(word, `"`), isName(toks[i]) || strings.HasPrefix(word, `"`)
	}
	if i >= 0 && toks[i].End == end {
		if word, ok := part(i); ok {
			last, from = word, toks[i].Start
			end = from
			i--
		}
	}
	for ; i > 0 && toks[i].End == end && text[toks[i].Start:end] == "." && toks[i-1].End == toks[i].Start; i -= 2 {
		word, ok := part(i - 1)
		if !ok {
			break
		}
		path, end = append(path, word), toks[i-1].Start
	}
	slices.Reverse(path)
	return append(path, last), from
}

// isName tells of a token that can be a part of a name, or the beginning of a
// longer one.
func isName(t trino.Token) bool {
	return t.Kind == trino.TokenWord || t.Kind == trino.TokenName || t.Kind == trino.TokenQuotedName
}

// named tells whether a table's name follows the text.
func named(before string) bool {
	toks := trino.Tokens(before)
	if len(toks) == 0 {
		return false
	}
	t := toks[len(toks)-1]
	switch strings.ToUpper(before[t.Start:t.End]) {
	case "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "DESCRIBE", "DESC", "USE", "VIEW", "OPTIMIZE", "VACUUM", "EXISTS":
		return true
	case ",":
		return inFrom(toks[:len(toks)-1], before)
	}
	return false
}

// inFrom tells whether the last clause begun is FROM.
func inFrom(toks []trino.Token, text string) bool {
	depth := 0
	for i := len(toks) - 1; i >= 0; i-- {
		switch strings.ToUpper(text[toks[i].Start:toks[i].End]) {
		case ")":
			depth++
		case "(":
			if depth--; depth < 0 {
				return false
			}
		case "FROM":
			if depth == 0 {
				return true
			}
		case "SELECT", "WHERE", "GROUP", "ORDER", "HAVING", "ON":
			if depth == 0 {
				return false
			}
		}
	}
	return false
}

// tables are those of the project.
func (n *vocabulary) tables() []app.TableInfo {
	if !n.asked {
		n.asked = true
		ctx, stop := context.WithTimeout(n.ctx, patience)
		defer stop()
		n.list, _ = n.sh.s.TableList(ctx, app.TableListRequest{}) // no answer, no names
	}
	return n.list
}

func (n *vocabulary) schemas() []string {
	var out []string
	for _, t := range n.tables() {
		out = append(out, t.Database)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tableNames are schemas and tables as they may follow FROM.
func (n *vocabulary) tableNames() []string {
	var out []string
	for _, s := range n.schemas() {
		out = append(out, spelled(s))
	}
	for _, t := range n.tables() {
		if n.sh.req.Session.Schema == "" || t.Database == n.sh.req.Session.Schema {
			out = append(out, spelled(t.Name))
		}
	}
	return out
}

// members are the tables of a schema, or the columns of a table or alias.
func (n *vocabulary) members(path []string, text string) []string {
	last := path[len(path)-1]
	var out []string
	for _, t := range n.tables() {
		if strings.EqualFold(t.Database, last) {
			out = append(out, spelled(t.Name))
		}
	}
	for _, u := range n.used(text) {
		if strings.EqualFold(u.alias, last) || strings.EqualFold(u.table[strings.LastIndexByte(u.table, '.')+1:], last) {
			out = append(out, n.columnsOf(u.table)...)
		}
	}
	return out
}

// used is a table that a statement names, and what it calls it.
type used struct{ table, alias string }

// used finds the tables of an unfinished statement by its words.
func (n *vocabulary) used(text string) []used {
	toks := trino.Tokens(text)
	word := func(i int) string {
		if i >= len(toks) {
			return ""
		}
		return text[toks[i].Start:toks[i].End]
	}
	free := func(i int) bool { return i < len(toks) && !toks[i].Reserved && isName(toks[i]) }
	var out []used
	for i := range toks {
		if !named(text[:toks[i].Start]) || !free(i) {
			continue
		}
		u := used{table: strings.Trim(word(i), `"`)}
		for word(i+1) == "." && free(i+2) {
			i += 2
			u.table += "." + strings.Trim(word(i), `"`)
		}
		if strings.EqualFold(word(i+1), "AS") {
			i++
		}
		if free(i + 1) {
			u.alias = word(i + 1)
		}
		out = append(out, u)
	}
	return out
}

func (n *vocabulary) columnsOf(table string) []string {
	table = n.sh.tableName(table)
	if cols, ok := n.columns[table]; ok {
		return cols
	}
	ctx, stop := context.WithTimeout(n.ctx, patience)
	defer stop()
	d, err := n.sh.s.TableDescribe(ctx, app.TableDescribeRequest{Table: table})
	if err != nil {
		return nil
	}
	var cols []string
	for _, c := range d.Columns {
		cols = append(cols, spelled(c.Name))
	}
	if n.columns == nil {
		n.columns = map[string][]string{}
	}
	n.columns[table] = cols
	return cols
}

// spelled is a name as it may stand in a statement.
func spelled(name string) string {
	toks := trino.Tokens(name)
	if len(toks) == 1 && !toks[0].Reserved && (toks[0].Kind == trino.TokenName || toks[0].Kind == trino.TokenWord) {
		return name
	}
	return quoteName(name)
}
