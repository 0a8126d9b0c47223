package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	icebergio "github.com/apache/iceberg-go/io"
	icetable "github.com/apache/iceberg-go/table"
)

func openCatalog(t *testing.T) (*Catalog, *Store, string) {
	t.Helper()
	s := openTemp(t)
	c, err := NewCatalog(t.Context(), s, "mulgil", func(string) icebergio.IO { return icebergio.LocalFS{} })
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CreateNamespace(t.Context(), []string{"은"}, iceberg.Properties{"owner": "me"}); err != nil {
		t.Fatal(err)
	}
	return c, s, t.TempDir()
}

func newIceberg(t *testing.T, c *Catalog, dir, name string) *icetable.Table {
	t.Helper()
	schema := iceberg.NewSchema(0, iceberg.NestedField{ID: 1, Name: "id", Type: iceberg.PrimitiveTypes.Int64})
	spec := iceberg.NewPartitionSpec(iceberg.PartitionField{SourceIDs: []int{1}, FieldID: 1000, Name: "id", Transform: iceberg.IdentityTransform{}})
	tbl, err := c.CreateTable(t.Context(), []string{"은", name}, schema, catalog.WithLocation(filepath.Join(dir, name)), catalog.WithPartitionSpec(&spec),
		catalog.WithProperties(iceberg.Properties{"format-version": "2", "write.metadata.delete-after-commit.enabled": "true", "write.metadata.previous-versions-max": "2"}))
	if err != nil {
		t.Fatal(err)
	}
	return tbl
}

// set is a commit that sets property k to v on the table as t shows it.
func set(t *icetable.Table, k, v string) icetable.TableCommit {
	return icetable.TableCommit{Identifier: t.Identifier(), Requirements: []icetable.Requirement{icetable.AssertTableUUID(t.Metadata().TableUUID())},
		Updates: []icetable.Update{icetable.NewSetPropertiesUpdate(iceberg.Properties{k: v})}}
}

func metadataFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(p string, _ fs.DirEntry, _ error) error {
		if strings.HasSuffix(p, ".metadata.json") {
			n++
		}
		return nil
	})
	return n
}

