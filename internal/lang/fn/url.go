package fn

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// uri is a text cut as RFC 2396 and Java's URI cut it.
type uri struct {
	scheme, host, path, query, fragment string
	port                                *int64
}

var (
	uriForm    = regexp.MustCompile(`^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(//([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$`)
	serverForm = regexp.MustCompile(`^(?:[^@]*@)?((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.%]+\])(?::(\d*))?$`)
)

// parseURI reads s; ok is false where Java's URI would refuse it.
func parseURI(s string) (u uri, ok bool) {
	m := uriForm.FindStringSubmatch(s)
	if m == nil || m[2] == "//" && m[4] == "" || strings.Contains(m[6], "#") || !legalURI(m[4], "") || !legalURI(m[5], "[]") || !legalURI(m[6], "[]") || !legalURI(m[3], "[]") {
		return u, false
	}
	if m[1] == "" && m[2] == "" {
		if i := strings.IndexByte(m[4], ':'); i >= 0 && !strings.Contains(m[4][:i], "/") {
			return u, false
		}
	}
	u.scheme, u.fragment = m[1], decodeURI(m[6])
	if m[1] != "" && m[2] == "" && !strings.HasPrefix(m[4], "/") {
		return u, m[4] != ""
	}
	u.path, u.query = decodeURI(m[4]), m[5]
	if host := serverForm.FindStringSubmatch(m[3]); host != nil {
		if !hostFits(host[1]) {
			return u, host[1][0] != '['
		}
		port, err := strconv.ParseInt(host[2], 10, 32)
		if err == nil {
			u.port = &port
		}
		if err == nil || host[2] == "" {
			u.host = host[1]
		}
	}
	return u, true
}

// hostFits checks what the form of a host leaves open: an address in brackets,
// and that four numbers are bytes.
func hostFits(host string) bool {
	if host[0] == '[' {
		a, err := netip.ParseAddr(strings.Trim(host, "[]"))
		return err == nil && a.Is6()
	}
	if strings.Trim(host, "0123456789.") != "" {
		return true
	}
	for _, n := range strings.Split(host, ".") {
		if v, err := strconv.Atoi(n); err != nil || v > 255 {
			return false
		}
	}
	return true
}

// legalURI says whether a part holds only what a URI may hold, or characters
// beyond ASCII.
func legalURI(s, also string) bool {
	for i, r := range s {
		switch {
		case r == '%':
			if i+3 > len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case r < 0x80:
			if r <= ' ' || r == 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) || strings.ContainsRune("[]", r) && also == "" {
				return false
			}
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// decodeURI puts bytes for %XX of a legal part.
func decodeURI(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			v, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(v))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return validText(string(b))
}

func urlPart(f func(u uri) string) func(string) (*string, error) {
	return func(s string) (*string, error) {
		u, ok := parseURI(s)
		if !ok {
			return nil, nil
		}
		part := f(u)
		return &part, nil
	}
}

// URLPort is url_extract_port, nil without one.
func URLPort(s string) (*int64, error) {
	u, ok := parseURI(s)
	if !ok {
		return nil, nil
	}
	return u.port, nil
}

// URLParameter is url_extract_parameter: the first of that name, decoded as a form's.
func URLParameter(s, name string) (*string, error) {
	u, ok := parseURI(s)
	if !ok || u.query == "" {
		return nil, nil
	}
	for _, p := range strings.Split(u.query, "&") {
		if k, v, _ := strings.Cut(p, "="); k == name {
			out, err := URLDecode(v)
			return &out, err
		}
	}
	return nil, nil
}

// URLEncode is url_encode: a form's encoding, with + for a blank.
func URLEncode(s string) (string, error) {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case isLetter(c) || c >= '0' && c <= '9' || strings.IndexByte("-_.*", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String(), checkSize(b.Len())
}

// URLDecode is url_decode.
func URLDecode(s string) (string, error) {
	for i := range len(s) {
		if s[i] == '%' && (i+3 > len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			return "", invalid("illegal hex characters in escape (%%) pattern: %s", shorten(s))
		}
	}
	return decodeURI(strings.ReplaceAll(s, "+", " ")), nil
}

func urlDefs() []Def {
	return []Def{
		def1("mg_url_extract_protocol", urlPart(func(u uri) string { return u.scheme })),
		def1("mg_url_extract_host", urlPart(func(u uri) string { return u.host })),
		def1("mg_url_extract_port", URLPort),
		def1("mg_url_extract_path", urlPart(func(u uri) string { return u.path })),
		def1("mg_url_extract_query", urlPart(func(u uri) string { return decodeURI(u.query) })),
		def1("mg_url_extract_fragment", urlPart(func(u uri) string { return u.fragment })),
		def2("mg_url_extract_parameter", URLParameter),
		def1("mg_url_encode", URLEncode),
		def1("mg_url_decode", URLDecode),
	}
}
