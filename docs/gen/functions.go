package main

import (
	"fmt"
	"strings"

	"github.com/mulgil/mulgil/internal/lang/trino/duckdb"
)

// functions is the page of Athena's functions: what can be called, what is
// refused by name, and where an answer differs from Trino's.
func functions() []byte {
	var b strings.Builder
	list := duckdb.Functions()
	names := map[string]bool{}
	for _, f := range list {
		names[f.Name] = true
	}
	fmt.Fprintf(&b, "# Functions of Athena SQL\n\n")
	fmt.Fprintf(&b, "%d functions with %d signatures, as Athena engine v3 (Trino) has them. `T`, `K`, `V` stand for any type, `varchar(x)` keeps the length of its argument,\n", len(names), len(list))
	fmt.Fprintf(&b, "`...` repeats the last argument. Operators, CAST, CASE, IF, COALESCE, NULLIF, TRY, EXTRACT and the SQL/JSON functions are grammar and not listed.\n\n")
	for _, kind := range []string{"scalar", "aggregate", "window"} {
		fmt.Fprintf(&b, "## %s%s functions\n\n| function | signatures | state |\n|---|---|---|\n", strings.ToUpper(kind[:1]), kind[1:])
		for i := 0; i < len(list); {
			j := i
			var sigs []string
			for ; j < len(list) && list[j].Name == list[i].Name; j++ {
				if list[j].Kind == kind {
					sigs = append(sigs, "`"+list[j].Signature+"`")
				}
			}
			if len(sigs) > 0 {
				state := "as Trino"
				if d, ok := duckdb.Difference(list[i].Name); ok {
					state = d
				}
				fmt.Fprintf(&b, "| %s | %s | %s |\n", list[i].Name, strings.Join(sigs, "<br>"), state)
			}
			i = j
		}
		b.WriteString("\n")
	}
	b.WriteString("## Refused by name\n\nThe embedded engine cannot compute these; a Trino or Athena target can.\n\n")
	b.WriteString(strings.Join(duckdb.Unsupported(), ", ") + "\n\n")
	b.WriteString("## Known differences\n\nWhere an answer is not Trino's, it is one of these. Unless it says otherwise, the statement is an error that names the construct.\n\n| construct | what happens here | why |\n|---|---|---|\n")
	for _, d := range duckdb.Differences() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", d.Construct, d.Here, d.Why)
	}
	return []byte(b.String())
}
