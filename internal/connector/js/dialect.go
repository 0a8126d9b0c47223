package js

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"strings"

	"github.com/dop251/goja"
	"github.com/google/uuid"
)

// AWS's functions beside JSONata's own:
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
// Their arguments are checked in jsonata.js.

var hashes = map[string]func() hash.Hash{
	"MD5": md5.New, "SHA-1": sha1.New, "SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New,
}

// hash is $hash(text, algorithm): lower-case hexadecimal, "" if there is no such algorithm.
func (s *session) hash(text, algorithm string) string {
	make, ok := hashes[algorithm]
	if !ok {
		return ""
	}
	h := make()
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil))
}

func base64encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func base64decode(text string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("$base64decode cannot read its argument: %w", err)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), nil
}

// partition is $partition(array, n): arrays of n elements, at least 1; the last may be shorter.
func (s *session) partition(items *goja.Object, size float64) (goja.Value, error) {
	length := int(items.Get("length").ToInteger())
	n := int(min(size, float64(length)))
	var parts []any
	for i := 0; i < length; i += n {
		part, err := s.slice(items, i, min(i+n, length))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return s.vm.NewArray(parts...), nil
}

func (s *session) slice(items *goja.Object, from, to int) (goja.Value, error) {
	f, ok := goja.AssertFunction(items.Get("slice"))
	if !ok {
		return nil, fmt.Errorf("$partition needs an array")
	}
	return f(items, s.vm.ToValue(from), s.vm.ToValue(to))
}

// span is $range(first, last, step) of integers, step leading to last, which
// belongs to it when a step meets it.
func (s *session) span(first, last, step float64) goja.Value {
	count := math.Floor((last-first)/step) + 1
	if !(count <= float64(s.limits.Elements)) {
		s.raise("D2015", "")
	}
	s.meter(int64(count) * 16)
	items := make([]any, int(count))
	for i := range items {
		items[i] = first + float64(i)*step
	}
	return s.vm.NewArray(items...)
}

// parse is $parse(text): the value of a JSON text, keys in the order written;
// undefined if it is not one.
func (s *session) parse(text string) goja.Value {
	v, err := s.document(text)
	if err != nil {
		return goja.Undefined()
	}
	return v
}

func (s *session) document(text string) (goja.Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := s.values.read(d, 0)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = errors.New("text follows the value")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the document as JSON: %w", err)
	}
	return v, nil
}

func (s *session) uuid() (string, error) {
	u, err := uuid.NewRandomFromReader(s.limits.Random)
	return u.String(), err
}

// seeded is $random(seed): the first nextDouble of java.util.Random(seed), by
// the algorithm its documentation fixes.
func (s *session) seeded(seed float64) float64 {
	const multiplier, mask = 0x5DEECE66D, 1<<48 - 1
	state := (uint64(int64(seed)) ^ multiplier) & mask
	next := func(bits uint) uint64 {
		state = (state*multiplier + 0xB) & mask
		return state >> (48 - bits)
	}
	high := next(26)
	return float64(high<<27+next(27)) / (1 << 53)
}
