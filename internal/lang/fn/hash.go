package fn

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"math"
	"math/big"

	"github.com/cespare/xxhash/v2"
	"github.com/twmb/murmur3"

	"github.com/mulgil/mulgil/internal/base"
)

func digest(f func() hash.Hash) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		h := f()
		h.Write(b)
		return h.Sum(nil), nil
	}
}

func keyed(f func() hash.Hash) func(b, key []byte) ([]byte, error) {
	return func(b, key []byte) ([]byte, error) {
		if len(key) == 0 {
			return nil, base.Errorf(base.Invalid, "empty key").WithCode("GENERIC_INTERNAL_ERROR")
		}
		h := hmac.New(f, key)
		h.Write(b)
		return h.Sum(nil), nil
	}
}

func big64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }
func big32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

func murmur(b []byte) []byte {
	h1, h2 := murmur3.Sum128(b)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, h1), h2)
}

// bucketHash is the hash of Iceberg's bucket transform (specification, appendix B)
// without its sign.
func bucketHash(b []byte) int32 { return int32(murmur3.Sum32(b) & math.MaxInt32) }

// unscaledBytes are the fewest bytes that hold a decimal's digits as a signed
// number, the highest first.
func unscaledBytes(digits string) ([]byte, error) {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return nil, invalid("%q is no whole number", digits)
	}
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		size = new(big.Int).Not(n).BitLen()/8 + 1
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	return n.FillBytes(make([]byte, size)), nil
}

func bucketUnscaled(digits string) (int32, error) {
	b, err := unscaledBytes(digits)
	return bucketHash(b), err
}

// fromBytes reads a number of exactly size bytes.
func fromBytes[T any](size int, f func([]byte) T) func([]byte) (T, error) {
	return func(b []byte) (T, error) {
		if len(b) != size {
			var zero T
			return zero, invalid("expected %d-byte input, but got instead: %d", size, len(b))
		}
		return f(b), nil
	}
}

// floatBits are those of a double, with one form of NaN.
func floatBits(v float64) uint64 {
	if v != v {
		return 0x7ff8000000000000
	}
	return math.Float64bits(v)
}

func floatBits32(v float32) uint32 {
	if v != v {
		return 0x7fc00000
	}
	return math.Float32bits(v)
}

func little64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

// checksumOf is what a value adds to checksum(), where sums wrap.
func checksumOf(b []byte) int64 {
	const prime = 0x9E3779B185EBCA87 // what NULL adds
	return int64(xxhash.Sum64(b) * prime)
}

func hashDefs() []Def {
	return []Def{
		def1("mg_crc32", sure(func(b []byte) int64 { return int64(crc32.ChecksumIEEE(b)) })),
		def1("mg_xxhash64", sure(func(b []byte) []byte { return big64(xxhash.Sum64(b)) })),
		def1("mg_checksum_bigint", sure(func(v int64) int64 { return checksumOf(little64(uint64(v))) })),
		def1("mg_checksum_double", sure(func(v float64) int64 { return checksumOf(little64(floatBits(v))) })),
		def1("mg_checksum_real", sure(func(v float32) int64 { return checksumOf(little64(uint64(int64(int32(floatBits32(v)))))) })),
		def1("mg_checksum_varchar", sure(func(s string) int64 { return checksumOf([]byte(s)) })),
		def1("mg_checksum_bytes", sure(func(v int64) []byte { return little64(uint64(v)) })),
		def1("mg_murmur3", sure(murmur)),
		def1("mg_bucket_bigint", sure(func(v int64) int32 { return bucketHash(little64(uint64(v))) })),
		def1("mg_bucket_blob", sure(bucketHash)),
		def1("mg_bucket_unscaled", bucketUnscaled),
		def1("mg_spooky_hash_v2_32", sure(func(b []byte) []byte { return big32(uint32(SpookyHash64(b))) })),
		def1("mg_spooky_hash_v2_64", sure(func(b []byte) []byte { return big64(SpookyHash64(b)) })),
		def1("mg_md5", digest(md5.New)),
		def1("mg_sha1", digest(sha1.New)),
		def1("mg_sha256", digest(sha256.New)),
		def1("mg_sha512", digest(sha512.New)),
		def2("mg_hmac_md5", keyed(md5.New)),
		def2("mg_hmac_sha1", keyed(sha1.New)),
		def2("mg_hmac_sha256", keyed(sha256.New)),
		def2("mg_hmac_sha512", keyed(sha512.New)),
		def1("mg_to_big_endian_32", sure(func(v int32) []byte { return big32(uint32(v)) })),
		def1("mg_to_big_endian_64", sure(func(v int64) []byte { return big64(uint64(v)) })),
		def1("mg_from_big_endian_32", fromBytes(4, func(b []byte) int32 { return int32(binary.BigEndian.Uint32(b)) })),
		def1("mg_from_big_endian_64", fromBytes(8, func(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) })),
		def1("mg_to_ieee754_32", sure(func(v float32) []byte { return big32(floatBits32(v)) })),
		def1("mg_to_ieee754_64", sure(func(v float64) []byte { return big64(floatBits(v)) })),
		def1("mg_from_ieee754_32", fromBytes(4, func(b []byte) float32 { return math.Float32frombits(binary.BigEndian.Uint32(b)) })),
		def1("mg_from_ieee754_64", fromBytes(8, func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) })),
	}
}
