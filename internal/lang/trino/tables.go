package trino

// Params is how many ? a statement holds; they are numbered from 0.
func Params(n Node) int {
	count := 0
	Walk(n, func(n Node) bool {
		if _, ok := n.(*Param); ok {
			count++
		}
		return true
	})
	return count
}

// Tables lists the references to tables of the catalog that n reads, in the
// order of the text: every *Table whose name is not that of a WITH query in
// scope. TABLE t as a body is listed as a *Table made for it. What a statement
// writes (INSERT INTO t, MERGE INTO t) is not among them.
func Tables(n Node) []*Table {
	var t tables
	t.node(n, nil)
	return t.found
}

// scope is a chain of the names that WITH clauses gave, innermost first.
type scope struct {
	name  string
	outer *scope
}

func (s *scope) has(q QName) bool {
	if len(q.Parts) != 1 {
		return false
	}
	for ; s != nil; s = s.outer {
		if s.name == q.Parts[0].Text {
			return true
		}
	}
	return false
}

type tables struct{ found []*Table }

// node walks over n; queries with a WITH of their own are entered with their names in scope.
func (t *tables) node(n Node, s *scope) {
	Walk(n, func(x Node) bool {
		switch x := x.(type) {
		case *Query:
			if x.With != nil {
				t.query(x, s)
				return false
			}
		case *Table:
			t.add(x, s)
		case *TableBody:
			t.add(&Table{Span: x.Name.Span, Name: x.Name}, s)
		}
		return true
	})
}

func (t *tables) add(x *Table, s *scope) {
	if !s.has(x.Name) {
		t.found = append(t.found, x)
	}
}

// query walks over a query with WITH: each of its names is known to the
// queries after it, and to itself if recursive.
func (t *tables) query(q *Query, s *scope) {
	for _, c := range q.With.CTEs {
		inner := &scope{c.Name.Text, s}
		if q.With.Recursive {
			t.node(c.Query, inner)
		} else {
			t.node(c.Query, s)
		}
		s = inner
	}
	rest := *q
	rest.With = nil
	t.node(&rest, s)
}
