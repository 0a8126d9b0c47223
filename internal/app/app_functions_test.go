package app

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/mulgil/mulgil/internal/connector/duckdb"
	"github.com/mulgil/mulgil/internal/port"
)

func TestEveryFunctionCanBeCalledFromSQL(t *testing.T) {
	cfg := port.EngineConfig{TempDir: filepath.Join(t.TempDir(), "spill"), Threads: 1}
	for _, f := range functions() {
		cfg.Functions = append(cfg.Functions, f.Name)
	}
	s, err := duckdb.Engine{Functions: functions()}.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for sql, want := range map[string]string{
		"mg_date_format(TIMESTAMP '2014-01-31 13:05:09', '%Y년 %c월 %W')":        "2014년 1월 Friday",
		"mg_date_parse('20140131', '%Y%m%d')::VARCHAR":                         "2014-01-31 00:00:00",
		"mg_parse_datetime('2014-01-31 +0900', 'yyyy-MM-dd Z')::VARCHAR":       "{'t': '2014-01-30 15:00:00', 'z': '+09:00'}",
		"mg_zone_wall(TIMESTAMP '2014-01-31 00:00:00', 'Asia/Seoul')::VARCHAR": "2014-01-31 09:00:00",
	} {
		r, err := s.Query(t.Context(), "SELECT "+sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		r.Next()
		got, err := r.Values()
		if err != nil || fmt.Sprint(got[0]) != want {
			t.Errorf("%s: got %v, %v; want %s", sql, got, err, want)
		}
		r.Close()
	}
}
