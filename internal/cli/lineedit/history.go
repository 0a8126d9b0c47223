package lineedit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxHistory is how many texts are kept.
const maxHistory = 5000

// History holds the texts entered before, oldest first, and keeps them in a
// file that only the user can read. The zero value keeps nothing on disk.
type History struct {
	path  string
	texts []string
}

// OpenHistory reads a history file; there may be none yet. Lines it cannot read
// are left out.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return h, fmt.Errorf("read history: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	total := 0
	for lines.Scan() {
		var text string
		total++
		if json.Unmarshal(lines.Bytes(), &text) == nil && text != "" {
			h.texts = append(h.texts, text)
		}
	}
	h.texts = h.texts[max(0, len(h.texts)-maxHistory):]
	if total > 2*maxHistory {
		return h, h.rewrite()
	}
	return h, nil
}

// Len and At are the texts, oldest first.
func (h *History) Len() int { return len(h.texts) }

// At is text i.
func (h *History) At(i int) string { return h.texts[i] }

// before is the newest text before i that has word in it, -1 for none.
func (h *History) before(i int, word string) int {
	for i--; i >= 0; i-- {
		if strings.Contains(strings.ToLower(h.texts[i]), strings.ToLower(word)) {
			return i
		}
	}
	return -1
}

// Add keeps a text, unless it begins with a blank or is the newest already.
func (h *History) Add(text string) error {
	if text == "" || text[0] == ' ' || len(h.texts) > 0 && h.texts[len(h.texts)-1] == text {
		return nil
	}
	h.texts = append(h.texts, text)
	if h.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o755); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	_, err = f.Write(historyLine(text))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

func historyLine(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always can be
	return b.Bytes()
}

func (h *History) rewrite() error {
	var b bytes.Buffer
	for _, t := range h.texts {
		b.Write(historyLine(t))
	}
	tmp := h.path + ".new"
	if err := os.WriteFile(tmp, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	if err := os.Rename(tmp, h.path); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}
