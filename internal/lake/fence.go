package lake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/mulgil/mulgil/internal/base"
)

// fence decides which paths other programs may name for a table: those under
// the lake's root or under the table's own folder, also once symbolic links are
// followed, and never in the folder of another table.
type fence struct {
	roots []string // as spelled
	real  []string // with links followed
	taken map[string]Name
	self  Name
	dirs  map[string]error // folders judged already
}

// newFence builds the fence of table n, which lies at own, or does not exist
// yet if own is empty.
func (l *Lake) newFence(ctx context.Context, n Name, own string) (*fence, error) {
	ptrs, err := l.cat.Pointers(ctx, nil)
	if err != nil {
		return nil, err
	}
	f := &fence{roots: []string{l.root}, taken: l.folders(ptrs), self: n, dirs: map[string]error{}}
	if own != "" {
		f.roots = append(f.roots, own)
	}
	for _, r := range f.roots {
		real, err := realPath(r)
		if err != nil {
			return nil, err
		}
		f.real = append(f.real, real)
	}
	return f, nil
}

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// path is the plain path that a client's URI means, if it may name it.
func (f *fence) path(uri string) (string, error) {
	p := plainPath(uri)
	switch {
	case scheme.MatchString(p):
		return "", base.Errorf(base.Invalid, "path %q is not on this machine", uri).WithHint("tables lie below %s", f.roots[0])
	case !filepath.IsAbs(p) || filepath.Clean(p) != p || strings.ContainsFunc(p, unicode.IsControl):
		return "", base.Errorf(base.Invalid, "path %q is not a plain absolute path", uri)
	case !inside(f.roots, p):
		return "", f.outside(uri)
	}
	dir := filepath.Dir(p)
	err, judged := f.dirs[dir]
	if !judged {
		err = f.folder(uri, dir)
		f.dirs[dir] = err
	}
	if err != nil {
		return "", err
	}
	if st, err := os.Lstat(p); err == nil && st.Mode()&fs.ModeSymlink != 0 {
		real, err := realPath(p)
		if err != nil || !inside(f.real, real) {
			return "", f.outside(uri)
		}
	}
	return p, nil
}

func (f *fence) folder(uri, dir string) error {
	for up := dir; ; up = filepath.Dir(up) {
		if n, ok := f.taken[up]; ok && n != f.self {
			return base.Errorf(base.Invalid, "path %q lies in the folder of table %s", uri, n)
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	real, err := realPath(dir)
	if err != nil || !inside(f.real, real) {
		return f.outside(uri)
	}
	return nil
}

func (f *fence) outside(uri string) error {
	return base.Errorf(base.Invalid, "path %q lies outside the lake", uri).WithHint("tables lie below %s", f.roots[0])
}

// location is path for the folder of a table: below the root, and neither in,
// nor around, nor at the folder of another table.
func (f *fence) location(uri string) (string, error) {
	p, err := f.path(strings.TrimRight(uri, "/"))
	if err != nil {
		return "", err
	}
	if err := checkLocation(p); err != nil {
		return "", err
	}
	for _, r := range f.roots[:1] {
		if p == r {
			return "", base.Errorf(base.Invalid, "location %q is the lake itself", uri).WithHint("choose a folder below it")
		}
	}
	for dir, n := range f.taken {
		if n != f.self && (within(dir, p) || within(p, dir)) {
			return "", base.Errorf(base.Invalid, "location %q and table %s at %s would share files", uri, n, dir).WithHint("choose another location")
		}
	}
	return p, nil
}

// folders maps the folder of each table to its name.
func (l *Lake) folders(ptrs map[[2]string]string) map[string]Name {
	taken := make(map[string]Name, len(ptrs))
	for k, loc := range ptrs {
		n := Name{k[0], k[1]}
		taken[filepath.Dir(filepath.Dir(l.spelled(n, loc)))] = n
	}
	return taken
}

func inside(roots []string, p string) bool {
	for _, r := range roots {
		if within(r, p) {
			return true
		}
	}
	return false
}

// realPath follows the links of the part of p that exists.
func realPath(p string) (string, error) {
	real, err := filepath.EvalSymlinks(p)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if _, err := os.Lstat(p); err == nil {
		return "", base.Errorf(base.Invalid, "link %q leads nowhere", p)
	}
	parent := filepath.Dir(p)
	if parent == p {
		return p, nil
	}
	up, err := realPath(parent)
	return filepath.Join(up, filepath.Base(p)), err
}
