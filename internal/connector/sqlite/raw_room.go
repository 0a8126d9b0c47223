package sqlite

import "encoding/binary"

// pointerIn reads the pointer SQLite wrote into 8 bytes, on every machine we build for.
func pointerIn(room []byte) uintptr { return uintptr(binary.NativeEndian.Uint64(room)) }
