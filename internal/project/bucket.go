package project

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/mulgil/mulgil/internal/base"
)

// Resolve maps an object address to a path on this machine. s3://, s3a:// and
// s3n:// are the same: a bucket listed under buckets: is its folder, any other
// is a folder of its name in the lake. file: addresses and plain paths are
// taken as they are, relative ones from the project's root. A ".." or NUL
// anywhere is refused, and so is a bucket that is mapped to a real one.
func (p *Project) Resolve(uri string) (string, error) {
	if err := checkPath(uri); err != nil {
		return "", err
	}
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok || strings.ContainsAny(scheme, "/\\") {
		if uri == "" {
			return "", base.Errorf(base.Invalid, "the path is empty")
		}
		return under(p.Root, uri), nil
	}
	switch strings.ToLower(scheme) {
	case "s3", "s3a", "s3n":
		return p.object(uri, rest)
	case "file":
		return filePath(uri, rest)
	}
	return "", base.Errorf(base.Invalid, "addresses of kind %q are not supported: %s", scheme, uri).
		WithHint("write s3://bucket/prefix/, file:///folder or a path relative to the project")
}

func (p *Project) object(uri, rest string) (string, error) {
	rest, ok := strings.CutPrefix(rest, "//")
	bucket, key, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" || bucket == "." || strings.Contains(bucket, `\`) {
		return "", base.Errorf(base.Invalid, "%q names no bucket", uri).WithHint("write s3://bucket/prefix/")
	}
	folder, listed := p.Buckets[bucket]
	switch {
	case !listed:
		folder = filepath.Join(p.LakeDir, bucket)
	case isS3(folder):
		return "", base.Errorf(base.Invalid, "bucket %q is mapped to %s, which is not on this machine", bucket, folder).
			WithHint("map the bucket to a folder under buckets: in mulgil.yaml")
	}
	return filepath.Join(folder, filepath.FromSlash(key)), nil
}

func filePath(uri, rest string) (string, error) {
	rest = strings.TrimPrefix(rest, "//localhost/")
	path, err := url.PathUnescape("/" + strings.TrimLeft(rest, "/"))
	if err != nil {
		path = "/" + strings.TrimLeft(rest, "/")
	}
	if strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "///") {
		return "", base.Errorf(base.Invalid, "%q names a host", uri).WithHint("write file:///folder")
	}
	if err := checkPath(path); err != nil {
		return "", err
	}
	return filepath.Clean(path), nil
}

// checkPath refuses what could leave the folder it is joined to.
func checkPath(path string) error {
	if strings.ContainsRune(path, 0) {
		return base.Errorf(base.Invalid, "the path %q contains a NUL byte", path)
	}
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == ".." {
			return base.Errorf(base.Invalid, "the path %q contains \"..\"", path).WithHint("write the path without ..")
		}
	}
	return nil
}

func isS3(s string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(s), "://")
	return ok && (scheme == "s3" || scheme == "s3a" || scheme == "s3n")
}
