package keyvalue_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/base/attribute"
)

// peerCase is a call with the answer of another program, see
// test/peers/dynamo_cases.py.
type peerCase struct {
	Item       json.RawMessage
	Op         string
	Input      json.RawMessage
	Answer     map[string]json.RawMessage
	Code, Text string
	After      json.RawMessage
}

// TestPeerAnswersAreOurs poses the calls of a file that test/peers made.
func TestPeerAnswersAreOurs(t *testing.T) {
	file := os.Getenv("MULGIL_DYNAMO_CASES")
	if file == "" {
		t.Skip("no cases here: test/peers/run.sh dynamo makes them")
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, ctx := open(t), context.Background()
	parse := func(text json.RawMessage) attribute.Item {
		if len(text) == 0 || string(text) == "null" {
			return nil
		}
		i, err := attribute.ParseItem(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return i
	}
	const key = `{"TableName":"plain","Key":{"id":{"S":"a"}}}`
	posed, texts := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c peerCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		posed++
		before := `{"TableName":"plain","Item":` + string(c.Item) + `}`
		if _, err := s.Call(ctx, "DeleteItem", []byte(key), ""); err != nil {
			t.Fatal(err)
		}
		if parse(c.Item) != nil {
			if _, err := s.Call(ctx, "PutItem", []byte(before), ""); err != nil {
				t.Fatalf("%s: %v", before, err)
			}
		}
		got, err := s.Call(ctx, c.Op, c.Input, "")
		after, err2 := s.Call(ctx, "GetItem", []byte(key), "")
		if err2 != nil {
			t.Fatal(err2)
		}
		same := base.CodeOf(err) == c.Code && got.Item.Equal(parse(c.Answer["Item"])) && got.Attributes.Equal(parse(c.Answer["Attributes"])) &&
			(err != nil || after.Item.Equal(parse(c.After)))
		if !same {
			t.Errorf("%s %s\non   %s\ngot  %s, %v, then %s\nwant %s, %s %s, then %s", c.Op, c.Input, c.Item, attribute.Encode(got.JSON(attribute.Wire)), err,
				attribute.Encode(after.Item.JSON(attribute.Wire)), c.Answer, c.Code, c.Text, c.After)
		}
		if err != nil && err.Error() == c.Text {
			texts++
		}
	}
	if posed < 100 || lines.Err() != nil {
		t.Fatalf("%d cases, %v", posed, lines.Err())
	}
	t.Logf("%d cases, %d mistakes in equal words", posed, texts)
}
