package js

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestCheckTellsWhere(t *testing.T) {
	e := evaluator(t, Options{})
	for expr, at := range map[string]string{
		`1 + ]`:          "]",
		`"한글" & {"a":}`:  "}",
		`$states.input[`: "",
		`a[1,2)`:         ",2)",
	} {
		err := e.Check(context.Background(), expr)
		var fault *Error
		if !errors.As(err, &fault) || fault.Offset < 0 || !strings.HasPrefix(expr[fault.Offset:], at) {
			t.Errorf("%s: %v %+v", expr, err, fault)
		}
	}
	if err := e.Check(context.Background(), `$states.input`); err != nil {
		t.Error(err)
	}
}

func TestReferences(t *testing.T) {
	e := evaluator(t, Options{})
	for expr, want := range map[string]string{
		`$states.input.a.b[0].c & $v`:                          `var states input a b@0; var v@25`,
		`$states.result`:                                       `var states result@0`,
		`"한글" & $x.y`:                                          `var x y@11`,
		`$states.input.items[id = $id].name`:                   `var states input items@0; var id@25`,
		`($x := $states.input; $x.y + $z)`:                     `var states input@7; var z@29`,
		`$map($l, function($v, $i){ $v + $i + $w })`:           `var l@5; var w@37; func map@0`,
		`($f := function($n){ $n = 0 ? 1 : $f($n-1) }; $f(3))`: ``,
		`$states.input ~> $keys`:                               `var states input@0; func keys@17`,
		`phone`:                                                `name phone@0`,
		`$a.phone[x].y{z: w}`:                                  `var a phone@0`,
		`[phone, {"k": other.b}]`:                              `name phone@1; name other@14`,
		`$$`:                                                   `var $@0`,
		`$`:                                                    `var @0`,
		`$states.list[$ > 1].($ + 1)`:                          `var states list@0`,
		`$l^(>price).x`:                                        `var l@0`,
		`$l@$m.x.($m.y)`:                                       `var l@0`,
		`$states.input ~> |a|{"b": c}|`:                        `var states input@0`,
		`$not($exists($eval("1")))`:                            `func not@0; func exists@5; func eval@13`,
	} {
		r, err := e.References(context.Background(), expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		var got []string
		add := func(kind string, refs []Reference) {
			for _, x := range refs {
				got = append(got, strings.Join(append([]string{kind, x.Name}, x.Path...), " ")+"@"+strconv.Itoa(x.Offset))
			}
		}
		add("var", r.Variables)
		add("func", r.Functions)
		add("name", r.Names)
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s\n got %s\nwant %s", expr, s, want)
		}
	}
}
