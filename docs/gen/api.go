package main

import (
	"bytes"
	"fmt"

	"github.com/mulgil/mulgil/internal/app"
)

// api is the page of the HTTP operations.
func api() []byte {
	var b bytes.Buffer
	b.WriteString(`# API

` + "`mulgil up`" + ` serves these operations on 127.0.0.1. A request names its fields in the
path, the query or a JSON body; every answer is JSON. All need the project's
token, as a bearer token or as the cookie that the printed address sets. An
operation marked ⋯ may take long: with ` + "`Accept: application/x-ndjson`" + ` it sends
lines of progress, then one line with the result or the error. ` + "`/healthz`, `/readyz`" + `
and ` + "`/metrics`" + ` stand beside them.

| operation | request | what it does |
|---|---|---|
`)
	for _, o := range app.Operations() {
		long := ""
		if o.Streams {
			long = " ⋯"
		}
		fmt.Fprintf(&b, "| %s | `%s %s` | %s%s |\n", o.Name, o.Method, o.Path, o.Summary, long)
	}
	return b.Bytes()
}
