// Package asl reads the Amazon States Language: state machine definitions in
// JSON, the paths, templates and functions in them, and the rules of Choice
// states. It is pure: nothing here does I/O, keeps time or runs a machine
// (internal/workflow does).
//
//   - Parse turns a definition's text into a Machine and reports every mistake
//     at once with its place; what is not supported is refused by name.
//   - ParsePath is a JSONPath as Step Functions reads it (Jayway's rules):
//     a definite path names one value and fails when it is missing, an
//     indefinite one (*, .., slices, filters) always gives a list.
//   - Template is a payload template (Parameters, ResultSelector), Expr a
//     path or an intrinsic function, Rule one condition of a Choice.
//   - State has the data flow: EffectiveInput, Argument, SelectResult,
//     PlaceResult, EffectiveOutput, in that order.
//
// Values are what encoding/json makes with UseNumber: nil, bool, json.Number,
// string, []any, map[string]any. They are shared freely and never changed.
package asl
