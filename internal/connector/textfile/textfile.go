// Package textfile prepares files of rows (CSV, JSON) that people and other
// programs drop into folders: it tells their format by name and turns Korean
// legacy text (CP949, which includes EUC-KR) into UTF-8 for the engine.
package textfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/transform"

	"github.com/mulgil/mulgil/internal/base"
)

// Formats.
const (
	CSV     = "csv"
	JSON    = "json"
	Parquet = "parquet"
)

// Encodings.
const (
	UTF8Text = "utf-8"
	CP949    = "cp949"
)

var endings = map[string]string{".csv": CSV, ".tsv": CSV, ".txt": CSV, ".json": JSON, ".jsonl": JSON, ".ndjson": JSON, ".parquet": Parquet}

// Format tells a file's format by its ending; .gz is looked through.
func Format(path string) (string, error) {
	ext := filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz"))
	if f, ok := endings[ext]; ok {
		return f, nil
	}
	return "", base.Errorf(base.Invalid, "%s: a file ending in %q is not known", path, ext).WithHint("known endings: .csv .tsv .txt .json .jsonl .ndjson .parquet, text also with .gz")
}

// UTF8 returns files that hold the same text in UTF-8: the files themselves if
// encoding is UTF-8, else copies in dir, made once for each version of a file.
// Bytes that do not belong to the encoding are an error naming file and line.
func UTF8(files []string, encoding, dir string) ([]string, error) {
	switch strings.ToLower(encoding) {
	case "", UTF8Text, "utf8":
		for _, f := range files {
			if err := checkUTF8(f); err != nil {
				return nil, err
			}
		}
		return files, nil
	case CP949, "euc-kr", "euckr", "uhc", "ms949":
	default:
		return nil, base.Errorf(base.Invalid, "encoding %q is not known", encoding).WithHint("known encodings: utf-8, cp949")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("convert text: %w", err)
	}
	out := make([]string, len(files))
	for i, f := range files {
		var err error
		if out[i], err = convert(f, dir); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// open opens a file, decompressed if it ends in .gz.
func open(path string) (io.Reader, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read file: %w", err)
	}
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return f, f.Close, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, nil, base.Errorf(base.Invalid, "%s: %w", path, err)
	}
	return z, f.Close, nil
}

// checkUTF8 looks at the beginning of a file, enough to tell Korean legacy
// text from UTF-8; the engine checks the rest.
func checkUTF8(path string) error {
	r, done, err := open(path)
	if err != nil {
		return err
	}
	defer done()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read %s: %w", path, err)
	}
	head = head[:n]
	if n == cap(head) { // do not judge a character cut in half
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	for i := 0; i < len(head); {
		r, w := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && w == 1 {
			return base.Errorf(base.Invalid, "the text is not UTF-8").At(base.PlaceAt(path, head, i, 1)).
				WithHint("Korean text from Excel is often CP949: set `encoding: cp949` on the connection")
		}
		i += w
	}
	return nil
}

func convert(path, dir string) (string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("convert text: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", path, st.Size(), st.ModTime().UnixNano()))
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	out := filepath.Join(dir, hex.EncodeToString(sum[:8])+"-"+name)
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	r, done, err := open(path)
	if err != nil {
		return "", err
	}
	defer done()
	tmp, err := os.CreateTemp(dir, "convert-")
	if err != nil {
		return "", fmt.Errorf("convert text: %w", err)
	}
	defer os.Remove(tmp.Name())
	if err := decode(r, tmp, path); err != nil {
		return "", errors.Join(err, tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return "", fmt.Errorf("convert text: %w", err)
	}
	if err := os.Rename(tmp.Name(), out); err != nil {
		return "", fmt.Errorf("convert text: %w", err)
	}
	return out, nil
}

// decode writes CP949 text as UTF-8, line by line: no byte of a two-byte
// character is a line feed.
func decode(in io.Reader, out io.Writer, path string) error {
	r, w := bufio.NewReaderSize(in, 1<<20), bufio.NewWriterSize(out, 1<<20)
	d := korean.EUCKR.NewDecoder()
	for line := 1; ; line++ {
		raw, err := r.ReadBytes('\n')
		if len(raw) > 0 {
			text, _, derr := transform.Bytes(d, raw)
			if derr != nil || bytes.ContainsRune(text, utf8.RuneError) {
				return base.Errorf(base.Invalid, "%s:%d: the line is not CP949 text", path, line).WithHint("check the file's encoding; UTF-8 needs no setting")
			}
			if _, err := w.Write(text); err != nil {
				return fmt.Errorf("convert text: %w", err)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("convert text: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("convert text: %w", err)
	}
	return nil
}
