// Package substrait stands in for the module of that name, which holds the
// definitions of functions by which iceberg-go filters the rows of files that
// it reads itself. Here the engine reads files; without it, every process of
// the program would read 16 long YAML files before its first line.
package substrait

import "embed"

//go:embed extensions
var extensions embed.FS

// GetSubstraitFS holds the folder extensions, which has no definitions.
func GetSubstraitFS() embed.FS { return extensions }

// GetSubstraitExtensionsFS is GetSubstraitFS.
func GetSubstraitExtensionsFS() embed.FS { return extensions }
