package sqlite

import (
	"fmt"
	"math"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/mulgil/mulgil/internal/base"
)

// rawDB is a read-only connection through SQLite's own interface. Extracts use
// it instead of database/sql because that boxes every value: copying text from
// SQLite's page straight into a column is several times faster. One goroutine
// at a time, except interrupt.
type rawDB struct {
	path string
	tls  *libc.TLS
	db   uintptr
}

// rawError is a refusal of SQLite; code is its extended result code.
type rawError struct {
	code int32
	msg  string
}

func (e *rawError) Error() string { return fmt.Sprintf("%s (SQLite code %d)", e.msg, e.code) }

// openRaw opens an existing file.
func openRaw(path string) (*rawDB, error) {
	d := &rawDB{path: path, tls: libc.NewTLS()}
	name, err := libc.CString(path)
	if err != nil {
		d.tls.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer libc.Xfree(d.tls, name)
	var rc int32
	d.db, rc = d.out(func(p uintptr) int32 {
		return lib.Xsqlite3_open_v2(d.tls, name, p, lib.SQLITE_OPEN_READONLY|lib.SQLITE_OPEN_NOMUTEX, 0)
	})
	if rc != lib.SQLITE_OK {
		err := d.fault(rc)
		d.close()
		return nil, err
	}
	lib.Xsqlite3_extended_result_codes(d.tls, d.db, 1)
	lib.Xsqlite3_busy_timeout(d.tls, d.db, 10_000)
	return d, nil
}

// out calls f with room for a pointer and returns what f put there.
func (d *rawDB) out(f func(p uintptr) int32) (uintptr, int32) {
	p := libc.Xmalloc(d.tls, 8)
	if p == 0 {
		return 0, lib.SQLITE_NOMEM
	}
	defer libc.Xfree(d.tls, p)
	room := libc.GoBytes(p, 8)
	clear(room)
	rc := f(p)
	return pointerIn(room), rc
}

func (d *rawDB) fault(rc int32) error {
	if d.db == 0 {
		return &rawError{rc, "out of memory"}
	}
	return &rawError{rc, libc.GoString(lib.Xsqlite3_errmsg(d.tls, d.db))}
}

func (d *rawDB) close() {
	if d.db != 0 {
		lib.Xsqlite3_close_v2(d.tls, d.db)
		d.db = 0
	}
	if d.tls != nil {
		d.tls.Close()
		d.tls = nil
	}
}

// interrupt makes running statements stop. Safe beside another goroutine, not
// beside close.
func (d *rawDB) interrupt() {
	tls := libc.NewTLS()
	defer tls.Close()
	lib.Xsqlite3_interrupt(tls, d.db)
}

// rawStmt is a prepared statement standing on a row after step returned true.
type rawStmt struct {
	d *rawDB
	p uintptr
}

func (d *rawDB) prepare(sql string) (*rawStmt, error) {
	text, err := libc.CString(sql)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(d.tls, text)
	p, rc := d.out(func(p uintptr) int32 { return lib.Xsqlite3_prepare_v2(d.tls, d.db, text, -1, p, 0) })
	if rc != lib.SQLITE_OK {
		return nil, d.fault(rc)
	}
	return &rawStmt{d, p}, nil
}

func (s *rawStmt) step() (bool, error) {
	switch rc := lib.Xsqlite3_step(s.d.tls, s.p); rc {
	case lib.SQLITE_ROW:
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	default:
		return false, s.d.fault(rc)
	}
}

func (s *rawStmt) close() { lib.Xsqlite3_finalize(s.d.tls, s.p) }

func (s *rawStmt) kind(i int32) int32      { return lib.Xsqlite3_column_type(s.d.tls, s.p, i) }
func (s *rawStmt) int64(i int32) int64     { return lib.Xsqlite3_column_int64(s.d.tls, s.p, i) }
func (s *rawStmt) float64(i int32) float64 { return lib.Xsqlite3_column_double(s.d.tls, s.p, i) }

// bytes is a text or blob where SQLite keeps it: valid until the next step.
func (s *rawStmt) bytes(i, kind int32) []byte {
	var p uintptr
	if kind == lib.SQLITE_BLOB {
		p = lib.Xsqlite3_column_blob(s.d.tls, s.p, i)
	} else {
		p = lib.Xsqlite3_column_text(s.d.tls, s.p, i)
	}
	if p == 0 {
		return nil
	}
	return libc.GoBytes(p, int(lib.Xsqlite3_column_bytes(s.d.tls, s.p, i)))
}

func (s *rawStmt) text(i int32) string { return string(s.bytes(i, lib.SQLITE_TEXT)) }

// query runs fn for each row of a small result.
func (d *rawDB) query(sql string, fn func(s *rawStmt)) error {
	s, err := d.prepare(sql)
	if err != nil {
		return err
	}
	defer s.close()
	for {
		more, err := s.step()
		if err != nil || !more {
			return err
		}
		if fn != nil {
			fn(s)
		}
	}
}

// cell writes a value for a message, at most 60 characters.
func (s *rawStmt) cell(i int32) string {
	switch kind := s.kind(i); kind {
	case lib.SQLITE_NULL:
		return "NULL"
	case lib.SQLITE_INTEGER:
		return fmt.Sprintf("the integer %d", s.int64(i))
	case lib.SQLITE_FLOAT:
		f := s.float64(i)
		if math.IsInf(f, 0) {
			return "an infinite number"
		}
		return fmt.Sprintf("the number %v", f)
	case lib.SQLITE_BLOB:
		return fmt.Sprintf("a blob of %d bytes", len(s.bytes(i, kind)))
	default:
		r := []rune(string(s.bytes(i, kind)))
		if len(r) > 60 {
			return fmt.Sprintf("the text %q...", string(r[:60]))
		}
		return fmt.Sprintf("the text %q", string(r))
	}
}

// readError words a refusal of SQLite while reading path for a connection.
func readError(name, path, doing string, err error) error {
	e, ok := err.(*rawError)
	if !ok {
		return err
	}
	make := func(k base.Kind, hint string) error {
		out := base.Errorf(k, "connection %s: %s: %w", name, doing, err)
		out.Hint = hint
		return out
	}
	switch e.code & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return make(base.Unavailable, "another program is writing "+path+"; try again when it is done")
	case lib.SQLITE_NOTADB:
		return make(base.Invalid, path+" is not a SQLite file")
	case lib.SQLITE_CORRUPT, lib.SQLITE_IOERR:
		return make(base.Unavailable, path+" is damaged or was cut short; check it with PRAGMA integrity_check, or restore it")
	case lib.SQLITE_CANTOPEN, lib.SQLITE_PERM, lib.SQLITE_AUTH, lib.SQLITE_READONLY:
		return make(base.Denied, "check the rights on "+path+" and its folder")
	case lib.SQLITE_INTERRUPT:
		return make(base.Canceled, "")
	case lib.SQLITE_ERROR:
		return make(base.Invalid, "")
	}
	return make(base.Unavailable, "")
}
