// Command gen writes the reference pages of docs/reference from the program
// itself: the commands from what --help prints, the keys of project files from
// their JSON Schemas, the API from its table of operations, the
// SQL functions from the table that lowers them, the tasks of workflows from
// the table that serves them.
//
//	go run ./docs/gen DIR           write the pages into DIR
//	go run ./docs/gen -check DIR    fail if a page there is not what would be written
//
//go:generate go run . ../reference
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mulgil/mulgil/internal/cli"
)

// pages are the files made, by name.
func pages() (map[string][]byte, error) {
	var commands bytes.Buffer
	if err := cli.Reference(&commands); err != nil {
		return nil, err
	}
	files, err := projectFiles()
	if err != nil {
		return nil, err
	}
	served, err := tasks()
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{"commands.md": commands.Bytes(), "project-files.md": files, "api.md": api(), "functions.md": functions(), "tasks.md": served}
	for name, text := range out {
		out[name] = append([]byte("<!-- Made by docs/gen: change the program or its schemas, then run make docs. -->\n"), text...)
	}
	return out, nil
}

func main() {
	args := os.Args[1:]
	check := len(args) == 2 && args[0] == "-check"
	if check {
		args = args[1:]
	}
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: gen [-check] DIR")
		os.Exit(2)
	}
	if err := run(args[0], check); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	all, err := pages()
	if err != nil {
		return err
	}
	stale := 0
	for name, text := range all {
		file := filepath.Join(dir, name)
		if !check {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				return fmt.Errorf("write reference: %w", err)
			}
			continue
		}
		if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, text) {
			fmt.Fprintf(os.Stderr, "%s is stale\n", file)
			stale++
		}
	}
	if stale > 0 {
		return fmt.Errorf("%d reference pages are stale: run make docs and commit them", stale)
	}
	return nil
}
