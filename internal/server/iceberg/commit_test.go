package iceberg_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mulgil/mulgil/internal/lake"
)

func TestCommitIsSeenAtOnceAndStaleOnesConflict(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.create("t", nil)
	_, first := w.append("t", 1, 2)
	_, stale := w.append("t", 3)
	out := w.want(200, "", "POST", ns+"/tables/t", first)
	w.equal("planned", w.planned("t"), []string{"f1.parquet"})
	w.want(409, "CommitFailedException", "POST", ns+"/tables/t", stale)
	w.want(409, "CommitFailedException", "POST", ns+"/tables/t", first)
	w.equal("planned", w.planned("t"), []string{"f1.parquet"})
	if at(out, "metadata-location") == "" || at(out, "metadata", "snapshots", 0, "snapshot-id") == nil {
		t.Fatal(out)
	}
	_, again := w.append("t", 3)
	w.want(200, "", "POST", ns+"/tables/t", again)
	w.equal("planned", w.planned("t"), []string{"f1.parquet", "f3.parquet"})
	out = w.want(200, "", "GET", ns+"/tables/t?snapshots=refs", nil)
	w.equal("snapshots of refs", len(at(out, "metadata", "snapshots").([]any)), 1)
	w.equal("all snapshots", len(at(w.want(200, "", "GET", ns+"/tables/t?snapshots=all", nil), "metadata", "snapshots").([]any)), 2)
	w.want(400, "BadRequestException", "GET", ns+"/tables/t?snapshots=some", nil)
	w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"requirements": []obj{}})
	w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "no-such-update"}}})
	w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "set-current-schema", "schema-id": 9}}})
	w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "upgrade-format-version", "format-version": 3}}})
	w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "set-properties", "updates": obj{"mulgil.write-id": "x"}}}})
	w.want(404, "NoSuchTableException", "POST", ns+"/tables/none", again)
}

func TestFilesAreDurableBeforeThePointerMoves(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.create("t", nil)
	path, commit := w.append("t", 1)
	w.events = nil
	w.want(200, "", "POST", ns+"/tables/t", commit)
	swap := slices.Index(w.events, "step before-swap")
	for _, want := range []string{"sync " + path, "sync " + filepath.Dir(path), "sync " + w.root + "/은/t/metadata", "step metadata-written"} {
		if i := slices.Index(w.events, want); i < 0 || i > swap {
			t.Errorf("%q at %d, the swap at %d of %q", want, i, swap, w.events)
		}
	}
	var lists, metas int
	for _, e := range w.events[:swap] {
		if strings.HasPrefix(e, "sync ") && strings.HasSuffix(e, ".avro") {
			lists++
		}
		if strings.HasPrefix(e, "sync ") && strings.HasSuffix(e, ".metadata.json") {
			metas++
		}
	}
	w.equal("manifest, list and metadata synced", []int{lists, metas}, []int{2, 1})
}

func TestACommitThatFailsBeforeTheSwapIsKnownToHaveFailed(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.create("t", nil)
	_, commit := w.append("t", 1)
	for _, step := range []string{"metadata-written", "before-swap"} {
		w.hook = func(s string) error {
			if s == step {
				return errors.New("the disk broke")
			}
			return nil
		}
		w.want(503, "ServiceUnavailableException", "POST", ns+"/tables/t", commit)
	}
	w.hook = nil
	found, _ := filepath.Glob(w.root + "/은/t/metadata/*.metadata.json")
	w.equal("metadata files", len(found), 1)
	w.want(200, "", "POST", ns+"/tables/t", commit) // the client may try again
}

