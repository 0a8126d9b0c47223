package query

import (
	"time"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/query/history"
)

const propertyColumns = "catalog_name, property_name, default_value, type, description"

// metadataTables are the catalog system's schema metadata.
func metadataTables() map[string]systemTable {
	return map[string]systemTable{
		"catalogs": {"catalog_name, connector_id, connector_name", func(x *systemFill) error {
			return x.eachCatalog(func(c string) error { x.add(c, c, x.dir.connector(c)); return nil })
		}},
		"table_comments": {"catalog_name, schema_name, table_name, comment", func(x *systemFill) error {
			return x.eachCatalog(func(c string) error {
				return x.eachObject(c, func(schema string, o object) error {
					text, err := x.dir.comment(c, schema, o)
					x.add(c, schema, o.name, orNull(text))
					return err
				})
			})
		}},
		"schema_properties": {propertyColumns, nil}, "table_properties": {propertyColumns, nil}, "column_properties": {propertyColumns, nil}, "analyze_properties": {propertyColumns, nil},
		"materialized_view_properties": {propertyColumns, nil},
		"materialized_views":           {"catalog_name, schema_name, name, storage_catalog, storage_schema, storage_table, freshness, owner, comment, definition", nil},
	}
}

// runtimeTables are the catalog system's schema runtime.
func runtimeTables() map[string]systemTable {
	return map[string]systemTable{
		"nodes": {"node_id, http_uri, node_version, coordinator boolean, state", func(x *systemFill) error { x.add("mulgil", null, "mulgil", "true", "active"); return nil }},
		"queries": {"query_id, state, user, source, query, queued_time_ms bigint, analysis_time_ms bigint, planning_time_ms bigint, created timestamp(3)_with_time_zone, " +
			"started timestamp(3)_with_time_zone, last_heartbeat timestamp(3)_with_time_zone, end timestamp(3)_with_time_zone, error_type, error_code", queryRows},
		"transactions": {"transaction_id, isolation_level, read_only boolean, auto_commit_context boolean", nil},
	}
}

// shownQueries is how many statements of the past are told of.
const shownQueries = 1000

func queryRows(x *systemFill) error {
	h := x.c.s.o.History
	if h == nil {
		return nil
	}
	list, err := h.List(x.c.ctx, history.Filter{Limit: shownQueries})
	if err != nil {
		return err
	}
	states := map[history.State]string{history.Queued: "QUEUED", history.Running: "RUNNING", history.Succeeded: "FINISHED", history.Failed: "FAILED", history.Cancelled: "FAILED"}
	for _, r := range list {
		at := func(t *time.Time) string {
			if t == nil {
				return null
			}
			return t.UTC().Format("2006-01-02 15:04:05.000")
		}
		kind, code := null, null
		if r.Error != nil {
			kind, code = "USER_ERROR", orNull(r.Error.Code)
			if base.ParseKind(r.Error.Kind) == base.Internal {
				kind = "INTERNAL_ERROR"
			}
		}
		x.add(r.ID, states[r.State], orNull(r.User), orNull(r.Source), r.SQL, itoa(int(r.QueuedMS)), "0", "0", at(&r.SubmittedAt), at(r.StartedAt), at(&r.SubmittedAt), at(r.EndedAt), kind, code)
	}
	return nil
}
