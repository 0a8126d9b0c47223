package ducksql

import (
	"maps"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// DividesDoublesOnly tells whether every division in the statement has an
// operand that is surely a double, so that it means the same in engines whose
// integers divide to integers. types are the columns' types by lower-case name;
// a name the statement itself gives to something else counts for nothing.
func (s *Statement) DividesDoublesOnly(types map[string]base.Type) bool {
	types = s.withoutRenamed(types)
	ok := true
	each(map[string]any(s.root), func(n Node) bool {
		if n.str("class") == "FUNCTION" && n.str("function_name") == "/" {
			c := n.nodes("children")
			ok = ok && len(c) == 2 && (isDouble(c[0], types) || isDouble(c[1], types))
		}
		return ok
	})
	return ok
}

// withoutRenamed leaves out the names that the statement gives to expressions
// which are not surely doubles: in SELECT amount/2 FROM (SELECT count(*) AS
// amount FROM t), amount is not the table's column.
func (s *Statement) withoutRenamed(types map[string]base.Type) map[string]base.Type {
	types = maps.Clone(types)
	for n := -1; n != len(types); { // a name dropped may spoil another
		n = len(types)
		each(map[string]any(s.root), func(e Node) bool {
			for _, list := range [][]string{e.strs("column_name_alias"), e.strs("aliases")} {
				for _, name := range list {
					delete(types, strings.ToLower(name))
				}
			}
			if name := e.str("alias"); name != "" && e.str("class") != "" && !isDouble(e, types) {
				delete(types, strings.ToLower(name))
			}
			return true
		})
	}
	return types
}

// isDouble is true only if the expression's type is double whatever the rows.
func isDouble(e Node, types map[string]base.Type) bool {
	switch e.str("class") {
	case "COLUMN_REF":
		p := e.strs("column_names")
		return len(p) > 0 && types[strings.ToLower(p[len(p)-1])].ID == base.Double
	case "CAST":
		return e.node("cast_type").str("id") == "DOUBLE"
	case "FUNCTION":
		c := e.nodes("children")
		switch strings.ToLower(e.str("function_name")) {
		case "sum", "min", "max", "avg", "round", "abs":
			return len(c) > 0 && isDouble(c[0], types)
		case "+", "-", "*", "/":
			for _, x := range c {
				if isDouble(x, types) {
					return true
				}
			}
		}
	}
	return false
}

// FunctionAt is the place in the text of the first call of a function.
func (s *Statement) FunctionAt(name string) *base.Place {
	best := -1
	each(map[string]any(s.root), func(n Node) bool {
		if n.str("class") == "FUNCTION" && strings.EqualFold(n.str("function_name"), name) {
			if o := n.offset(s.SQL); best < 0 || o < best {
				best = o
			}
		}
		return true
	})
	if best < 0 {
		return nil
	}
	return base.PlaceAt("", []byte(s.SQL), best, len(name))
}
