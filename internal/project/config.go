package project

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lang/cron"
)

// config reads mulgil.yaml.
func (r *reader) config() error {
	s, e := readSource(r.root, File)
	if e != nil {
		r.add(e)
		r.blind = true
		return nil
	}
	doc, ok := r.parse(s, s.src)
	r.blind = doc == nil
	if doc == nil {
		if ok {
			r.add(base.Errorf(base.Invalid, "%s is empty", File).At(s.line(1, 1, 1)).WithHint("it needs at least name: NAME"))
		}
		return nil
	}
	merged, err := r.target(doc)
	if err != nil {
		return err
	}
	r.expand(merged)
	if err := r.check("mulgil.schema.json", merged, false); err != nil {
		return err
	}
	if merged.isMap() {
		r.settings(merged)
	}
	return nil
}

// target lays the chosen target over the rest and checks the shape of the others.
func (r *reader) target(doc *node) (*node, error) {
	targets := doc.get("targets")
	var known []string
	if targets.isMap() {
		for _, e := range targets.entries {
			known = append(known, e.key)
		}
	} else if targets != nil {
		r.add(targets.errorf("targets must be a mapping, not %s", targets.show()))
	}
	if !doc.isMap() {
		return doc, nil
	}
	rest := *doc
	rest.entries = nil
	for _, e := range doc.entries {
		if e.key != "targets" {
			rest.entries = append(rest.entries, e)
		}
	}
	if r.opts.Target != "" && !slices.Contains(known, r.opts.Target) {
		return nil, base.Errorf(base.Usage, "no target %q in %s", r.opts.Target, File).WithHint("%s", didYouMean(r.opts.Target, known))
	}
	result := &rest
	for _, name := range known {
		overlay := targets.entry(name).val
		if name == r.opts.Target && overlay.isMap() {
			if e := overlay.entry("name"); e != nil {
				r.add(e.at.errorf("a target cannot change the project's name"))
			}
			result = overlayNode(result, overlay)
		} else if err := r.check("mulgil.schema.json#/$defs/target", overlay, true); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// overlayNode is under with the keys of over: mappings are merged deeply, all
// else is replaced, and an empty value removes its key. A connection of another
// type replaces the one below it whole.
func overlayNode(under, over *node) *node {
	out := *under
	out.entries = slices.Clone(under.entries)
	for _, e := range over.entries {
		i := slices.IndexFunc(out.entries, func(o *entry) bool { return o.key == e.key })
		switch {
		case i < 0:
			out.entries = append(out.entries, e)
		case e.val.null():
			out.entries = slices.Delete(out.entries, i, i+1)
		case e.val.isMap() && out.entries[i].val.isMap() && !otherType(out.entries[i].val, e.val):
			out.entries[i] = &entry{key: e.key, at: e.at, val: overlayNode(out.entries[i].val, e.val)}
		default:
			out.entries[i] = e
		}
	}
	return &out
}

func otherType(under, over *node) bool {
	a, b := under.get("type"), over.get("type")
	return a != nil && b != nil && a.str() != b.str()
}

func (r *reader) settings(n *node) {
	p := r.p
	p.Name = n.get("name").str()
	if z := n.get("timezone"); z != nil {
		loc, err := cron.LoadZone(z.str())
		if err != nil {
			r.add(z.errorf("unknown time zone %s", z.show()).WithHint("write an IANA name such as Asia/Seoul or UTC"))
			loc = time.UTC
		}
		p.Timezone = loc
	}
	if d := n.get("database"); d != nil {
		p.Database = d.str()
		r.databaseName(d, d.str())
	}
	r.places[strings.ToLower(p.Database)] = n.get("database").place()
	if l := n.get("lake"); l != nil {
		p.LakeDir = r.home(l.str())
		if strings.Contains(l.str(), "://") {
			r.add(l.errorf("the lake must be a folder on this machine, not %s", l.show()).WithHint("give a folder; tables can lie elsewhere once object stores are supported"))
		}
	}
	p.Buckets = r.buckets(n.get("buckets"))
	p.Connections = r.connections(n.get("connections"))
	p.Limits = r.limits(n.get("limits"))
	p.KeyTables = r.keyTables(n.get("keyvalue"))
	if w := n.get("pgwire"); w != nil {
		p.PgwirePort = cmp.Or(w.get("port").integer(), defaultPgwirePort)
	}
	r.express = map[string]*node{}
	if w := n.get("workflows"); w.isMap() {
		for _, e := range w.entries {
			if e.val.get("type").str() == "EXPRESS" {
				r.express[e.key] = e.at
			}
		}
	}
	p.Notify = r.notify(n.get("notify"))
	p.Functions = r.functions(n.get("functions"))
	p.HTTP = r.httpConnections(n.get("http"))
}

// databaseName refuses names that cannot be a folder.
func (r *reader) databaseName(n *node, name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > 255 || strings.ContainsAny(name, "/\\\x00\n\r") {
		r.add(n.errorf("%q cannot be the name of a database", name))
		return false
	}
	return true
}

func (r *reader) buckets(n *node) map[string]string {
	out := map[string]string{}
	if n == nil {
		return out
	}
	for _, e := range n.entries {
		to := e.val.str()
		if isS3(e.key) {
			r.add(e.at.errorf("%q must be the bucket's name alone", e.key).WithHint("leave out s3:// and what follows the name"))
			continue
		}
		if strings.ContainsAny(e.key, "/\\") || e.key == "." || e.key == ".." || e.key == "" {
			r.add(e.at.errorf("%q is not the name of a bucket", e.key))
			continue
		}
		scheme, _, other := strings.Cut(to, "://")
		switch {
		case isS3(to):
		case scheme == "file" && other:
			path, err := r.p.Resolve(to)
			if err != nil {
				r.add(e.val.errorf("%w", err))
				continue
			}
			to = path
		case other:
			r.add(e.val.errorf("bucket %q must be a folder or an s3:// address, not %s", e.key, e.val.show()))
			continue
		default:
			to = r.home(to)
		}
		out[e.key] = to
	}
	return out
}

// defaultPgwirePort is beside PostgreSQL's own.
const defaultPgwirePort = 5439

func (r *reader) limits(n *node) Limits {
	l := Limits{Threads: n.get("threads").integer(), Disk: DiskFloor{Percent: 5}}
	l.Memory = r.size(n.get("memory"))
	l.ScannedBytes, l.ResultBytes = r.size(n.get("scanned_bytes")), r.size(n.get("result_bytes"))
	l.ResultRows = int64(n.get("result_rows").integer())
	l.ConcurrentQueries, l.QueuedQueries, l.WarmWorkers = n.get("concurrent_queries").integer(), n.get("queued_queries").integer(), n.get("warm_workers").integer()
	if c := n.get("result_cache"); c != nil {
		l.NoResultCache = !c.boolean()
	}
	if t := n.get("query_timeout"); t != nil {
		d, err := parseDuration(t.str())
		if err != nil {
			r.add(t.errorf("%w", err))
		}
		l.QueryTimeout = d
	}
	if h := n.get("history"); h != nil {
		l.History = r.history(h)
	}
	l.WorkflowPayload, l.WorkflowEvents = r.payload(n.get("workflow_payload")), r.events(n.get("workflow_events"))
	if d := n.get("disk"); d != nil {
		floor, err := parseDisk(d.str())
		if err != nil {
			r.add(d.errorf("disk: %w", err))
		}
		l.Disk = floor
	}
	return l
}

// history decodes how long what has ended is remembered; negative is for ever.
func (r *reader) history(n *node) time.Duration {
	if n.str() == "forever" {
		return -1
	}
	d, err := parseDuration(n.str())
	if _, isText := n.value.(string); err != nil && isText { // other types are the schema's to report
		r.add(n.errorf("%w", err).WithHint("90d is the usual time; forever removes nothing"))
	}
	return d
}

// unlimited lifts a limit.
const unlimited = "unlimited"

func (r *reader) payload(n *node) int {
	if n.str() == unlimited {
		return -1
	}
	return int(min(r.size(n), math.MaxInt))
}

func (r *reader) events(n *node) int64 {
	if n.str() == unlimited {
		return -1
	}
	if n != nil {
		if _, isText := n.value.(string); isText {
			r.add(n.errorf("workflow_events must be a number of events, not %s", n.show()).WithHint("write %s to lift the limit", unlimited))
		}
	}
	return int64(n.integer())
}

// size decodes a size in bytes; 0 for nil.
func (r *reader) size(n *node) int64 {
	if n.null() || n.kind != scalarNode {
		return 0
	}
	b, err := ParseSize(n.str())
	if err == nil && b == 0 {
		err = fmt.Errorf("%q is too small", n.str())
	}
	if err != nil {
		if _, isText := n.value.(string); isText { // a bare number is the schema's to report
			r.add(n.errorf("%w", err))
		}
	}
	return b
}

func parseDisk(s string) (DiskFloor, error) {
	if t, ok := strings.CutSuffix(strings.TrimSpace(s), "%"); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(t), 64)
		if err != nil || f < 0 || f >= 100 {
			return DiskFloor{}, fmt.Errorf("%q is not a share below 100%%", s)
		}
		return DiskFloor{Percent: f}, nil
	}
	b, err := ParseSize(s)
	if err != nil {
		return DiskFloor{}, fmt.Errorf("%q is neither a share nor a size; write 5%% or 10GB", s)
	}
	return DiskFloor{Bytes: b}, nil
}

