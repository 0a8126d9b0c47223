package query_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ice "github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/query"
)

// theirs commits a change of another program to a table of sales.
func (b *bench) theirs(name string, change func(tx *icetable.Transaction, spec ice.PartitionSpec) error) {
	b.Helper()
	n := lake.Name{Database: "sales", Table: name}
	doc, err := b.lake.LoadDoc(b.Context(), n)
	b.ok(err)
	meta, err := icetable.ParseMetadataBytes(doc.Metadata)
	b.ok(err)
	fs := lake.NewIO(nil)(meta.Location())
	tx := icetable.New([]string{"sales", name}, meta, doc.MetadataLocation, func(context.Context) (icebergio.IO, error) { return fs, nil }, nil).NewTransaction()
	b.ok(change(tx, meta.PartitionSpec()))
	c, err := tx.TableCommit()
	b.ok(err)
	reqs, err := json.Marshal(c.Requirements)
	b.ok(err)
	updates, err := json.Marshal(c.Updates)
	b.ok(err)
	_, err = b.lake.CommitDocs(b.Context(), []lake.Change{{Name: n, Requirements: reqs, Updates: updates}})
	b.ok(err)
}

// deletes commits a delete file: rows of a query, written with these field ids.
func (b *bench) deletes(table, rowsOf, ids string, rows int64, partition map[int]any, keys ...int) {
	b.Helper()
	path := filepath.Join(b.dir, "lake", "sales", table, "data", fmt.Sprintf("del-%d-%x.parquet", rows, len(rowsOf)))
	if ids != "" {
		ids = ", FIELD_IDS " + ids
	}
	b.engine("COPY (" + rowsOf + ") TO '" + path + "' (FORMAT parquet" + ids + ")")
	st, err := os.Stat(path)
	b.ok(err)
	b.theirs(table, func(tx *icetable.Transaction, spec ice.PartitionSpec) error {
		content := ice.EntryContentPosDeletes
		if len(keys) > 0 {
			content = ice.EntryContentEqDeletes
		}
		f, err := ice.NewDataFileBuilder(spec, content, path, ice.ParquetFile, partition, nil, nil, rows, st.Size())
		if err != nil {
			return err
		}
		if len(keys) > 0 {
			f = f.EqualityFieldIDs(keys)
		}
		return tx.NewRowDelta(nil).AddDeletes(f.Build()).Commit(b.Context())
	})
}

// filesOf are the data files of a partition by one field.
func (b *bench) filesOf(table, field, value string) []string {
	b.Helper()
	list, err := b.lake.DataFiles(b.Context(), lake.Name{Database: "sales", Table: table})
	b.ok(err)
	var out []string
	for _, f := range list {
		if p := f.Partition[field]; p != nil && *p == value {
			out = append(out, f.Path)
		}
	}
	return out
}

// deleteFiles wants this many files of row deletes in the table and on disk.
func (b *bench) deleteFiles(table string, want, disk int) {
	b.Helper()
	b.gives(`SELECT count(*) FROM "`+table+`$files" WHERE content <> 0`, fmt.Sprint(want))
	found := 0
	for _, f := range b.filesBelow("lake/sales/" + table + "/data") {
		if strings.HasPrefix(filepath.Base(f), "del-") {
			found++
		}
	}
	if found != disk {
		b.Errorf("%d delete files on disk, want %d", found, disk)
	}
}

func TestOptimizeMergesRowDeletes(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (id bigint, 도시 varchar) WITH (partitioning = ARRAY['도시'])")
	b.do("INSERT INTO t VALUES (1, '서울'), (2, '서울'), (3, '서울'), (4, '부산'), (5, '부산'), (6, NULL)")
	b.do("INSERT INTO t VALUES (7, '부산')")
	seoul := b.filesOf("t", "도시", "서울")[0]
	b.deletes("t", "SELECT 'file:"+seoul+"' AS file_path, 1::BIGINT AS pos", "", 1, map[int]any{1000: "서울"})
	b.deletes("t", "SELECT 4::BIGINT AS id UNION ALL SELECT 99", "{id: 1}", 2, map[int]any{1000: "부산"}, 1)
	b.do("INSERT INTO t VALUES (4, '부산')") // is newer than the delete
	live := []string{"1 서울", "3 서울", "4 부산", "5 부산", "6 NULL", "7 부산"}
	b.gives("SELECT * FROM t ORDER BY id", live...)
	b.deleteFiles("t", 2, 2)
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE 도시 = '서울'")
	b.gives("SELECT * FROM t ORDER BY id", live...)
	b.deleteFiles("t", 1, 2)
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK")
	b.gives("SELECT * FROM t ORDER BY id", live...)
	b.deleteFiles("t", 0, 2)
	b.gives(`SELECT count(*), sum(record_count) FROM "t$files"`, "3 6")
	b.gives(`SELECT operation FROM "t$snapshots" ORDER BY committed_at DESC LIMIT 1`, "replace")
	b.do("INSERT INTO t VALUES (8, '제주')")
	b.do("ALTER TABLE t SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='0')")
	b.do("VACUUM t")
	b.deleteFiles("t", 0, 0)
	b.gives("SELECT * FROM t ORDER BY id", append(live, "8 제주")...)
	b.gives(`SELECT count(*) FROM "t$snapshots"`, "1")
	if n := len(b.filesBelow("lake/sales/t/data")); n != 4 {
		t.Errorf("%d files on disk", n)
	}
}

