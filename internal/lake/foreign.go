package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Doc is a table or view as Iceberg's REST protocol tells of it.
type Doc struct {
	Name Name
	// MetadataLocation is the plain path of the metadata file; empty for a
	// table that is only staged.
	MetadataLocation string
	// Metadata is Iceberg's metadata JSON.
	Metadata json.RawMessage
}

// Codes of the errors that other programs cause, in the words of Iceberg's
// REST protocol.
const (
	CodeNoTable       = "NoSuchTableException"
	CodeNoView        = "NoSuchViewException"
	CodeNoNamespace   = "NoSuchNamespaceException"
	CodeExists        = "AlreadyExistsException"
	CodeNotEmpty      = "NamespaceNotEmptyException"
	CodeCommitFailed  = "CommitFailedException"
	CodeUnknownCommit = "CommitStateUnknownException"
)

func noTable(n Name) error {
	return base.Errorf(base.NotFound, "table does not exist: %s", n).WithCode(CodeNoTable)
}

func docOf(n Name, t *table.Table) (Doc, error) {
	body, err := json.Marshal(t.Metadata())
	if err != nil {
		return Doc{}, fmt.Errorf("encode metadata of %s: %w", n, err)
	}
	return Doc{Name: n, MetadataLocation: plainPath(t.MetadataLocation()), Metadata: body}, nil
}

// exact loads the table whose name is spelled like n; other programs tell
// names apart by case.
func (l *Lake) exact(ctx context.Context, n Name) (*table.Table, error) {
	for range pinTries {
		ptrs, err := l.cat.Pointers(ctx, nil)
		if err != nil {
			return nil, err
		}
		loc, ok := ptrs[n.key()]
		if !ok {
			return nil, noTable(n)
		}
		t, err := l.loadAt(ctx, n, loc)
		if err == nil {
			return t, nil
		}
		if err = l.movedSince(ctx, ptrs, n, err); !errors.Is(err, errMoved) {
			return nil, err
		}
	}
	return nil, base.Errorf(base.Conflict, "load %s: %w", n, errMoved)
}

// LoadDoc returns a table's current metadata. The name's case counts.
func (l *Lake) LoadDoc(ctx context.Context, n Name) (Doc, error) {
	t, err := l.exact(ctx, n)
	if err != nil {
		return Doc{}, err
	}
	return docOf(n, t)
}

// TableNames lists a database's tables by name, without reading them.
func (l *Lake) TableNames(ctx context.Context, db string) ([]string, error) {
	if err := l.needDatabase(ctx, db); err != nil {
		return nil, err
	}
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range namesOf(ptrs) {
		if n.Database == db {
			out = append(out, n.Table)
		}
	}
	return out, nil
}

// Forget takes a table out of the catalog; its files stay. While a reader or a
// writer of ours needs them it is base.Unavailable: the caller may be about
// to delete them.
func (l *Lake) Forget(ctx context.Context, n Name) error {
	defer l.lock([]Name{n})()
	t, err := l.exact(ctx, n)
	if err != nil {
		return err
	}
	if err := l.dropIdleLeases(ctx); err != nil {
		return err
	}
	err = l.store.Update(ctx, func(tx *sql.Tx) error {
		if err := l.inUse(ctx, tx, n); err != nil {
			return busy(err)
		}
		return l.cat.Repoint(ctx, tx, n.ident(), t.MetadataLocation(), "")
	})
	if err != nil {
		return foreignError(fmt.Errorf("drop table %s: %w", n, err))
	}
	l.unload(n)
	return nil
}

// Purge is Drop for other programs: a name's case counts, and a table that is
// in use is base.Unavailable.
func (l *Lake) Purge(ctx context.Context, n Name) error {
	if _, err := l.exact(ctx, n); err != nil {
		return err
	}
	return busy(l.Drop(ctx, n))
}

func (l *Lake) unload(n Name) {
	l.mu.Lock()
	delete(l.loaded, n)
	l.mu.Unlock()
}

// busy tells clients to try again: in Iceberg's protocol a conflict is final
// for anything but a commit.
func busy(err error) error {
	if err != nil && base.KindOf(err) == base.Conflict {
		return base.Errorf(base.Unavailable, "%w", err)
	}
	return err
}

// Rename gives a table another name, in another database if need be; its files
// stay where they are. A table in use is base.Unavailable.
func (l *Lake) Rename(ctx context.Context, from, to Name) error {
	if err := to.check(); err != nil {
		return err
	}
	defer l.lock([]Name{from, to})()
	t, err := l.exact(ctx, from)
	if err != nil {
		return err
	}
	if err := l.vacant(ctx, to); err != nil {
		return err
	}
	if err := l.dropIdleLeases(ctx); err != nil {
		return err
	}
	commit := table.TableCommit{Identifier: from.ident(), Requirements: requireUnchanged(t),
		Updates: []table.Update{table.NewSetPropertiesUpdate(map[string]string{propTable: to.String()})}}
	err = l.cat.CommitWith(ctx, []table.TableCommit{commit}, func(tx *sql.Tx) error {
		if err := l.inUse(ctx, tx, from); err != nil {
			return busy(err)
		}
		return l.moveName(ctx, tx, from, to)
	})
	if err != nil {
		return foreignError(fmt.Errorf("rename table %s: %w", from, err))
	}
	l.unload(from)
	return nil
}