func TestCatalogCreatesLoadsRenamesAndDrops(t *testing.T) {
	ctx := t.Context()
	c, _, dir := openCatalog(t)
	tbl := newIceberg(t, c, dir, "하나")
	if spec := tbl.Spec(); tbl.Metadata().Version() != 2 || spec.NumFields() != 1 || len(tbl.Metadata().PartitionSpecs()) != 1 || tbl.Schema().NumFields() != 1 {
		t.Fatalf("table %v", tbl.Metadata())
	}
	if _, err := c.CreateTable(ctx, tbl.Identifier(), tbl.Schema(), catalog.WithLocation(filepath.Join(dir, "x"))); !errors.Is(err, icetable.ErrCommitFailed) {
		t.Fatalf("created twice: %v", err)
	}
	if _, err := c.RenameTable(ctx, tbl.Identifier(), []string{"은", "둘"}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for id, err := range c.ListTables(ctx, []string{"은"}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.Join(id, "."))
	}
	if strings.Join(names, " ") != "은.둘" {
		t.Fatalf("tables %v", names)
	}
	if err := c.DropNamespace(ctx, []string{"은"}); !errors.Is(err, catalog.ErrNamespaceNotEmpty) {
		t.Fatalf("drop namespace: %v", err)
	}
	if err := c.DropTable(ctx, []string{"은", "둘"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.LoadTable(ctx, []string{"은", "둘"}); !errors.Is(err, catalog.ErrNoSuchTable) {
		t.Fatalf("load: %v", err)
	}
	sum, err := c.UpdateNamespaceProperties(ctx, []string{"은"}, []string{"owner", "none"}, iceberg.Properties{"a": "b"})
	if err != nil || len(sum.Removed) != 1 || len(sum.Missing) != 1 || len(sum.Updated) != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if p, err := c.LoadNamespaceProperties(ctx, []string{"은"}); err != nil || p["a"] != "b" || p["owner"] != "" {
		t.Fatalf("%v, %v", p, err)
	}
	if err := c.DropNamespace(ctx, []string{"은"}); err != nil {
		t.Fatal(err)
	}
	if l, err := c.ListNamespaces(ctx, nil); err != nil || len(l) != 0 {
		t.Fatalf("namespaces %v, %v", l, err)
	}
}

func TestCommitTransactionIsAllOrNothing(t *testing.T) {
	ctx := t.Context()
	c, store, dir := openCatalog(t)
	a, b := newIceberg(t, c, dir, "a"), newIceberg(t, c, dir, "b")
	refused := errors.New("refused")
	err := c.CommitWith(ctx, []icetable.TableCommit{set(a, "k", "1"), set(b, "k", "1")}, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRow(`SELECT count(*) FROM iceberg_tables WHERE metadata_location LIKE '%/00001-%'`).Scan(&n); err != nil || n != 2 {
			t.Errorf("%d pointers moved before the refusal, %v", n, err)
		}
		return refused
	})
	if !errors.Is(err, refused) || metadataFiles(t, dir) != 2 {
		t.Fatalf("err %v, %d metadata files", err, metadataFiles(t, dir))
	}
	// The second table's requirement fails: the first stays as it was.
	wrong := set(b, "k", "1")
	wrong.Requirements = append(wrong.Requirements, icetable.AssertCurrentSchemaID(99))
	if err := c.CommitTransaction(ctx, []icetable.TableCommit{set(a, "k", "1"), wrong}); !errors.Is(err, icetable.ErrCommitFailed) || metadataFiles(t, dir) != 2 {
		t.Fatalf("err %v, %d metadata files", err, metadataFiles(t, dir))
	}
	if err := c.CommitTransaction(ctx, []icetable.TableCommit{set(a, "k", "1"), set(b, "k", "2")}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "1", "b": "2"} {
		tbl, err := c.LoadTable(ctx, []string{"은", name})
		if err != nil || tbl.Properties()["k"] != want {
			t.Fatalf("%s: %v, %v", name, tbl.Properties(), err)
		}
	}
	var prev string
	if err := store.Reader().QueryRow(`SELECT previous_metadata_location FROM iceberg_tables WHERE table_name = 'a'`).Scan(&prev); err != nil || prev != a.MetadataLocation() {
		t.Fatalf("previous %q, %v", prev, err)
	}
}

func TestLostRaceIsRetryable(t *testing.T) {
	ctx := context.Background()
	c, store, dir := openCatalog(t)
	a := newIceberg(t, c, dir, "a")
	// Another program moves the pointer between staging and swap.
	staged, err := c.stage(ctx, []icetable.TableCommit{set(a, "k", "mine")})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CommitTransaction(ctx, []icetable.TableCommit{set(a, "k", "theirs")}); err != nil {
		t.Fatal(err)
	}
	err = store.Update(ctx, func(tx *sql.Tx) error { return c.Repoint(ctx, tx, a.Identifier(), staged[0].old, staged[0].new) })
	if !errors.Is(err, icetable.ErrCommitFailed) {
		t.Fatalf("lost race: %v", err)
	}
	if err := c.discard(staged); err != nil || metadataFiles(t, dir) != 2 {
		t.Fatalf("%v, %d metadata files", err, metadataFiles(t, dir))
	}
	// iceberg-go's own retry works through LoadTable and CommitTable.
	stale := a.NewTransaction()
	if err := stale.SetProperties(iceberg.Properties{"commit.retry.num-retries": "3", "late": "yes"}); err != nil {
		t.Fatal(err)
	}
	after, err := stale.Commit(ctx)
	if err != nil || after.Properties()["k"] != "theirs" || after.Properties()["late"] != "yes" {
		t.Fatalf("%v, %v", after, err)
	}
}

func TestOldMetadataIsTrimmedAsTheTableAsks(t *testing.T) {
	c, _, dir := openCatalog(t)
	a := newIceberg(t, c, dir, "a")
	for _, v := range []string{"1", "2", "3", "4", "5"} {
		if _, _, err := c.CommitTable(t.Context(), a.Identifier(), nil, set(a, "k", v).Updates); err != nil {
			t.Fatal(err)
		}
	}
	if n := metadataFiles(t, dir); n != 3 {
		t.Fatalf("%d metadata files, want the current and two before", n)
	}
}
