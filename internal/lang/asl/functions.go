package asl

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxItems is how many elements ArrayRange may make; maxText how many
// characters Base64 and Hash take.
const (
	maxItems = 1000
	maxText  = 10000
)

func functions() map[string]function {
	return map[string]function{
		"States.Array":          {0, -1, func(_ Env, a []any) (any, error) { return append([]any{}, a...), nil }},
		"States.ArrayContains":  {2, 2, arrayContains},
		"States.ArrayGetItem":   {2, 2, arrayGetItem},
		"States.ArrayLength":    {1, 1, arrayLength},
		"States.ArrayPartition": {2, 2, arrayPartition},
		"States.ArrayRange":     {3, 3, arrayRange},
		"States.ArrayUnique":    {1, 1, arrayUnique},
		"States.Base64Decode":   {1, 1, base64Decode},
		"States.Base64Encode":   {1, 1, base64Encode},
		"States.Format":         {1, -1, format},
		"States.Hash":           {2, 2, hashText},
		"States.JsonMerge":      {3, 3, jsonMerge},
		"States.JsonToString":   {1, 1, func(_ Env, a []any) (any, error) { return string(Encode(a[0])), nil }},
		"States.MathAdd":        {2, 2, mathAdd},
		"States.MathRandom":     {2, 3, mathRandom},
		"States.StringSplit":    {2, 2, stringSplit},
		"States.StringToJson":   {1, 1, stringToJSON},
		"States.UUID":           {0, 0, newUUID},
	}
}

func list(v any) ([]any, error) {
	l, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s is not an array", Encode(v))
	}
	return l, nil
}

func text(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s is not text", Encode(v))
	}
	return s, nil
}

// whole reads a number and rounds it to an integer as Java does: half goes up.
func whole(v any) (int64, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s is not a number", Encode(v))
	}
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) > math.MaxInt64/2 {
		return 0, fmt.Errorf("%s is out of range", n)
	}
	return int64(math.Floor(f + 0.5)), nil
}

func number(i int64) json.Number { return json.Number(strconv.FormatInt(i, 10)) }

func arrayContains(_ Env, a []any) (any, error) {
	l, err := list(a[0])
	if err != nil {
		return nil, err
	}
	return contains(l, a[1]), nil
}

func arrayGetItem(_ Env, a []any) (any, error) {
	l, err := list(a[0])
	if err != nil {
		return nil, err
	}
	i, err := whole(a[1])
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= int64(len(l)) {
		return nil, fmt.Errorf("index %d is outside an array of %d", i, len(l))
	}
	return l[i], nil
}

func arrayLength(_ Env, a []any) (any, error) {
	l, err := list(a[0])
	return number(int64(len(l))), err
}

func arrayPartition(_ Env, a []any) (any, error) {
	l, err := list(a[0])
	if err != nil {
		return nil, err
	}
	size, err := whole(a[1])
	if err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, fmt.Errorf("the size of a chunk must be positive, not %d", size)
	}
	out := []any{}
	for len(l) > 0 {
		n := min(size, int64(len(l)))
		out = append(out, l[:n:n])
		l = l[n:]
	}
	return out, nil
}

func arrayRange(_ Env, a []any) (any, error) {
	var n [3]int64
	for i := range n {
		var err error
		if n[i], err = whole(a[i]); err != nil {
			return nil, err
		}
	}
	first, last, by := n[0], n[1], n[2]
	if by == 0 {
		return nil, fmt.Errorf("the step must not be 0")
	}
	out := []any{}
	for i := first; by > 0 && i <= last || by < 0 && i >= last; i += by {
		if len(out) == maxItems {
			return nil, fmt.Errorf("more than %d elements", maxItems)
		}
		out = append(out, number(i))
	}
	return out, nil
}

func arrayUnique(_ Env, a []any) (any, error) {
	l, err := list(a[0])
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, x := range l {
		if !contains(out, x) {
			out = append(out, x)
		}
	}
	return out, nil
}

