package hivefile

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// packed are the endings of compressed files; those with nil cannot be read.
var packed = map[string]func(io.Reader) (io.Reader, func(), error){
	".gz": gunzip, ".gzip": gunzip, ".bz2": bunzip, ".zst": unzstd, ".zstd": unzstd, ".deflate": inflate,
	".snappy": nil, ".lz4": nil, ".lzo": nil, ".lzo_deflate": nil, ".br": nil,
}

func nothing() {}

func gunzip(r io.Reader) (io.Reader, func(), error) {
	z, err := gzip.NewReader(r)
	return z, nothing, err
}

func bunzip(r io.Reader) (io.Reader, func(), error) { return bzip2.NewReader(r), nothing, nil }

func inflate(r io.Reader) (io.Reader, func(), error) {
	z, err := zlib.NewReader(r)
	return z, nothing, err
}

func unzstd(r io.Reader) (io.Reader, func(), error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, nothing, err
	}
	return z, z.Close, nil
}

// compressed tells whether a file must be read from its beginning.
func compressed(f port.HiveFile) bool {
	_, ok := packed[ending(f)]
	return ok
}

func ending(f port.HiveFile) string { return strings.ToLower(path.Ext(f.Path)) }

// shown is what messages call a file.
func shown(f port.HiveFile) string {
	if f.Address != "" {
		return f.Address
	}
	return f.Path
}

func cannotOpen(f port.HiveFile, err error) error {
	return base.Errorf(base.Unavailable, "open %s: %w", shown(f), err).WithCode("HIVE_CANNOT_OPEN_SPLIT").
		WithHint("the file was there when the statement began; run it again")
}

func damaged(f port.HiveFile, err error) error {
	return base.Errorf(base.Invalid, "%s is damaged: %w", shown(f), err).WithCode("HIVE_BAD_DATA")
}

// open opens a file at an offset, 0 for a compressed one.
func open(f port.HiveFile, at int64) (r io.Reader, done func(), err error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, nothing, cannotOpen(f, err)
	}
	closeFile := func() { _ = file.Close() }
	unpack, ok := packed[ending(f)]
	switch {
	case ok && unpack == nil:
		closeFile()
		return nil, nothing, base.Errorf(base.Invalid, "%s: files compressed as %s cannot be read", shown(f), ending(f)).WithCode("HIVE_UNSUPPORTED_FORMAT").
			WithHint("known are .gz, .bz2, .zst and .deflate")
	case ok:
		z, end, err := unpack(file)
		if err == io.EOF { // an empty file
			return bytes.NewReader(nil), closeFile, nil
		}
		if err != nil {
			closeFile()
			return nil, nothing, damaged(f, err)
		}
		return z, func() { end(); closeFile() }, nil
	}
	if _, err := file.Seek(at, io.SeekStart); err != nil {
		closeFile()
		return nil, nothing, cannotOpen(f, err)
	}
	return file, closeFile, nil
}

// countLines is the number of lines that begin before offset upto.
func countLines(f port.HiveFile, upto int64) (int64, error) {
	if upto == 0 {
		return 0, nil
	}
	r, done, err := open(f, 0)
	if err != nil {
		return 0, err
	}
	defer done()
	var l lines
	l.reset(r, 0)
	n := int64(0)
	for l.at < upto {
		if _, err := l.next(); err != nil {
			return n, fmt.Errorf("count lines: %w", err)
		}
		n++
	}
	return n, nil
}
