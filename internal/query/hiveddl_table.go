package query

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/lake"
	"github.com/mulgil/mulgil/internal/lake/external"
	"github.com/mulgil/mulgil/internal/lang/hive"
)

func (d *ddl) createExternal(n *hive.CreateExternalTable) error {
	taken, err := d.vacant(n.Name, n.IfNotExists)
	if taken || err != nil {
		return err
	}
	name, err := d.name(n.Name)
	if err != nil {
		return err
	}
	t, err := external.Declare(d.sql, n, name.Database)
	if err != nil {
		return err
	}
	if err := d.folder(n.Location, n.LocationAt); err != nil {
		return err
	}
	_, err = d.s.o.External.Create(d.ctx, t)
	if base.KindOf(err) == base.Exists { // made since we looked
		if n.IfNotExists {
			return nil
		}
		return d.at(n.Name.At, d.exists(name))
	}
	return err
}

func (d *ddl) exists(name lake.Name) error {
	return base.Errorf(base.Exists, "table %s already exists", name).WithCode("TABLE_ALREADY_EXISTS")
}

// vacant tells whether the name of a new table is taken, which is an error
// unless ifNotExists is set. Its database must exist.
func (d *ddl) vacant(n hive.Name, ifNotExists bool) (taken bool, err error) {
	name, err := d.name(n)
	if err != nil {
		return false, err
	}
	if err := d.needDatabase(name.Database, n.At); err != nil {
		return false, err
	}
	_, err = d.lookup(name)
	switch {
	case base.KindOf(err) == base.NotFound && err != nil:
		return false, nil
	case err != nil:
		return false, err
	case ifNotExists:
		return true, nil
	}
	return true, d.at(n.At, d.exists(name))
}

// folder checks where the files of an external table or partition are to be:
// in a bucket, not inside or around a table of the lake, and not a single file.
func (d *ddl) folder(location string, at hive.Span) error {
	if e := external.CheckLocation(location); e != nil {
		return d.at(at, e)
	}
	scheme, _, ok := strings.Cut(location, "://")
	if !ok || !slices.Contains([]string{"s3", "s3a", "s3n"}, strings.ToLower(scheme)) {
		return d.at(at, base.Errorf(base.Invalid, "location %q is not in a bucket", location).WithCode("INVALID_TABLE_PROPERTY").
			WithHint("write 's3://bucket/folder/'; buckets: in mulgil.yaml says where a bucket lies"))
	}
	dir, err := d.s.o.Resolve(location)
	if err != nil {
		return d.at(at, err)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return d.at(at, base.Errorf(base.Invalid, "location %q is a file, not a folder", location).WithCode("INVALID_TABLE_PROPERTY").WithHint("name the folder the file lies in"))
	}
	if err := d.inBucket(location, dir); err != nil {
		return d.at(at, err)
	}
	owner, err := d.s.o.Lake.Owner(d.ctx, dir)
	if real, lerr := filepath.EvalSymlinks(dir); err == nil && owner == nil && lerr == nil {
		owner, err = d.s.o.Lake.Owner(d.ctx, real)
	}
	if err != nil {
		return err
	}
	if owner != nil {
		return d.at(at, base.Errorf(base.Invalid, "location %q shares its files with table %s of the lake", location, owner).WithCode("INVALID_TABLE_PROPERTY").
			WithHint("query %s itself, or choose another folder", owner))
	}
	return nil
}

// inBucket refuses a folder that symbolic links lead out of its bucket.
func (d *ddl) inBucket(location, dir string) error {
	scheme, rest, _ := strings.Cut(location, "://")
	bucket, _, _ := strings.Cut(rest, "/")
	top, err := d.s.o.Resolve(scheme + "://" + bucket + "/")
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(dir)
	for up := dir; errors.Is(err, fs.ErrNotExist) && len(up) > len(filepath.Clean(top)); { // a folder still to come
		up = filepath.Dir(up)
		real, err = filepath.EvalSymlinks(up)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // so is the bucket's
	}
	if err != nil {
		return fmt.Errorf("follow location %q: %w", location, err)
	}
	if top, err = filepath.EvalSymlinks(top); err != nil {
		return fmt.Errorf("follow bucket %q: %w", bucket, err)
	}
	if real != top && !strings.HasPrefix(real, strings.TrimRight(top, "/")+"/") {
		return base.Errorf(base.Denied, "location %q leads out of its bucket", location).WithCode("PERMISSION_DENIED")
	}
	return nil
}

func (d *ddl) createIceberg(n *hive.CreateIcebergTable) error {
	taken, err := d.vacant(n.Name, n.IfNotExists)
	if taken || err != nil {
		return err
	}
	name, err := d.name(n.Name)
	if err != nil {
		return err
	}
	def := lake.Definition{Name: name, Location: n.Location, Comment: n.Comment, Properties: map[string]string{}}
	if n.Location != "" {
		if err := d.folder(n.Location, n.LocationAt); err != nil {
			return err
		}
	}
	for _, c := range n.Columns {
		f, err := d.icebergField(c)
		if err != nil {
			return err
		}
		def.Fields = append(def.Fields, f)
	}
	if err := d.transforms(n, &def); err != nil {
		return err
	}
	if err := d.icebergProperties(n.Properties, def.Properties); err != nil {
		return err
	}
	exact, err := d.lakeDatabase(name.Database)
	if err != nil {
		return err
	}
	if exact == "" { // so far only a crawler's
		exact = name.Database
		if err := d.s.o.Lake.EnsureDatabase(d.ctx, exact); err != nil {
			return err
		}
	}
	def.Name.Database = exact
	if _, err = d.s.o.Lake.Define(d.ctx, def); base.KindOf(err) == base.Exists && n.IfNotExists {
		return nil
	} else if err != nil {
		return d.at(n.Name.At, err)
	}
	return nil
}