// checkNames reports connections that SQL could not tell from a database:
// FROM shop.retail.purchase must mean one thing.
func (r *reader) checkNames() {
	reserved := []string{"awsdatacatalog", "system", "temp", "main", "memory", "information_schema", "pg_catalog"}
	for _, name := range slices.Sorted(maps.Keys(r.p.Connections)) {
		c := r.p.Connections[name]
		low := strings.ToLower(name)
		if slices.Contains(reserved, low) {
			r.add(base.Errorf(base.Invalid, "connection name %q is reserved", name).At(c.Place).WithHint("give the connection another name"))
		}
		at, clash := r.places[low]
		if !clash {
			continue
		}
		where := "it is the default database"
		if at != nil {
			where = "the database is named at " + at.String()
		}
		r.add(base.Errorf(base.Invalid, "connection %q has the name of a database", name).At(c.Place).
			WithHint("%s; rename one, so that SQL can tell them apart", where))
	}
	r.connectionTwins()
}

// connectionTwins reports names that differ in letter case only.
func (r *reader) connectionTwins() {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.p.Connections)) {
		low := strings.ToLower(name)
		if other, ok := seen[low]; ok {
			r.add(base.Errorf(base.Invalid, "connections %q and %q differ in letter case only", other, name).
				At(r.p.Connections[name].Place).WithHint("SQL does not tell them apart; rename one"))
		}
		seen[low] = name
	}
}
