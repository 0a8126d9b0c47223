package project

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// bindJob declares one parameter of each sort.
func bindJob(t *testing.T, params string) *Job {
	t.Helper()
	dir := write(t, map[string]string{"mulgil.yaml": "name: x\n", "jobs/j.sql": "/*---\ntarget: a\ndialect: duckdb\nparams:\n  " + strings.ReplaceAll(params, "\n", "\n  ") + "\n---*/\nSELECT 1\n"})
	return load(t, dir, "").Jobs[0]
}

func TestBindChecksTypesAndFormats(t *testing.T) {
	for _, c := range []struct{ param, text, want string }{
		{"{type: text}", "한글 ' x", "string 한글 ' x"},
		{"{type: text, format: yyyyMMdd}", "20140131", "string 20140131"},
		{"{type: text, format: yyyyMMdd}", "20140231", `!"20140231" is not a date of the form yyyyMMdd: there is no such day; write it as 20140131`},
		{"{type: text, format: yyyyMMdd}", "2014-01-31", `!"2014-01-31" is not a date of the form yyyyMMdd: MM wants 2 digits; write it as 20140131`},
		{"{type: text, format: yyyyMMdd}", "201401311", `!"201401311" is not a date of the form yyyyMMdd: "1" is left over; write it as 20140131`},
		{"{type: text, format: \"yyyy년 MM월\"}", "2014년 01월", "string 2014년 01월"},
		{"{type: text, pattern: '[a-z]+|x1'}", "abc", "string abc"},
		{"{type: text, pattern: '[a-z]+|x1'}", "abc1", `!"abc1" does not match the pattern [a-z]+|x1`},
		{"{type: int}", "-7", "int64 -7"},
		{"{type: int}", "2147483648", `!"2147483648" is not an int, a whole number from -2147483648 to 2147483647; write it as 42`},
		{"{type: bigint}", "9223372036854775807", "int64 9223372036854775807"},
		{"{type: bigint}", "1.0", `!"1.0" is not a bigint, a whole number of up to 18 digits; write it as 42`},
		{"{type: double}", "1e3", "float64 1000"},
		{"{type: double}", "NaN", `!"NaN" is not a number; write it as 1.5`},
		{"{type: decimal}", "12.50", "port.Decimal 12.50"},
		{"{type: \"decimal(4,2)\"}", "99.990", "port.Decimal 99.990"},
		{"{type: \"decimal(4,2)\"}", "100.00", `!"100.00" does not fit decimal(4,2); write it as 12.50`},
		{"{type: decimal}", "1e3", `!"1e3" is not a decimal number; write it as 12.50`},
		{"{type: boolean}", "TRUE", "bool true"},
		{"{type: boolean}", "1", `!"1" is neither true nor false; write it as true`},
		{"{type: date}", "2016-02-29", "time.Time 2016-02-29 00:00:00 +0000 UTC"},
		{"{type: date}", "2015-02-29", `!"2015-02-29" is not a date of the form yyyy-MM-dd: there is no such day; write it as 2014-01-31`},
		{"{type: date, format: dd.MM.yyyy}", "01.02.2014", "time.Time 2014-02-01 00:00:00 +0000 UTC"},
		{"{type: timestamp}", "2014-01-31T09:30:00", "time.Time 2014-01-31 09:30:00 +0000 UTC"},
		{"{type: timestamp}", "2014-01-31 09:30:00.250", "time.Time 2014-01-31 09:30:00.25 +0000 UTC"},
		{"{type: timestamp, format: yyyyMMddHH}", "2014013124", `!"2014013124" is not a timestamp of the form yyyyMMddHH: there is no such time; write it as 2014013109`},
		{"{enum: [sales, returns], identifier: true}", "sales", "string sales"},
		{"{enum: [sales, returns], identifier: true}", "sale", `!"sale" is not one of sales, returns; did you mean "sales"?`},
	} {
		j := bindJob(t, "P: "+c.param)
		v, err := j.Bind(map[string]string{"--P": c.text})
		got := ""
		if err != nil {
			if base.KindOf(err) != base.Usage {
				t.Errorf("kind of %v", err)
			}
			got = "!" + strings.TrimPrefix(err.Error(), "parameter P of job j: ")
			if h := hintOf(err.(base.Errors)[0]); h != "" {
				got += "; " + h
			}
		} else {
			got = fmt.Sprintf("%T %v", v[0].Go, v[0].Go)
			if _, ok := v[0].Go.(port.Decimal); ok {
				got = fmt.Sprintf("port.Decimal %v", v[0].Go)
			}
		}
		if got != c.want {
			t.Errorf("%s = %s:\n got %s\nwant %s", c.param, c.text, got, c.want)
		}
	}
}

func TestBindFillsDefaultsInOrder(t *testing.T) {
	j := bindJob(t, "B: {type: int}\nA: {default: 20140101}\nC: {required: false, type: date}\nD: {type: date, default: 2014-01-01}\nE: {default: ''}")
	j.Arguments["A"] = "x"
	v, err := j.Bind(map[string]string{"B": "1", "--JOB_NAME": "j", "JOB_NAME": "j", "--job-language": "python", "--enable-metrics": "", "--TempDir": "s3://x", "--conf": "a"})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(v)
	want := fmt.Sprint(Values{{Name: "B", Type: "int", Text: "1", Go: int64(1)}, {Name: "A", Type: "text", Text: "x", Go: "x"}, {Name: "C", Type: "date"},
		{Name: "D", Type: "date", Text: "2014-01-01", Go: time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)}, {Name: "E", Type: "text", Go: ""}})
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestBindReportsEveryArgument(t *testing.T) {
	j := bindJob(t, "EXTRACT_FROM: {format: yyyyMMdd}\nEXTRACT_TO: {format: yyyyMMdd}\nN: {type: int}")
	_, err := j.Bind(map[string]string{"extract_from": "20140101", "--EXTRACT_TO": "2014", "EXTRACT_TO": "20141231", "conf": "x", "N": ""})
	want := `job j has no parameter "conf"
hint: known: EXTRACT_FROM, EXTRACT_TO, N
job j has no parameter "extract_from"
hint: did you mean "EXTRACT_FROM"?
job j needs parameter EXTRACT_FROM
hint: add --arg EXTRACT_FROM=20140131
parameter EXTRACT_TO is given twice, with and without --
parameter EXTRACT_TO of job j: "2014" is not a date of the form yyyyMMdd: it is too short
hint: write it as 20140131
parameter N of job j: "" is not an int, a whole number from -2147483648 to 2147483647
hint: write it as 42`
	got := strings.Split(base.Render(err), "\n")
	if err == nil || strings.Join(sortedBlocks(got), "\n") != strings.Join(sortedBlocks(strings.Split(want, "\n")), "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if base.KindOf(err) != base.Usage {
		t.Error("kind", base.KindOf(err))
	}
}

// sortedBlocks drops nothing and keeps hints behind their messages.
func sortedBlocks(lines []string) []string {
	var out []string
	for _, l := range lines {
		if strings.HasPrefix(l, "hint: ") && len(out) > 0 {
			out[len(out)-1] += " | " + l
		} else {
			out = append(out, l)
		}
	}
	for i := range out {
		for k := i + 1; k < len(out); k++ {
			if out[k] < out[i] {
				out[i], out[k] = out[k], out[i]
			}
		}
	}
	return out
}
