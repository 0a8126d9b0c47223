package crawl

import (
	"io"
	"io/fs"
	"os"
)

// File is an open data file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Closer
}

// FS is the crawler's view of the file system; names are local paths.
type FS interface {
	// ReadDir lists a folder sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	Open(name string) (File, error)
	Stat(name string) (fs.FileInfo, error)
}

// OS is the machine's file system.
type OS struct{}

// ReadDir implements FS.
func (OS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Open implements FS.
func (OS) Open(name string) (File, error) { return os.Open(name) }

// Stat implements FS.
func (OS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
