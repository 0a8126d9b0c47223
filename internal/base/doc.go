// Package base holds the words every other package uses: data types and
// schemas, errors that carry a kind, a place and a hint, progress events and
// the clock. It depends on nothing else of ours.
package base