func TestStagedTableBeginsWithItsFirstCommit(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	spec := obj{"spec-id": 0, "fields": []obj{{"source-id": 1, "field-id": 1000, "transform": "identity", "name": "region"}}}
	out := w.want(200, "", "POST", ns+"/tables", body("t", obj{"stage-create": true, "partition-spec": spec}))
	if out["metadata-location"] != nil {
		t.Fatal(out)
	}
	w.want(404, "NoSuchTableException", "GET", ns+"/tables/t", nil)
	meta := out["metadata"].(obj)
	updates := []obj{{"action": "assign-uuid", "uuid": meta["table-uuid"]}, {"action": "upgrade-format-version", "format-version": 2},
		{"action": "add-schema", "schema": at(meta, "schemas", 0), "last-column-id": meta["last-column-id"]}, {"action": "set-current-schema", "schema-id": -1},
		{"action": "add-spec", "spec": at(meta, "partition-specs", 0)}, {"action": "set-default-spec", "spec-id": -1},
		{"action": "add-sort-order", "sort-order": at(meta, "sort-orders", 0)}, {"action": "set-default-sort-order", "sort-order-id": -1},
		{"action": "set-location", "location": meta["location"]}, {"action": "set-properties", "updates": obj{"k": "v"}}}
	create := obj{"requirements": []obj{{"type": "assert-create"}}, "updates": updates}
	w.want(404, "NoSuchTableException", "POST", ns+"/tables/t", obj{"requirements": []obj{}, "updates": updates})
	made := w.want(200, "", "POST", ns+"/tables/t", create)["metadata"]
	w.equal("one spec, the table's", []any{len(at(made, "partition-specs").([]any)), at(made, "default-spec-id"), len(at(made, "schemas").([]any))}, []int{1, 0, 1})
	w.equal("properties", []any{at(made, "properties", "k"), at(made, "properties", "mulgil.table")}, []string{"v", "은.t"})
	w.want(409, "", "POST", ns+"/tables/t", create)
	updates[8]["location"] = "/tmp/elsewhere"
	w.want(400, "BadRequestException", "POST", ns+"/tables/u", create)
	updates[8]["location"] = w.root + "/은/t/data" // within another table
	w.want(400, "BadRequestException", "POST", ns+"/tables/u", create)
}

func TestTransactionIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	var changes []obj
	for _, name := range []string{"a", "b"} {
		w.create(name, nil)
		_, c := w.append(name, 1)
		c["identifier"] = obj{"namespace": []string{"은"}, "name": name}
		changes = append(changes, c)
	}
	bad := obj{"identifier": changes[1]["identifier"], "requirements": []obj{{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 5}}, "updates": changes[1]["updates"]}
	w.want(409, "CommitFailedException", "POST", "/transactions/commit", obj{"table-changes": []obj{changes[0], bad}})
	w.equal("planned", []int{len(w.planned("a")), len(w.planned("b"))}, []int{0, 0})
	w.want(204, "", "POST", "/transactions/commit", obj{"table-changes": changes})
	w.equal("planned", []int{len(w.planned("a")), len(w.planned("b"))}, []int{1, 1})
	w.want(400, "BadRequestException", "POST", "/transactions/commit", obj{"table-changes": []obj{}})
	changes[0]["identifier"] = obj{"namespace": []string{"은"}, "name": "none"}
	w.want(404, "NoSuchTableException", "POST", "/transactions/commit", obj{"table-changes": changes[:1]})
}

