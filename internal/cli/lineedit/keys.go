package lineedit

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Code is what a key does. Codes below 32 are control characters.
type Code int

// Ctrl is the code of a letter pressed with the control key.
func Ctrl(letter byte) Code { return Code(letter & 31) }

// Keys beside control characters. Text of Rune and Paste is what was typed.
const (
	Tab   Code = '\t'
	Enter Code = '\r'
	Rune  Code = iota + 256
	Paste
	AltEnter
	Backspace
	Delete
	Left
	Right
	Up
	Down
	Home
	End
	PageUp
	PageDown
	WordLeft
	WordRight
	WordErase
	WordDelete
	Escape
	Unknown
)

// Key is one key, or a block pasted.
type Key struct {
	Code Code
	Text string
}

const (
	pasteOn    = "\x1b[?2004h"
	pasteOff   = "\x1b[?2004l"
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// Keys reads keys from a terminal in raw mode.
type Keys struct {
	in  io.Reader
	buf []byte
	err error
}

// NewKeys reads from in.
func NewKeys(in io.Reader) *Keys { return &Keys{in: in} }

// more waits for further bytes.
func (k *Keys) more() bool {
	if k.err != nil {
		return false
	}
	chunk := make([]byte, 4096)
	n, err := k.in.Read(chunk)
	k.buf, k.err = append(k.buf, chunk[:n]...), err
	return n > 0
}

// Next waits for a key.
func (k *Keys) Next() (Key, error) {
	for len(k.buf) == 0 {
		if !k.more() && k.err != nil {
			return Key{}, k.err
		}
	}
	switch b := k.buf[0]; {
	case b == 0x1b:
		return k.escape(), nil
	case b == '\n':
		return k.take(1, Enter), nil
	case b == 0x7f:
		return k.take(1, Backspace), nil
	case b < 0x20:
		return k.take(1, Code(b)), nil
	}
	for !utf8.FullRune(k.buf) && k.more() {
	}
	_, n := utf8.DecodeRune(k.buf)
	key := Key{Rune, string(k.buf[:n])}
	k.buf = k.buf[n:]
	return key, nil
}

func (k *Keys) take(n int, c Code) Key {
	k.buf = k.buf[n:]
	return Key{Code: c}
}

// sequences are what terminals send for keys, after the escape character.
var sequences = map[string]Code{
	"[A": Up, "[B": Down, "[C": Right, "[D": Left, "OA": Up, "OB": Down, "OC": Right, "OD": Left,
	"[H": Home, "[F": End, "OH": Home, "OF": End, "[1~": Home, "[4~": End, "[7~": Home, "[8~": End,
	"[3~": Delete, "[5~": PageUp, "[6~": PageDown, "[1;5D": WordLeft, "[1;5C": WordRight, "[1;3D": WordLeft, "[1;3C": WordRight,
	"b": WordLeft, "f": WordRight, "d": WordDelete, "\x7f": WordErase, "\b": WordErase, "\r": AltEnter, "\n": AltEnter,
}

// escape reads the rest of a key that begins with the escape character. A key
// comes in one piece: an escape character alone is the key of that name.
func (k *Keys) escape() Key {
	if strings.HasPrefix(string(k.buf), pasteStart) {
		return k.paste()
	}
	if len(k.buf) == 1 {
		return k.take(1, Escape)
	}
	n := 2
	if k.buf[1] == '[' || k.buf[1] == 'O' {
		for n < len(k.buf) && (k.buf[n] < 0x40 || k.buf[n] > 0x7e) {
			n++
		}
		n = min(n+1, len(k.buf))
	}
	code, ok := sequences[string(k.buf[1:n])]
	if !ok {
		code = Unknown
	}
	return k.take(n, code)
}

func (k *Keys) paste() Key {
	for !strings.Contains(string(k.buf), pasteEnd) && k.more() {
	}
	text, rest, _ := strings.Cut(string(k.buf[len(pasteStart):]), pasteEnd)
	k.buf = []byte(rest)
	return Key{Paste, text}
}
