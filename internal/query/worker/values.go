package worker

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/port"
)

// jsonValues turns engine values into what JSON can carry without loss:
// numbers stay numbers with all their digits, decimals keep their scale,
// times are text, bytes are base64.
func jsonValues(v []any, cols []port.EngineColumn) []any {
	out := make([]any, len(v))
	for i, x := range v {
		t := ""
		if i < len(cols) {
			t = cols[i].Type
		}
		out[i] = jsonValue(x, t)
	}
	return out
}

func jsonValue(v any, typ string) any {
	switch x := v.(type) {
	case int64:
		return json.Number(strconv.FormatInt(x, 10))
	case *big.Int:
		return json.Number(x.String())
	case port.Decimal:
		return json.Number(string(x))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return strings.TrimPrefix(strings.Replace(strconv.FormatFloat(x, 'g', -1, 64), "Inf", "Infinity", 1), "+")
		}
		return json.Number(strconv.FormatFloat(x, 'f', -1, 64))
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	case time.Time:
		return timeText(x, typ)
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = jsonValue(e, "")
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = jsonValue(e, "")
		}
		return out
	case nil, bool, string:
		return x
	}
	return fmt.Sprint(v)
}

func timeText(t time.Time, typ string) string {
	switch {
	case typ == "DATE":
		return t.Format(time.DateOnly)
	case strings.HasPrefix(typ, "TIME") && !strings.HasPrefix(typ, "TIMESTAMP"):
		return t.Format("15:04:05.999999")
	case strings.HasSuffix(typ, "TIME ZONE") || typ == "TIMESTAMPTZ":
		return t.UTC().Format("2006-01-02 15:04:05.999999 UTC")
	}
	return t.Format("2006-01-02 15:04:05.999999")
}
