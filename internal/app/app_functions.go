package app

import (
	"github.com/mulgil/mulgil/internal/lang/fn"
	"github.com/mulgil/mulgil/internal/port"
)

// functions are those an engine can be asked for by name.
func functions() []port.Function {
	defs := fn.All()
	out := make([]port.Function, len(defs))
	for i, d := range defs {
		out[i] = port.Function{Name: d.Name, Params: d.Params, Variadic: d.Variadic, Returns: d.Returns,
			Volatile: d.Volatile, NullArgs: d.NullArgs, Body: d.Body}
	}
	return out
}