// icebergField is a column of a lake's table, which lacks some of Hive's types.
func (d *ddl) icebergField(c hive.Column) (base.Field, error) {
	if odd := hiveOnly(c.Type); odd != "" {
		return base.Field{}, d.at(c.At, base.Errorf(base.Invalid, "column %s: Iceberg tables have no type %s", strings.ToLower(c.Name), odd).WithCode("NOT_SUPPORTED").
			WithHint("use int for small numbers and string for text"))
	}
	return base.Field{Name: strings.ToLower(c.Name), Type: c.Type.Base(), Comment: c.Comment}, nil
}

func hiveOnly(t hive.Type) string {
	switch t.Name {
	case "tinyint", "smallint", "char", "varchar":
		return t.String()
	}
	for _, f := range t.Fields {
		if odd := hiveOnly(f.Type); odd != "" {
			return odd
		}
	}
	return ""
}

func (d *ddl) transforms(n *hive.CreateIcebergTable, def *lake.Definition) error {
	for _, t := range n.PartitionBy {
		if !slices.ContainsFunc(def.Fields, func(f base.Field) bool { return strings.EqualFold(f.Name, t.Column) }) {
			return d.at(t.At, base.Errorf(base.Invalid, "partition column %s is not among the columns", strings.ToLower(t.Column)).WithCode("COLUMN_NOT_FOUND"))
		}
		def.PartitionBy = append(def.PartitionBy, base.PartitionField{Column: strings.ToLower(t.Column), Transform: t.Func, N: t.Arg})
	}
	return nil
}

// icebergProperties copies what is to be kept.
func (d *ddl) icebergProperties(list []hive.Property, to map[string]string) error {
	for _, p := range list {
		switch key := strings.ToLower(p.Key); {
		case key == "table_type" && strings.EqualFold(p.Value, "iceberg"):
			continue
		case key == "table_type", key == "format" && !strings.EqualFold(p.Value, "parquet"):
			return d.at(p.At, base.Errorf(base.Invalid, "property %s=%s is not supported: tables of the lake are Iceberg with Parquet files", p.Key, p.Value).WithCode("NOT_SUPPORTED"))
		case strings.HasPrefix(key, "mulgil."):
			return d.at(p.At, base.Errorf(base.Invalid, "property %s belongs to the lake", p.Key).WithCode("INVALID_TABLE_PROPERTY"))
		}
		to[p.Key] = p.Value
	}
	return nil
}

func (d *ddl) dropTable(n *hive.DropTable) error {
	f, err := d.find(n.Name)
	if err != nil {
		if n.IfExists && base.KindOf(err) == base.NotFound && base.CodeOf(err) != "CATALOG_NOT_FOUND" {
			return nil
		}
		return err
	}
	if f.view != nil {
		return d.at(n.Name.At, base.Errorf(base.Invalid, "%s is a view, not a table", f.name).WithCode("GENERIC_USER_ERROR").WithHint("write DROP VIEW"))
	}
	return d.drop(f.name)
}

func (d *ddl) setProperties(n *hive.SetProperties) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	switch {
	case f.managed != nil:
		set := map[string]string{}
		if err := d.icebergProperties(n.Properties, set); err != nil {
			return err
		}
		_, err = d.s.o.Lake.SetProperties(d.ctx, f.managed.Name, set, nil)
		return err
	case f.view != nil:
		return d.notForViews(n.Name, f)
	}
	for _, p := range n.Properties {
		if strings.EqualFold(p.Key, "EXTERNAL") && !strings.EqualFold(p.Value, "TRUE") || strings.EqualFold(p.Key, "table_type") {
			return d.at(p.At, base.Errorf(base.Invalid, "property %s of an external table cannot be changed", p.Key).WithCode("NOT_SUPPORTED"))
		}
	}
	_, err = d.s.o.External.Change(d.ctx, f.name.Database, f.name.Table, func(t *external.Table) error {
		if t.Parameters == nil {
			t.Parameters = map[string]string{}
		}
		for _, p := range n.Properties {
			if p.Key == "comment" {
				t.Comment = p.Value
				continue
			}
			t.Parameters[p.Key] = p.Value
		}
		return nil
	})
	return err
}

func (d *ddl) notForViews(n hive.Name, f found) error {
	return d.at(n.At, base.Errorf(base.Invalid, "%s is a view, not a table", f.name).WithCode("NOT_SUPPORTED"))
}

func (d *ddl) unsetProperties(n *hive.UnsetProperties) error {
	f, err := d.find(n.Name)
	if err != nil {
		return err
	}
	if f.view != nil {
		return d.notForViews(n.Name, f)
	}
	have := map[string]string{}
	if f.managed != nil {
		have = f.managed.Properties
	} else {
		have = f.external.Parameters
	}
	for i, k := range n.Keys {
		if _, ok := have[k]; !ok && !n.IfExists {
			return d.at(n.KeysAt[i], base.Errorf(base.NotFound, "table %s has no property %q", f.name, k).WithCode("NOT_FOUND").WithHint("UNSET TBLPROPERTIES IF EXISTS leaves it at that"))
		}
	}
	if f.managed != nil {
		_, err = d.s.o.Lake.SetProperties(d.ctx, f.managed.Name, nil, n.Keys)
		return err
	}
	_, err = d.s.o.External.Change(d.ctx, f.name.Database, f.name.Table, func(t *external.Table) error {
		for _, k := range n.Keys {
			delete(t.Parameters, k)
		}
		return nil
	})
	return err
}
