package worker

import (
	"errors"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
)

func engineError(kind base.Kind, words string) error {
	_, msg, _ := strings.Cut(words, ": ")
	return &base.Error{Kind: kind, Msg: msg, Err: errors.New(words), Place: &base.Place{Line: 1, Col: 8}}
}

func TestEngineErrorsTakeTrinosNames(t *testing.T) {
	c := &child{task: Task{Select: &Select{Types: []string{"bigint"}}}}
	c.task.Engine.TempDir = "/프로젝트/.mulgil/tmp/work-1"
	for _, x := range []struct{ words, code, msg string }{
		{`Invalid Input Error: [[INVALID_FUNCTION_ARGUMENT]] invalid format: "가"`, "INVALID_FUNCTION_ARGUMENT", `invalid format: "가"`},
		{"Out of Range Error: Overflow in addition of INT64 (1 + 2)!", "NUMERIC_VALUE_OUT_OF_RANGE", ""},
		{"Conversion Error: Could not convert string 'abc' to INT32", "INVALID_CAST_ARGUMENT", ""},
		{"Conversion Error: Type INT64 with value 99999999999 can't be cast because the value is out of range for the destination type INT32", "NUMERIC_VALUE_OUT_OF_RANGE", ""},
		{"Invalid Input Error: More than one row returned by a subquery used as an expression", "SUBQUERY_MULTIPLE_ROWS", ""},
		{`Binder Error: Max expression depth limit of 1000 exceeded. Use "SET max_expression_depth TO x" to increase the maximum expression depth.`, "STACK_OVERFLOW", ""},
		{"Binder Error: something else", "GENERIC_INTERNAL_ERROR", "something else"},
		{"Out of Memory Error: could not allocate block of size 256.0 KiB", "EXCEEDED_LOCAL_MEMORY_LIMIT", ""},
		{`Out of Memory Error: failed to offload data block of size 256.0 KiB (9.0 GiB/9.0 GiB used). This limit was set by the 'max_temp_directory_size' setting.`, "OUT_OF_SPILL_SPACE", "the disk is full: what does not fit into memory is put into /프로젝트/.mulgil/tmp, which has no room left"},
		{`IO Error: Could not write file "/프로젝트/.mulgil/tmp/work-1/duckdb_temp_storage_DEFAULT-0.tmp": No space left on device`, "OUT_OF_SPILL_SPACE", ""},
	} {
		err := c.sqlError(engineError(base.Invalid, x.words))
		var e *base.Error
		if base.CodeOf(err) != x.code || !errors.As(err, &e) || x.msg != "" && e.Msg != x.msg || e.Place != nil && x.code != "EXCEEDED_LOCAL_MEMORY_LIMIT" {
			t.Errorf("%s: %s %v", x.words, base.CodeOf(err), err)
		}
	}
}