func (l *Lake) moveName(ctx context.Context, tx *sql.Tx, from, to Name) error {
	if err := vacantView(ctx, tx, to); err != nil {
		return err
	}
	ptrs, err := l.cat.Pointers(ctx, tx)
	if err != nil {
		return err
	}
	loc := ptrs[from.key()]
	if err := l.cat.Repoint(ctx, tx, to.ident(), "", loc); err != nil {
		return err
	}
	return l.cat.Repoint(ctx, tx, from.ident(), loc, "")
}

// vacant is an error unless n's database exists and no table or view has the
// name, or one that differs only in case, which SQL could not tell apart.
func (l *Lake) vacant(ctx context.Context, n Name) error {
	if err := l.needDatabase(ctx, n.Database); err != nil {
		return err
	}
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return err
	}
	for _, have := range namesOf(ptrs) {
		if strings.EqualFold(have.String(), n.String()) {
			return base.Errorf(base.Exists, "table already exists: %s", have).WithCode(CodeExists)
		}
	}
	return vacantView(ctx, l.store.Reader(), n)
}

// Register adds a table whose metadata file lies in the lake already, such as
// one that was dropped without its files. overwrite replaces the table of that
// name, whose files stay.
func (l *Lake) Register(ctx context.Context, n Name, metadataLocation string, overwrite bool) (Doc, error) {
	if err := n.check(); err != nil {
		return Doc{}, err
	}
	defer l.lock([]Name{n})()
	old, err := l.registered(ctx, n, overwrite)
	if err != nil {
		return Doc{}, err
	}
	t, err := l.checkRegistered(ctx, n, metadataLocation)
	if err != nil {
		return Doc{}, err
	}
	if err := l.dropIdleLeases(ctx); err != nil {
		return Doc{}, err
	}
	err = l.store.Update(ctx, func(tx *sql.Tx) error {
		if err := vacantView(ctx, tx, n); err != nil {
			return err
		}
		if err := l.inUse(ctx, tx, n); err != nil {
			return busy(err)
		}
		return l.cat.Repoint(ctx, tx, n.ident(), old, t.MetadataLocation())
	})
	if err != nil {
		return Doc{}, foreignError(fmt.Errorf("register table %s: %w", n, err))
	}
	l.unload(n)
	return docOf(n, t)
}

// registered is the metadata location that Register replaces, empty for none.
func (l *Lake) registered(ctx context.Context, n Name, overwrite bool) (string, error) {
	if overwrite {
		t, err := l.exact(ctx, n)
		if err == nil {
			return t.MetadataLocation(), nil
		}
		if base.CodeOf(err) != CodeNoTable {
			return "", err
		}
	}
	return "", l.vacant(ctx, n)
}

// checkRegistered loads a metadata file and checks every path in it.
func (l *Lake) checkRegistered(ctx context.Context, n Name, loc string) (*table.Table, error) {
	f, err := l.newFence(ctx, n, "")
	if err != nil {
		return nil, err
	}
	p, err := f.path(loc)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(p); err != nil {
		return nil, base.Errorf(base.Invalid, "there is no metadata file at %q", loc)
	}
	t, err := l.cat.LoadAt(ctx, n.ident(), p)
	if err != nil {
		return nil, base.Errorf(base.Invalid, "%q is not Iceberg table metadata: %w", loc, err)
	}
	if v := t.Metadata().Version(); v != 2 {
		return nil, otherFormat(v)
	}
	dir, err := f.location(t.Location())
	if err != nil {
		return nil, err
	}
	if !within(dir, p) {
		return nil, base.Errorf(base.Invalid, "metadata file %q lies outside its table's folder %s", loc, dir)
	}
	if _, err := infoOf(n, t); err != nil {
		return nil, err
	}
	a := arrivals{fence: f, fs: newFS(t.Location(), nil)}
	for _, s := range t.Metadata().Snapshots() {
		if err := a.snapshot(s, nil, true); err != nil {
			return nil, err
		}
	}
	for s := range t.Metadata().Statistics() {
		if err := a.file(s.StatisticsPath); err != nil {
			return nil, err
		}
	}
	for s := range t.Metadata().PartitionStatistics() {
		if err := a.file(s.StatisticsPath); err != nil {
			return nil, err
		}
	}
	return t, newFS(dir, l.observe).syncTree(dir, append(a.files, p))
}

func otherFormat(v int) error {
	return base.Errorf(base.Invalid, "the lake's tables are Iceberg format version 2, not %d", v).WithHint("create the table with format-version 2")
}

// foreignError says of a failed change what clients need to know: a lost race
// may be tried again, anything else is as it says.
func foreignError(err error) error {
	if errors.Is(err, table.ErrCommitFailed) && base.CodeOf(err) == "" {
		return base.Errorf(base.Conflict, "%w", err).WithCode(CodeCommitFailed)
	}
	return err
}
