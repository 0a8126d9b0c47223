package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"github.com/mulgil/mulgil/internal/base"
)

// Trino's names for metadata that cannot be read (IcebergErrorCode).
const (
	codeMissingMetadata = "ICEBERG_MISSING_METADATA"
	codeInvalidMetadata = "ICEBERG_INVALID_METADATA"
)

// Damaged tells whether err says that a table's metadata cannot be read.
func Damaged(err error) bool {
	code := base.CodeOf(err)
	return code == codeMissingMetadata || code == codeInvalidMetadata
}

// brokenMetadata says of a metadata file that it is gone or damaged; what it
// is comes first: "manifest".
func brokenMetadata(what, file string, err error) error {
	if base.CodeOf(err) != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	file = plainPath(file)
	if errors.Is(err, fs.ErrNotExist) {
		e := base.Errorf(base.Internal, "%s %s is gone", what, file).WithCode(codeMissingMetadata).WithHint("put the file back from a backup")
		e.Err = err
		return e
	}
	return base.Errorf(base.Internal, "%s %s cannot be read: %w", what, file, err).WithCode(codeInvalidMetadata).WithHint("replace the file from a backup")
}

// manifests are those of a snapshot; a file that cannot be read is named.
func manifests(s *table.Snapshot, disk icebergio.IO) (list []iceberg.ManifestFile, err error) {
	defer func() {
		if err = recovered(recover(), err); err != nil {
			list, err = nil, brokenMetadata("manifest list", s.ManifestList, err)
		}
	}()
	return s.Manifests(disk)
}

// entries are a manifest's; one that cannot be read is named.
func entries(m iceberg.ManifestFile, disk icebergio.IO) iter.Seq2[iceberg.ManifestEntry, error] {
	return func(yield func(iceberg.ManifestEntry, error) bool) {
		for e, err := range m.Entries(disk, true) {
			if err != nil {
				err = brokenMetadata("manifest", m.FilePath(), err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// recovered is err, or that of a reader that panicked over damaged bytes.
func recovered(p any, err error) error {
	if p != nil {
		return fmt.Errorf("its reader broke down: %v", p)
	}
	return err
}

// unplanned names the file that kept a snapshot from being planned: what
// plans does not say.
func unplanned(ctx context.Context, t *table.Table, s *table.Snapshot, err error) error {
	if err == nil || s == nil || ctx.Err() != nil {
		return err
	}
	disk := newFS(t.Location(), nil)
	list, broken := manifests(s, disk)
	if broken != nil {
		return broken
	}
	for _, m := range list {
		for _, broken := range entries(m, disk) {
			if broken != nil {
				return broken
			}
		}
	}
	return err
}
