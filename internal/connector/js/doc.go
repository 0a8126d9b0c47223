// Package js runs JavaScript inside the process (goja, pure Go) and, on it,
// JSONata as Amazon States Language has it.
//
// A [Program] is compiled once; a [Pool] keeps machines that have run it and
// lends one at a time, so that a caller pays for neither. The pool is what any
// library in JavaScript needs: a time limit, the caller's context, and a panic
// or an exhausted stack that comes back as an error.
//
// [Evaluator] is the JSONata part: the library of jsonata.org (jsonata.min.js,
// MIT, see the folder jsonata), AWS's functions beside it, and limits. What most
// state machines write, a path, a comparison, a text put together, is answered
// in Go without a machine whenever the outcome is the same.
package js
