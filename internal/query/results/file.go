package results

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// A file is: the batches, compressed unless they are few; the head as JSON;
// and a trailer. A batch is its length and rows as varints and its bytes.
//
//	batches | head | head's length (4) | form (1) | checksum of all before (4) | magic (4)
const (
	trailer = 13
	magic   = "MGR1"
	raw     = 'r'
	packed  = 'z'
)

// small is below which compressing is not worth its start.
const small = 64 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writer makes one file.
type writer struct {
	dir string
	buf bytes.Buffer // the batches until they are worth a compressor
	tmp *os.File
	sum *summed
	z   *zstd.Encoder
}

// summed passes bytes on and keeps their checksum.
type summed struct {
	w    *bufio.Writer
	sum  uint32
	size int64
}

func (s *summed) Write(p []byte) (int, error) {
	s.sum = crc32.Update(s.sum, castagnoli, p)
	s.size += int64(len(p))
	return s.w.Write(p)
}

func (w *writer) batch(b []byte, n int) error {
	var head [2 * binary.MaxVarintLen64]byte
	h := binary.AppendUvarint(binary.AppendUvarint(head[:0], uint64(len(b))), uint64(n))
	if w.z != nil {
		if _, err := w.z.Write(h); err != nil {
			return err
		}
		_, err := w.z.Write(b)
		return err
	}
	w.buf.Write(h)
	w.buf.Write(b)
	if w.buf.Len() <= small {
		return nil
	}
	if err := w.open(); err != nil {
		return err
	}
	z, err := zstd.NewWriter(w.sum, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(512<<10))
	if err != nil {
		return err
	}
	w.z = z
	_, err = w.z.Write(w.buf.Bytes())
	w.buf = bytes.Buffer{}
	return err
}

func (w *writer) open() (err error) {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	if w.tmp, err = os.CreateTemp(w.dir, "new-*"); err != nil {
		return err
	}
	w.sum = &summed{w: bufio.NewWriterSize(w.tmp, 64<<10)}
	return nil
}

// finish completes the file and gives it its name.
func (w *writer) finish(h Head, path string) (int64, error) {
	form := byte(packed)
	if w.z == nil {
		form = raw
		if err := w.open(); err != nil {
			return 0, err
		}
		if _, err := w.sum.Write(w.buf.Bytes()); err != nil {
			return 0, err
		}
	} else if err := w.z.Close(); err != nil {
		return 0, err
	}
	head, err := json.Marshal(h)
	if err != nil {
		return 0, err
	}
	end := append(binary.LittleEndian.AppendUint32(head, uint32(len(head))), form)
	if _, err := w.sum.Write(end); err != nil {
		return 0, err
	}
	if _, err := w.sum.w.Write(append(binary.LittleEndian.AppendUint32(nil, w.sum.sum), magic...)); err != nil {
		return 0, err
	}
	if err := errors.Join(w.sum.w.Flush(), w.tmp.Close()); err != nil {
		return 0, err
	}
	return w.sum.size + 8, os.Rename(w.tmp.Name(), path)
}

func (w *writer) abort() {
	if w.z != nil {
		_ = w.z.Close()
	}
	if w.tmp != nil {
		_ = w.tmp.Close()
		_ = os.Remove(filepath.Clean(w.tmp.Name()))
	}
}

// sound tells whether a file is whole and unchanged.
func sound(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || st.Size() < trailer {
		return false
	}
	body := st.Size() - 8
	var end [8]byte
	if _, err := f.ReadAt(end[:], body); err != nil || string(end[4:]) != magic {
		return false
	}
	sum := crc32.New(castagnoli)
	if _, err := io.CopyBuffer(sum, io.NewSectionReader(f, 0, body), make([]byte, 256<<10)); err != nil {
		return false
	}
	return sum.Sum32() == binary.LittleEndian.Uint32(end[:4])
}

// reader reads a file that is sound.
type reader struct {
	head Head
	in   *bufio.Reader
	z    *zstd.Decoder
	buf  []byte
}

func newReader(f *os.File) (*reader, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	body := st.Size() - trailer
	var end [5]byte
	if _, err := f.ReadAt(end[:], body); err != nil {
		return nil, err
	}
	size := int64(binary.LittleEndian.Uint32(end[:4]))
	if size > body {
		return nil, fmt.Errorf("read result: its head is longer than the file")
	}
	head := make([]byte, size)
	if _, err := f.ReadAt(head, body-size); err != nil {
		return nil, err
	}
	r := &reader{}
	if err := json.Unmarshal(head, &r.head); err != nil {
		return nil, err
	}
	var in io.Reader = io.NewSectionReader(f, 0, body-size)
	if end[4] == packed {
		if r.z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1)); err != nil {
			return nil, err
		}
		in = r.z
	}
	r.in = bufio.NewReaderSize(in, 64<<10)
	return r, nil
}

// maxBatch bounds what a damaged length can ask for.
const maxBatch = 1 << 30

// next returns the next batch, n = 0 at the end.
func (r *reader) next() ([]byte, int, error) {
	size, err := binary.ReadUvarint(r.in)
	if errors.Is(err, io.EOF) {
		return nil, 0, nil
	}
	n, err2 := binary.ReadUvarint(r.in)
	if err := errors.Join(err, err2); err != nil || size > maxBatch {
		return nil, 0, fmt.Errorf("read kept result: a batch of %d bytes: %w", size, err)
	}
	if uint64(cap(r.buf)) < size {
		r.buf = make([]byte, size)
	}
	r.buf = r.buf[:size]
	if _, err := io.ReadFull(r.in, r.buf); err != nil {
		return nil, 0, fmt.Errorf("read kept result: %w", err)
	}
	return r.buf, int(n), nil
}

func (r *reader) close() {
	if r.z != nil {
		r.z.Close()
	}
}
