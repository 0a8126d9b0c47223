package fn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball"
	"golang.org/x/text/unicode/norm"
)

// stemmers are the languages of word_stem that are here; Trino has more.
var stemmers = map[string]string{"en": "english", "es": "spanish", "fr": "french", "hu": "hungarian", "no": "norwegian", "ru": "russian", "sv": "swedish"}

var otherStemmers = map[string]bool{"ca": true, "da": true, "de": true, "eu": true, "fi": true, "hy": true, "ir": true, "it": true, "lt": true, "nl": true, "pt": true, "ro": true, "tr": true}

// WordStem is word_stem. Trino's stemmers know lower case only: to them a
// capital is a letter that is part of no suffix, and a consonant.
func WordStem(word, lang string) (string, error) {
	language, ok := stemmers[lang]
	switch {
	case otherStemmers[lang]:
		return "", notSupported("word_stem for language %s", lang)
	case !ok:
		return "", invalid("unknown stemmer language: %s", lang)
	}
	neutral := 'k'
	if lang == "en" {
		neutral = 'q'
	}
	runes := []rune(word)
	lower := make([]rune, len(runes))
	for i, r := range runes {
		if lower[i] = r; unicode.IsUpper(r) {
			lower[i] = neutral
		}
	}
	stem, err := snowball.Stem(string(lower), language, true)
	if err != nil {
		return "", invalid("word_stem: %v", err)
	}
	out := []rune(stem)
	for i := range out {
		if i < len(runes) && out[i] == neutral && lower[i] == neutral {
			out[i] = runes[i]
		}
	}
	return string(out), nil
}

// Soundex is soundex, for ASCII letters; other characters but letters are left out.
func Soundex(s string) (string, error) {
	const codes = "01230120022455012623010202"
	var b strings.Builder
	last := byte(0)
	for _, r := range s {
		if r >= utf8.RuneSelf && unicode.IsLetter(r) {
			return "", invalid("the character is not mapped: %c", r)
		}
		if r >= utf8.RuneSelf || !isLetter(byte(r)) {
			continue
		}
		c := byte(r) &^ 0x20
		code := codes[c-'A']
		switch {
		case b.Len() == 0:
			b.WriteByte(c)
			last = code
			continue
		case c == 'H' || c == 'W':
			continue
		case code != '0' && code != last && b.Len() < 4:
			b.WriteByte(code)
		}
		last = code
	}
	if b.Len() > 0 {
		b.WriteString("000"[b.Len()-1:])
	}
	return b.String(), nil
}

// LuhnCheck is luhn_check: whether the last digit proves the others.
func LuhnCheck(s string) (bool, error) {
	sum := 0
	for i := range len(s) {
		c := s[len(s)-1-i]
		if c < '0' || c > '9' {
			return false, invalid("input should only contain digits")
		}
		d := int(c - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return s != "" && sum%10 == 0, nil
}

// maxDistance bounds the work of an edit distance.
const maxDistance = 100_000_000

// LevenshteinDistance is levenshtein_distance, in characters.
func LevenshteinDistance(a, b string) (int64, error) {
	x, y := []rune(a), []rune(b)
	if len(x)*len(y) > maxDistance {
		return 0, invalid("the combined inputs for Levenshtein distance are too large")
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, q := range y {
			cost := diagonal
			if r != q {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return int64(row[len(y)]), nil
}

// HammingDistance is hamming_distance, in characters.
func HammingDistance(a, b string) (int64, error) {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return 0, invalid("the input strings to hamming_distance function must have the same length")
	}
	n := int64(0)
	for i := range x {
		if x[i] != y[i] {
			n++
		}
	}
	return n, nil
}

// Normalize is normalize.
func Normalize(s, form string) (string, error) {
	forms := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}
	f, ok := forms[strings.ToUpper(form)]
	if !ok {
		return "", invalid("unknown normalization form: %s", form)
	}
	out := f.String(s)
	return out, checkSize(len(out))
}

func wordDefs() []Def {
	return []Def{
		def2("mg_word_stem", WordStem),
		def1("mg_soundex", Soundex),
		def1("mg_luhn_check", LuhnCheck),
		def2("mg_levenshtein_distance", LevenshteinDistance),
		def2("mg_hamming_distance", HammingDistance),
		def2("mg_normalize", Normalize),
	}
}
