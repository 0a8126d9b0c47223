// Package schemas holds the JSON Schemas of the files users write. Editors use
// them for completion (point the YAML language server at the file), Mulgil
// validates with the same ones.
package schemas

import "embed"

// FS holds the *.schema.json files.
//
//go:embed *.schema.json
var FS embed.FS