func TestPathsOutsideTheLakeAreRefused(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.create("t", nil)
	w.create("other", nil)
	outside := filepath.Join(w.dir, "outside")
	w.ok(os.MkdirAll(outside, 0o755))
	w.ok(os.Symlink(outside, w.root+"/은/link"))
	w.ok(os.Symlink(w.dir+"/nowhere", w.root+"/은/dangling"))
	for _, loc := range []string{"/etc", outside, w.root, w.root + "/", w.root + "x/t", w.root + "/../outside/t", w.root + "/은/./x", w.root + "/은/link/x", w.root + "/은/link",
		w.root + "/은/dangling/x", "s3://bucket/x", "https://x/y", "은/x", "file://" + outside, "file:" + w.root + "/../outside", w.root + "/은/t", w.root + "/은/t/data/x", w.root + "/은", w.root + "/은/a?b", w.root + "/은/a%2e%2e/b", "file://remote" + w.root + "/x"} {
		t.Run(loc, func(t *testing.T) {
			w.t = t
			w.want(400, "BadRequestException", "POST", ns+"/tables", body("x", obj{"location": loc}))
			w.want(400, "BadRequestException", "POST", ns+"/tables", body("x", obj{"location": loc, "stage-create": true}))
			w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "set-location", "location": loc + "/n"}}})
		})
	}
	w.t = t
	for _, p := range []string{"/etc", w.root + "/은/link/x", w.root + "/은/other/data", "s3://b/c"} {
		w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "set-properties", "updates": obj{"write.data.path": p}}}})
	}
	w.want(200, "", "POST", ns+"/tables", body("inside", obj{"location": "file://" + w.root + "/은/곳/"}))

	// Files that a snapshot names.
	secret := filepath.Join(outside, "secret.parquet")
	w.writeFile(secret, []int64{7})
	w.ok(os.Symlink(secret, w.root+"/은/t/metadata/x.parquet"))
	_, commit := w.append("t", 1)
	theirs, _ := w.append("other", 9)
	for _, bad := range []string{secret, w.root + "/은/t/metadata/x.parquet", w.root + "/은/link/secret.parquet", theirs, w.root + "/은/t/data/../../../../outside/secret.parquet", w.root + "/은/t/data/none.parquet"} {
		w.want(400, "BadRequestException", "POST", ns+"/tables/t", w.appendNamed("t", bad))
	}
	text := fmt.Sprint(w.root, "/은/t/metadata/none.avro")
	for _, list := range []string{text, secret, "/etc/passwd"} {
		w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "add-snapshot", "snapshot": obj{"snapshot-id": 5, "sequence-number": 1, "timestamp-ms": 1, "manifest-list": list, "summary": obj{"operation": "append"}}}}})
	}
	w.want(400, "BadRequestException", "POST", ns+"/tables/t", obj{"updates": []obj{{"action": "set-statistics", "snapshot-id": 5, "statistics": obj{"snapshot-id": 5, "statistics-path": secret, "file-size-in-bytes": 1, "file-footer-size-in-bytes": 1, "blob-metadata": []obj{}}}}})
	w.equal("nothing was committed", w.planned("t"), []string(nil))
	w.want(200, "", "POST", ns+"/tables/t", commit)
}

