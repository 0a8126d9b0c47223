package fn

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mulgil/mulgil/internal/base"
)

// Translate is translate: each character of from becomes the one of to in its
// place, or goes.
func Translate(s, from, to string) (string, error) {
	become := map[rune]rune{}
	target := []rune(to)
	i := 0
	for _, r := range from {
		if _, ok := become[r]; !ok {
			if become[r] = -1; i < len(target) {
				become[r] = target[i]
			}
		}
		i++
	}
	out := strings.Map(func(r rune) rune {
		if t, ok := become[r]; ok {
			return t
		}
		return r
	}, s)
	return out, checkSize(len(out))
}

// Split is split.
func Split(s, delimiter string) ([]string, error) {
	if delimiter == "" {
		return nil, invalid("the delimiter may not be the empty string")
	}
	return strings.Split(s, delimiter), nil
}

// SplitLimit is split with a limit: the last part holds the rest.
func SplitLimit(s, delimiter string, limit int64) ([]string, error) {
	switch {
	case limit <= 0:
		return nil, invalid("limit must be positive")
	case delimiter == "":
		return nil, invalid("the delimiter may not be the empty string")
	}
	return strings.SplitN(s, delimiter, int(min(limit, 1<<31-1))), nil
}

// SplitPart is split_part, counted from 1, nil beyond the last. An empty
// delimiter takes single characters.
func SplitPart(s, delimiter string, index int64) (*string, error) {
	if index <= 0 {
		return nil, invalid("index must be greater than zero")
	}
	if delimiter == "" {
		for i, r := range s {
			if index--; index == 0 {
				part := s[i : i+max(utf8.RuneLen(r), 1)]
				return &part, nil
			}
		}
		return nil, nil
	}
	for ; index > 1; index-- {
		_, rest, ok := strings.Cut(s, delimiter)
		if !ok {
			return nil, nil
		}
		s = rest
	}
	part, _, _ := strings.Cut(s, delimiter)
	return &part, nil
}

// splitEntries reads key-value pairs.
func splitEntries(s, entry, kv string, f func(k, v string) error) error {
	switch {
	case entry == "":
		return invalid("entryDelimiter is empty")
	case kv == "":
		return invalid("keyValueDelimiter is empty")
	case entry == kv:
		return invalid("entryDelimiter and keyValueDelimiter must not be the same")
	}
	for s != "" {
		var one string
		one, s, _ = strings.Cut(s, entry)
		k, v, ok := strings.Cut(one, kv)
		if !ok || strings.Contains(v, kv) {
			return invalid("key-value delimiter must appear exactly once in each entry, bad input: '%s'", shorten(one))
		}
		if err := f(k, v); err != nil {
			return err
		}
	}
	return nil
}

// SplitToMap is split_to_map; a key that comes twice is an error.
func SplitToMap(s, entry, kv string) (Pairs[string], error) {
	out := Pairs[string]{}
	seen := map[string]bool{}
	err := splitEntries(s, entry, kv, func(k, v string) error {
		if seen[k] {
			return invalid("duplicate keys (%s) are not allowed", shorten(k))
		}
		seen[k] = true
		out = append(out, Pair[string]{k, v})
		return nil
	})
	return out, err
}

// SplitToMultimap is split_to_multimap.
func SplitToMultimap(s, entry, kv string) (Pairs[[]string], error) {
	out := Pairs[[]string]{}
	place := map[string]int{}
	err := splitEntries(s, entry, kv, func(k, v string) error {
		i, ok := place[k]
		if !ok {
			i = len(out)
			place[k] = i
			out = append(out, Pair[[]string]{Key: k})
		}
		out[i].Value = append(out[i].Value, v)
		return nil
	})
	return out, err
}

// padding is n characters of the repeated pad.
func padding(pad string, n int) (string, error) {
	count := utf8.RuneCountInString(pad)
	if err := checkSize(n/count*len(pad) + len(pad)); err != nil {
		return "", err
	}
	s := strings.Repeat(pad, n/count)
	for _, r := range pad {
		if n%count == 0 {
			break
		}
		s += string(r)
		n--
	}
	return s, nil
}

// pad cuts s to size characters or says what is missing.
func padText(s string, size int64, pad string) (cut, missing string, err error) {
	switch {
	case size < 0 || size > 1<<31-1:
		return "", "", invalid("target length must be in the range [0..2147483647]")
	case pad == "":
		return "", "", invalid("padding string must not be empty")
	}
	n := int64(0)
	for i := range s {
		if n == size {
			return s[:i], "", nil
		}
		n++
	}
	missing, err = padding(pad, int(size-n))
	return s, missing, err
}

