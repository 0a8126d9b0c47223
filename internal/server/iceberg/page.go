package iceberg

import (
	"encoding/base64"
	"net/http"
	"sort"
	"strconv"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
)

// maxPage bounds a page that a client asks for without a size.
const maxPage = 1000

// page is the part of sorted names a request asks for, and the token of what
// follows; without pageToken it is all of them, as the protocol wants. A token
// holds the last name given, so that names that come and go between two
// pages neither repeat nor hide others.
func page(r *http.Request, names []string) (part []string, next string, err error) {
	q := r.URL.Query()
	size := maxPage
	if s := q.Get("pageSize"); s != "" {
		if size, err = strconv.Atoi(s); err != nil || size < 1 {
			return nil, "", base.Errorf(base.Invalid, "pageSize %q is not a positive number", s)
		}
	}
	if !q.Has("pageToken") {
		return names, "", nil
	}
	last, err := base64.RawURLEncoding.DecodeString(q.Get("pageToken"))
	if err != nil {
		return nil, "", base.Errorf(base.Invalid, "pageToken %q is not one of this catalog", q.Get("pageToken"))
	}
	if len(last) > 0 {
		names = names[sort.Search(len(names), func(i int) bool { return names[i] > string(last) }):]
	}
	if len(names) <= size {
		return names, "", nil
	}
	return names[:size], base64.RawURLEncoding.EncodeToString([]byte(names[size-1])), nil
}

func listing(v map[string]any, next string) map[string]any {
	if next != "" {
		v["next-page-token"] = next
	}
	return v
}

// identifiers answers a list of tables or views.
func (k *call) identifiers(db string, names []string) error {
	names, next, err := page(k.r, names)
	if err != nil {
		return err
	}
	list := make([]identifier, len(names))
	for i, n := range names {
		list[i] = identifier{[]string{db}, n}
	}
	return k.reply(listing(map[string]any{"identifiers": list}, next))
}

// loaded is a table or view as clients want it.
type loaded struct {
	Location string            `json:"metadata-location,omitempty"`
	Metadata any               `json:"metadata"`
	Config   map[string]string `json:"config"`
}

func answer(d lake.Doc) loaded { return loaded{d.MetadataLocation, d.Metadata, map[string]string{}} }