func TestVacuumLeavesDeletesThatAreRead(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (id bigint)")
	b.do("INSERT INTO t VALUES 1, 2, 3")
	b.do("ALTER TABLE t SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='0')")
	b.deletes("t", "SELECT 2::BIGINT AS id", "{id: 1}", 1, nil, 1)
	n := lake.Name{Database: "sales", Table: "t"}
	v, err := b.lake.Pin(t.Context(), []lake.Name{n})
	b.ok(err)
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK")
	b.do("VACUUM t")
	b.deleteFiles("t", 0, 1)
	s, err := v.Scan(t.Context(), n, nil)
	b.ok(err)
	if len(s.Files) != 1 || len(s.Files[0].Keys) != 1 {
		t.Errorf("%+v", s.Files)
	}
	for _, f := range query.Managed(lake.Name{Database: "db", Table: "t"}, s).Files {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
	v.Release()
	b.do("VACUUM t")
	b.deleteFiles("t", 0, 0)
	b.gives("SELECT * FROM t ORDER BY id", "1", "3")
}

func TestOptimizeKeepsDeletesThatOtherFilesNeed(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (id bigint, 도시 varchar) WITH (partitioning = ARRAY['bucket(2, id)'])")
	b.do("INSERT INTO t VALUES (1, '가'), (3, '가'), (4, '나'), (6, '가')")
	zero, one := b.filesOf("t", "bucket(2, id)", "0"), b.filesOf("t", "bucket(2, id)", "1")
	if len(zero) != 1 || len(one) != 1 {
		t.Fatal(zero, one)
	}
	_, h, err := b.ask("SELECT id FROM t ORDER BY id")
	b.ok(err)
	b.deletes("t", "SELECT '"+zero[0]+"' AS file_path, 0::BIGINT AS pos", "", 1, map[int]any{1000: int32(0)})
	b.deletes("t", "SELECT '"+one[0]+"' AS file_path, 0::BIGINT AS pos WHERE true", "", 1, map[int]any{1000: int32(1)})
	_, left, err := b.ask("SELECT id FROM t ORDER BY id")
	b.ok(err)
	if len(left.rows) != len(h.rows)-2 {
		t.Fatalf("%d rows are left of %d", len(left.rows), len(h.rows))
	}
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK WHERE id = " + fmt.Sprint(left.rows[0][0]))
	b.deleteFiles("t", 1, 2)
	b.gives("SELECT id FROM t ORDER BY id", left.lines()...)
	b.do("DELETE FROM t")
	b.deleteFiles("t", 1, 2) // nothing it applies to is left
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK")
	b.deleteFiles("t", 0, 2)
	b.gives("SELECT count(*) FROM t", "0")
}

func TestAFileWhoseRowsAreAllDeletedGoes(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (id bigint)")
	b.do("INSERT INTO t VALUES 1, 2")
	b.deletes("t", "SELECT 1::BIGINT AS id UNION ALL SELECT 2", "{id: 1}", 2, nil, 1)
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK")
	b.gives(`SELECT count(*) FROM "t$files"`, "0")
	b.gives("SELECT count(*) FROM t", "0")
}

// meddler copies files while another program deletes a row of them.
type meddler struct{ b *bench }

func (m meddler) Rewrite(_ context.Context, task lake.RewriteTask) ([]string, error) {
	m.b.deletes("t", "SELECT 2::BIGINT AS id", "{id: 1}", 1, nil, 1)
	path := filepath.Join(task.Dir, task.FilePrefix+"x.parquet")
	var from []string
	for _, f := range task.Files {
		from = append(from, "'"+f.Path+"'")
	}
	m.b.engine("COPY (FROM read_parquet([" + strings.Join(from, ", ") + "])) TO '" + path + "' (FORMAT parquet, FIELD_IDS {id: 1})")
	return []string{path}, nil
}

func TestRowsDeletedDuringOptimizeStayDeleted(t *testing.T) {
	b := newSQL(t)
	b.do("CREATE TABLE t (id bigint)")
	b.do("INSERT INTO t VALUES 1, 2")
	b.do("INSERT INTO t VALUES 3")
	_, err := b.lake.Optimize(t.Context(), lake.Name{Database: "sales", Table: "t"}, lake.OptimizeOptions{MinFiles: 2}, meddler{b})
	if base.KindOf(err) != base.Conflict || !strings.Contains(err.Error(), "rows of it were deleted") {
		t.Errorf("%v", err)
	}
	b.gives("SELECT id FROM t ORDER BY id", "1", "3")
	b.do("OPTIMIZE t REWRITE DATA USING BIN_PACK")
	b.gives("SELECT id FROM t ORDER BY id", "1", "3")
	b.deleteFiles("t", 0, 1)
}