// LPad is lpad, in characters.
func LPad(s string, size int64, pad string) (string, error) {
	cut, missing, err := padText(s, size, pad)
	return missing + cut, err
}

// RPad is rpad, in characters.
func RPad(s string, size int64, pad string) (string, error) {
	cut, missing, err := padText(s, size, pad)
	return cut + missing, err
}

func padBytes(b []byte, size int64, pad []byte) (cut, missing []byte, err error) {
	switch {
	case size < 0 || size > 1<<31-1:
		return nil, nil, invalid("target length must be in the range [0..2147483647]")
	case len(pad) == 0:
		return nil, nil, invalid("padding bytes must not be empty")
	case int64(len(b)) >= size:
		return b[:size], nil, nil
	case size > maxText:
		return nil, nil, checkSize(int(size))
	}
	missing = make([]byte, size-int64(len(b)))
	for i := range missing {
		missing[i] = pad[i%len(pad)]
	}
	return b, missing, nil
}

// LPadBytes is lpad of varbinary.
func LPadBytes(b []byte, size int64, pad []byte) ([]byte, error) {
	cut, missing, err := padBytes(b, size, pad)
	return append(missing, cut...), err
}

// RPadBytes is rpad of varbinary.
func RPadBytes(b []byte, size int64, pad []byte) ([]byte, error) {
	cut, missing, err := padBytes(b, size, pad)
	return append(append([]byte{}, cut...), missing...), err
}

// Repeat is a text n times over.
func Repeat(s string, n int64) (string, error) {
	if n < 0 {
		return "", invalid("repeat count must not be negative")
	}
	if s != "" && n > maxText/int64(len(s)) {
		return "", checkSize(maxText + 1)
	}
	return strings.Repeat(s, int(n)), nil
}

// StrposInstance is strpos with an instance: the nth place, from the end for
// negative n, counted from 1 in characters, but in Java's chars from the end
// (one beyond U+FFFF is two), as Trino does; 0 without one.
func StrposInstance(s, sub string, n int64) (int64, error) {
	switch {
	case n == 0:
		return 0, invalid("'instance' must be a positive or negative number")
	case sub == "":
		return 1, nil
	case n < 0:
		return strposLast(s, sub, -n), nil
	}
	at := -1
	for ; n > 0; n-- {
		i := strings.Index(s[at+1:], sub)
		if i < 0 {
			return 0, nil
		}
		at += 1 + i
	}
	return int64(utf8.RuneCountInString(s[:at])) + 1, nil
}

func strposLast(s, sub string, n int64) int64 {
	end := len(s)
	for {
		i := strings.LastIndex(s[:end], sub)
		if i < 0 {
			return 0
		}
		if n--; n == 0 {
			return int64(len(utf16.Encode([]rune(s[:i])))) + 1
		}
		end = i + len(sub) - 1
	}
}

// Codepoint is codepoint, of exactly one character.
func Codepoint(s string) (int32, error) {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n != len(s) {
		return 0, invalid("input string must be a single character string")
	}
	return int32(r), nil
}

// Raise fails with the error name and message of its first argument,
// "[[NAME]] message" or "NAME: message". The second is there so that it can
// depend on a row.
func Raise(message, _ *string) (*string, error) {
	if message == nil {
		return nil, nil
	}
	name, text, ok := strings.Cut(*message, ": ")
	if inner, marked := strings.CutPrefix(*message, "[["); marked {
		name, text, ok = strings.Cut(inner, "]] ")
	}
	if !ok || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" || name == "" {
		name, text = "GENERIC_USER_ERROR", *message
	}
	return nil, base.Errorf(base.Invalid, "%s", text).WithCode(name)
}

func stringDefs() []Def {
	return []Def{
		def3("mg_translate", Translate),
		def2("mg_split", Split),
		def3("mg_split_limit", SplitLimit),
		def3("mg_split_part", SplitPart),
		def3("mg_split_to_map", SplitToMap),
		def3("mg_split_to_multimap", SplitToMultimap),
		def3("mg_lpad", LPad),
		def3("mg_rpad", RPad),
		def3("mg_lpad_blob", LPadBytes),
		def3("mg_rpad_blob", RPadBytes),
		def2("mg_repeat", Repeat),
		def3("mg_strpos_instance", StrposInstance),
		def1("mg_codepoint", Codepoint),
		def2("mg_starts_with", sure2(strings.HasPrefix)),
		nulls(def2("mg_raise", Raise)),
	}
}
