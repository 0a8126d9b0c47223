// Package examples holds the project folders that `mulgil init --template`
// copies. They are also tests: each runs as it stands.
package examples

import "embed"

// FS has one folder for each template.
//
//go:embed all:retail-batch all:convenience-store
var FS embed.FS