func base64Encode(_ Env, a []any) (any, error) {
	s, err := text(a[0])
	if err == nil && utf8.RuneCountInString(s) > maxText {
		err = fmt.Errorf("more than %d characters", maxText)
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func base64Decode(_ Env, a []any) (any, error) {
	s, err := text(a[0])
	if err != nil {
		return nil, err
	}
	if len(s) > maxText {
		return nil, fmt.Errorf("more than %d characters", maxText)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	return strings.ToValidUTF8(string(b), "\ufffd"), err
}

// format replaces each {} by the next argument.
func format(_ Env, a []any) (any, error) {
	tmpl, ok := a[0].(string)
	if !ok {
		return nil, fmt.Errorf("the first argument must be text")
	}
	args := a[1:]
	var b strings.Builder
	used := 0
	for i := 0; i < len(tmpl); i++ {
		switch {
		case tmpl[i] == '\\' && i+1 < len(tmpl):
			i++
			b.WriteByte(tmpl[i])
		case strings.HasPrefix(tmpl[i:], "{}"):
			if used == len(args) {
				return nil, fmt.Errorf("there are more {} than arguments (%d)", len(args))
			}
			b.WriteString(plain(args[used]))
			used++
			i++
		default:
			b.WriteByte(tmpl[i])
		}
	}
	if used < len(args) {
		return nil, fmt.Errorf("there are %d arguments for %d {}", len(args), used)
	}
	return b.String(), nil
}

func hashText(_ Env, a []any) (any, error) {
	s, err := text(a[0])
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(s) > maxText {
		return nil, fmt.Errorf("more than %d characters", maxText)
	}
	algorithm, err := text(a[1])
	if err != nil {
		return nil, err
	}
	var sum []byte
	switch algorithm {
	case "MD5":
		x := md5.Sum([]byte(s))
		sum = x[:]
	case "SHA-1":
		x := sha1.Sum([]byte(s))
		sum = x[:]
	case "SHA-256":
		x := sha256.Sum256([]byte(s))
		sum = x[:]
	case "SHA-384":
		x := sha512.Sum384([]byte(s))
		sum = x[:]
	case "SHA-512":
		x := sha512.Sum512([]byte(s))
		sum = x[:]
	default:
		return nil, fmt.Errorf("unknown algorithm %q: MD5, SHA-1, SHA-256, SHA-384 or SHA-512", algorithm)
	}
	return hex.EncodeToString(sum), nil
}

func jsonMerge(_ Env, a []any) (any, error) {
	l, ok1 := a[0].(map[string]any)
	r, ok2 := a[1].(map[string]any)
	deep, ok3 := a[2].(bool)
	if !ok1 || !ok2 || !ok3 {
		return nil, fmt.Errorf("two objects and true or false are expected")
	}
	if deep {
		return nil, fmt.Errorf("deep merging is not supported: the third argument must be false")
	}
	out := make(map[string]any, len(l)+len(r))
	for k, v := range l {
		out[k] = v
	}
	for k, v := range r {
		out[k] = v
	}
	return out, nil
}

func mathAdd(_ Env, a []any) (any, error) {
	x, err := whole(a[0])
	if err != nil {
		return nil, err
	}
	y, err := whole(a[1])
	if err != nil {
		return nil, err
	}
	sum := x + y
	if (sum > x) != (y > 0) && y != 0 {
		return nil, fmt.Errorf("%d + %d is out of range", x, y)
	}
	return number(sum), nil
}

// mathRandom gives start <= n < end; the same seed gives the same number.
func mathRandom(env Env, a []any) (any, error) {
	var n [3]int64
	for i := range a {
		var err error
		if n[i], err = whole(a[i]); err != nil {
			return nil, err
		}
	}
	if n[1] <= n[0] || n[1]-n[0] <= 0 {
		return nil, fmt.Errorf("the end %d must lie above the start %d", n[1], n[0])
	}
	seed := n[2]
	if len(a) == 2 {
		var b [8]byte
		if _, err := io.ReadFull(env.Random, b[:]); err != nil {
			return nil, err
		}
		seed = int64(binary.LittleEndian.Uint64(b[:]))
	}
	return number(n[0] + rand.New(rand.NewSource(seed)).Int63n(n[1]-n[0])), nil
}

// stringSplit cuts at every character of the separator; empty pieces are left out.
func stringSplit(_ Env, a []any) (any, error) {
	s, err := text(a[0])
	if err != nil {
		return nil, err
	}
	sep, err := text(a[1])
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(sep, r) }) {
		out = append(out, w)
	}
	return out, nil
}

func stringToJSON(_ Env, a []any) (any, error) {
	s, err := text(a[0])
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	v, err := Decode([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("the text is not JSON: %w", err)
	}
	if v == json.Number("-0") {
		v = json.Number("0")
	}
	return v, nil
}

func newUUID(env Env, _ []any) (any, error) {
	var b [16]byte
	if _, err := io.ReadFull(env.Random, b[:]); err != nil {
		return nil, err
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
