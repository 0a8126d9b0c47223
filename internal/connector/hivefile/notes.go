package hivefile

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

const (
	// noteLines are how many lines of a file are remembered, noteFiles how many
	// files are named.
	noteLines = 5
	noteFiles = 10
)

// notes collect the lines that were not simply rows, for all workers.
type notes struct {
	mu    sync.Mutex // guards files
	files map[int]*fileNotes
}

type fileNotes struct {
	count int64
	// lines are the first ones by block and line in it.
	lines []noteAt
	// length is each block's number of lines, for files of several blocks.
	length map[int]int64
}

type noteAt struct {
	block int
	line  int64
	why   string
}

// blockNotes are one block's, kept by its worker.
type blockNotes struct {
	count int64
	lines []noteAt
}

func (b *blockNotes) add(block int, line int64, why string) {
	b.count++
	if len(b.lines) < noteLines {
		b.lines = append(b.lines, noteAt{block, line, why})
	}
}

// add joins a block's notes once it was read to its end.
func (n *notes) add(b block, lines int64, found *blockNotes) {
	if found.count == 0 && b.first && b.last {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.files == nil {
		n.files = map[int]*fileNotes{}
	}
	f := n.files[b.file]
	if f == nil {
		f = &fileNotes{length: map[int]int64{}}
		n.files[b.file] = f
	}
	f.count += found.count
	f.length[b.n] = lines
	f.lines = append(f.lines, found.lines...)
}

// warnings are one line per file that has something to tell, the worst files first.
func (n *notes) warnings(name func(file int) string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var files []int
	for f, x := range n.files {
		if x.count > 0 {
			files = append(files, f)
		}
	}
	sort.Slice(files, func(i, j int) bool {
		a, b := n.files[files[i]].count, n.files[files[j]].count
		return a > b || a == b && files[i] < files[j]
	})
	var out []string
	var more int64
	for i, f := range files {
		if i >= noteFiles {
			more += n.files[f].count
			continue
		}
		out = append(out, n.files[f].text(name(f)))
	}
	if more > 0 {
		out = append(out, fmt.Sprintf("%d malformed lines in %d more files", more, len(files)-noteFiles))
	}
	return out
}

func (f *fileNotes) text(name string) string {
	for i, l := range f.lines {
		for b := range l.block {
			f.lines[i].line += f.length[b]
		}
	}
	sort.Slice(f.lines, func(i, j int) bool { return f.lines[i].line < f.lines[j].line })
	lines := f.lines[:min(noteLines, len(f.lines))]
	at := make([]string, len(lines))
	for i, l := range lines {
		at[i] = fmt.Sprint(l.line)
	}
	more := ""
	if f.count > int64(len(at)) {
		more = ", ..."
	}
	if f.count == 1 {
		return fmt.Sprintf("1 malformed line read as NULL in %s: line %s (%s)", name, at[0], lines[0].why)
	}
	return fmt.Sprintf("%d malformed lines read as NULL in %s: lines %s%s (the first: %s)", f.count, name, strings.Join(at, ", "), more, lines[0].why)
}
