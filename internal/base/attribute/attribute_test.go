package attribute_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

func TestNumbersAreExact(t *testing.T) {
	for _, c := range [][2]string{
		{"3", "3"}, {"-7.1234", "-7.1234"}, {"-17e5", "-1700000"}, {"+3", "3"}, {".123", "0.123"}, {"0001.230", "1.23"}, {"1e+5", "100000"},
		{"0e1000", "0"}, {"-0", "0"}, {"0.00", "0"}, {"5.", "5"}, {"1E-130", "0." + strings.Repeat("0", 129) + "1"}, {"9e125", "9" + strings.Repeat("0", 125)},
		{"3.1415926535897932384626433832795028841", "3.1415926535897932384626433832795028841"},
		{"100000000000000000000000000000000000000000", "100000000000000000000000000000000000000000"},
	} {
		n, err := attribute.ParseNumber(c[0])
		if err != nil || n.String() != c[1] {
			t.Errorf("%s: got %s, %v, want %s", c[0], n, err, c[1])
		}
	}
}

func TestNumbersThatCannotBeAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "The parameter cannot be converted to a numeric value",
		"1e126":                             "Number overflow. Attempting to store a number with magnitude larger than supported range",
		"1e99999999999999999999":            "Number overflow. Attempting to store a number with magnitude larger than supported range",
		"0.9e-130":                          "Number underflow. Attempting to store a number with magnitude smaller than supported range",
		"1e-99999999999999999999":           "Number underflow. Attempting to store a number with magnitude smaller than supported range",
		"1" + strings.Repeat("0", 37) + "1": "Attempting to store more than 38 significant digits in a Number",
	} {
		if _, err := attribute.ParseNumber(text); err == nil || err.Error() != want || base.CodeOf(err) != "ValidationException" {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"NaN", "Infinity", "-", "+", ".", "e5", "1e", "1e+", "1e5.5", "1e+-5", "--1", "1-", "1.2.3", " 1", "1 ", "0x10", "1_0", "١"} {
		if _, err := attribute.ParseNumber(text); err == nil || err.Error() != "The parameter cannot be converted to a numeric value: "+text {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// number makes a random one with few or many digits.
func number(t *testing.T, r *rand.Rand) (attribute.Number, *big.Rat) {
	t.Helper()
	var b strings.Builder
	if r.IntN(2) == 0 {
		b.WriteByte('-')
	}
	for range 1 + r.IntN(12) {
		b.WriteByte("0001259"[r.IntN(7)])
	}
	if r.IntN(2) == 0 {
		b.WriteString(".000")
		for range r.IntN(8) {
			b.WriteByte("0019"[r.IntN(4)])
		}
	}
	n, err := attribute.ParseNumber(b.String())
	if err != nil {
		t.Fatal(err)
	}
	x, ok := new(big.Rat).SetString(n.String())
	if !ok {
		t.Fatalf("%s is no number", n)
	}
	return n, x
}

func TestNumbersCompareAddAndSortLikeRationals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a, x := number(t, r)
		b, y := number(t, r)
		want := x.Cmp(y)
		if got := a.Compare(b); got != want {
			t.Fatalf("%s and %s: got %d, want %d", a, b, got, want)
		}
		if got := strings.Compare(a.Value().Key(), b.Value().Key()); got != want {
			t.Fatalf("keys of %s and %s: got %d, want %d", a, b, got, want)
		}
		sum, err := a.Add(b)
		if err != nil {
			t.Fatal(err)
		}
		z, _ := new(big.Rat).SetString(sum.String())
		if z.Cmp(new(big.Rat).Add(x, y)) != 0 {
			t.Fatalf("%s + %s = %s", a, b, sum)
		}
		diff, err := sum.Add(b.Negate())
		if err != nil || diff.Compare(a) != 0 {
			t.Fatalf("%s + %s - %s = %s, %v", a, b, b, diff, err)
		}
	}
}

func TestSumsThatDoNotFitAreRefused(t *testing.T) {
	for _, c := range [][2]string{{"9e125", "9e125"}, {"1e50", "1"}, {"1e125", "1e-130"}, {"-9e125", "-9e125"}} {
		a, _ := attribute.ParseNumber(c[0])
		b, _ := attribute.ParseNumber(c[1])
		if sum, err := a.Add(b); err == nil || !strings.HasPrefix(err.Error(), "Number overflow.") {
			t.Errorf("%s + %s: got %s, %v", c[0], c[1], sum, err)
		}
	}
	a, _ := attribute.ParseNumber("10000000000000000000000")
	b, _ := attribute.ParseNumber("-1")
	if sum, err := a.Add(b); err != nil || sum.String() != "9999999999999999999999" {
		t.Errorf("got %s, %v", sum, err)
	}
}

const everyType = `{"b":{"B":"aGk="},"bool":{"BOOL":false},"bs":{"BS":["aA==","aQ=="]},"l":{"L":[{"S":"<&>"},{"L":[]},{"NULL":true}]},` +
	`"m":{"M":{"가":{"N":"1.5"}}},"n":{"N":"12345678901234567890123456789012345678"},"ns":{"NS":["1","2"]},"null":{"NULL":true},"s":{"S":""},"ss":{"SS":["a","b"]}}`

func TestItemsGoThroughJSON(t *testing.T) {
	item, err := attribute.ParseItem([]byte(everyType))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(attribute.Encode(item.JSON(attribute.Wire))); got != everyType {
		t.Errorf("got  %s\nwant %s", got, everyType)
	}
	sdk := attribute.Encode(item.JSON(attribute.SDK))
	for _, want := range []string{`{"Bool":false}`, `{"Nul":true}`, `{"Ss":["a","b"]}`, `{"Ns":["1","2"]}`, `{"Bs":`} {
		if !strings.Contains(string(sdk), want) {
			t.Errorf("%s is not in %s", want, sdk)
		}
	}
	back, err := attribute.ParseItem(sdk)
	if err != nil || !back.Equal(item) {
		t.Errorf("got %v, %v", back, err)
	}
}

func TestEqualityIsByValue(t *testing.T) {
	parse := func(s string) attribute.Item {
		i, err := attribute.ParseItem([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	a := parse(`{"x":{"M":{"n":{"N":"1.50"},"s":{"SS":["b","a"]},"l":{"L":[{"BOOL":true}]}}}}`)
	if !a.Equal(parse(`{"x":{"M":{"n":{"N":"15e-1"},"s":{"SS":["a","b"]},"l":{"L":[{"BOOL":true}]}}}}`)) {
		t.Error("equal items differ")
	}
	for _, s := range []string{`{}`, `{"x":{"S":"1"}}`, `{"x":{"M":{"n":{"N":"1.5"},"s":{"SS":["b","a"]},"l":{"L":[{"BOOL":false}]}}}}`,
		`{"x":{"M":{"n":{"N":"1.5"},"s":{"SS":["b","c"]},"l":{"L":[{"BOOL":true}]}}}}`} {
		if a.Equal(parse(s)) {
			t.Errorf("%s is equal", s)
		}
	}
}

func TestSizesAreDynamoDBs(t *testing.T) {
	for text, want := range map[string]int{
		`{"a":{"S":"가나"}}`: 7, `{"a":{"N":"0"}}`: 2, `{"a":{"N":"12345"}}`: 5, `{"a":{"N":"-1"}}`: 4, `{"a":{"BOOL":true}}`: 2,
		`{"a":{"B":"aGVsbG8="}}`: 6, `{"ab":{"L":[{"S":"abc"},{"NULL":true}]}}`: 11, `{"a":{"M":{"k":{"S":"v"}}}}`: 7, `{"a":{"NS":["1","22"]}}`: 5,
	} {
		item, err := attribute.ParseItem([]byte(text))
		if err != nil || item.Size() != want {
			t.Errorf("%s: got %d, %v, want %d", text, item.Size(), err, want)
		}
	}
}

// The texts are those that dynalite's tests expect, which also run against
// DynamoDB.
func TestValuesThatCannotBeAreRefused(t *testing.T) {
	const invalid = "One or more parameter values were invalid: "
	deep := strings.Repeat(`{"L":[`, 40) + `{"S":""}` + strings.Repeat(`]}`, 40)
	for text, want := range map[string]string{
		`{}`:                     "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"S":"a","N":"1"}`:      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
		`{"NULL":false}`:         invalid + "Null attribute value types must have the value of true",
		`{"SS":[]}`:              invalid + "An string set  may not be empty",
		`{"NS":[]}`:              invalid + "An number set  may not be empty",
		`{"BS":[]}`:              invalid + "Binary sets should not be empty",
		`{"SS":["a","a"]}`:       invalid + "Input collection [a, a] contains duplicates.",
		`{"BS":["Yg==","Yg=="]}`: invalid + "Input collection [Yg==, Yg==]of type BS contains duplicates.",
		`{"NS":["1","1.0"]}`:     "Input collection contains duplicates",
		`{"NS":["1",""]}`:        "The parameter cannot be converted to a numeric value",
		`{"L":[{"M":{"a":{}}}]}`: "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		deep:                     "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
		`{"N":1}`:                "NUMBER_VALUE cannot be converted to String",
		`{"S":["a"]}`:            "START_ARRAY cannot be converted to String",
		`{"BOOL":"yes"}`:         "STRING_VALUE cannot be converted to Boolean",
		`{"L":{}}`:               "START_OBJECT cannot be converted to a list",
		`{"M":[]}`:               "START_ARRAY cannot be converted to a map",
		`{"X":"a"}`:              `unknown type "X" of an attribute value`,
	} {
		_, err := attribute.ParseItem([]byte(`{"a":` + text + `}`))
		if err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, want)
		}
	}
	for _, text := range []string{``, `[]`, `{} {}`, `{"a":"b"}`, `{"a":{"B":"%"}}`} {
		if _, err := attribute.ParseItem([]byte(text)); base.CodeOf(err) != "SerializationException" {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestKeysOfTextsSortByBytes(t *testing.T) {
	texts := []string{"", "\x00", "a", "a\x00", "aa", "b", "가", "\xff"}
	keys := make([]string, len(texts))
	for i, s := range texts {
		keys[i] = attribute.Value{Type: attribute.B, Text: s}.Key()
	}
	if !slices.IsSorted(keys) {
		t.Errorf("%q", keys)
	}
}

func FuzzParseItem(f *testing.F) {
	f.Add([]byte(everyType))
	f.Add([]byte(`{"a":{"N":"1e-5"},"b":{"NS":["-0.0001","1e125"]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		item, err := attribute.ParseItem(text)
		if err != nil {
			return
		}
		again, err := attribute.ParseItem(attribute.Encode(item.JSON(attribute.Wire)))
		if err != nil || !again.Equal(item) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}