func TestDropForgetsAndPurgeDeletesOnlyTheTablesFolder(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	dir := w.create("t", nil)
	path, commit := w.append("t", 1)
	w.want(200, "", "POST", ns+"/tables/t", commit)
	foreign := filepath.Join(dir, "notes.txt")
	w.ok(os.WriteFile(foreign, nil, 0o644))
	keep := filepath.Join(w.dir, "keep.parquet")
	w.writeFile(keep, []int64{1})
	loc := w.want(200, "", "GET", ns+"/tables/t", nil)["metadata-location"].(string)

	v, err := w.lake.Pin(t.Context(), []lake.Name{{Database: "은", Table: "t"}})
	w.ok(err)
	w.want(503, "ServiceUnavailableException", "DELETE", ns+"/tables/t?purgeRequested=true", nil)
	w.want(503, "ServiceUnavailableException", "DELETE", ns+"/tables/t", nil)
	w.want(503, "ServiceUnavailableException", "POST", "/tables/rename", obj{"source": obj{"namespace": []string{"은"}, "name": "t"}, "destination": obj{"namespace": []string{"은"}, "name": "u"}})
	v.Release()
	w.want(400, "BadRequestException", "DELETE", ns+"/tables/t?purgeRequested=maybe", nil)
	w.want(204, "", "DELETE", ns+"/tables/t", nil)
	w.want(404, "NoSuchTableException", "DELETE", ns+"/tables/t", nil)
	if _, err := os.Stat(path); err != nil {
		t.Fatal("a dropped table's files are gone:", err)
	}
	// A new table of the name gets a folder of its own.
	if other := w.create("t", nil); other == dir {
		t.Fatal("two tables share", dir)
	}
	w.want(204, "", "DELETE", ns+"/tables/t?purgeRequested=true", nil)

	// Registered again it is the same table.
	w.want(400, "BadRequestException", "POST", ns+"/register", obj{"name": "t", "metadata-location": keep})
	w.want(400, "BadRequestException", "POST", ns+"/register", obj{"name": "t", "metadata-location": dir + "/metadata/none.metadata.json"})
	w.want(400, "BadRequestException", "POST", ns+"/register", obj{"name": "t", "metadata-location": path})
	out := w.want(200, "", "POST", ns+"/register", obj{"name": "t", "metadata-location": loc})
	w.equal("registered", out["metadata-location"], loc)
	w.equal("planned", w.planned("t"), []string{"f1.parquet"})
	w.want(409, "AlreadyExistsException", "POST", ns+"/register", obj{"name": "t", "metadata-location": loc})
	w.want(400, "BadRequestException", "POST", ns+"/register", obj{"name": "twice", "metadata-location": loc}) // shares files
	w.want(200, "", "POST", ns+"/register", obj{"name": "t", "metadata-location": loc, "overwrite": true})

	// A link in the table's folder is no way out.
	w.ok(os.MkdirAll(filepath.Join(w.dir, "elsewhere"), 0o755))
	w.ok(os.Rename(path, filepath.Join(w.dir, "elsewhere", "f1.parquet")))
	w.ok(os.Remove(dir + "/data"))
	w.ok(os.Symlink(filepath.Join(w.dir, "elsewhere"), dir+"/data"))
	w.want(204, "", "DELETE", ns+"/tables/t?purgeRequested=true", nil)
	for _, p := range []string{foreign, keep, filepath.Join(w.dir, "elsewhere", "f1.parquet")} {
		if _, err := os.Stat(p); err != nil {
			t.Error("purge went too far:", err)
		}
	}
	if _, err := os.Stat(loc); !errors.Is(err, os.ErrNotExist) {
		t.Error("purge left", loc)
	}
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.want(200, "", "POST", "/namespaces", obj{"namespace": []string{"금"}})
	w.create("t", nil)
	w.create("u", nil)
	_, commit := w.append("t", 1)
	w.want(200, "", "POST", ns+"/tables/t", commit)
	rename := func(ns, name, toNS, to string) obj {
		return obj{"source": obj{"namespace": []string{ns}, "name": name}, "destination": obj{"namespace": []string{toNS}, "name": to}}
	}
	w.want(409, "AlreadyExistsException", "POST", "/tables/rename", rename("은", "t", "은", "u"))
	w.want(404, "NoSuchTableException", "POST", "/tables/rename", rename("은", "none", "은", "x"))
	w.want(404, "NoSuchNamespaceException", "POST", "/tables/rename", rename("은", "t", "없음", "x"))
	w.want(400, "BadRequestException", "POST", "/tables/rename", rename("은", "t", "은", "../x"))
	w.want(204, "", "POST", "/tables/rename", rename("은", "t", "금", "다른 이름"))
	w.want(404, "NoSuchTableException", "GET", ns+"/tables/t", nil)
	out := w.want(200, "", "GET", "/namespaces/"+url.PathEscape("금")+"/tables/"+url.PathEscape("다른 이름"), nil)
	w.equal("its recorded name", at(out, "metadata", "properties", "mulgil.table"), "금.다른 이름")
	w.equal("its snapshots", len(at(out, "metadata", "snapshots").([]any)), 1)
}

func TestASnapshotBeingReadIsNotExpired(t *testing.T) {
	w := newWorld(t)
	w.namespace()
	w.create("t", nil)
	_, c := w.append("t", 1)
	id := at(w.want(200, "", "POST", ns+"/tables/t", c), "metadata", "current-snapshot-id")
	n := lake.Name{Database: "은", Table: "t"}
	v, err := w.lake.Pin(t.Context(), []lake.Name{n})
	w.ok(err)
	_, c = w.append("t", 2)
	w.want(200, "", "POST", ns+"/tables/t", c)
	expire := obj{"updates": []obj{{"action": "remove-snapshots", "snapshot-ids": []any{id}}}}
	w.want(409, "CommitFailedException", "POST", ns+"/tables/t", expire)
	v.Release()
	w.want(200, "", "POST", ns+"/tables/t", expire)
}
