package fn

import (
	"math"
	"math/bits"
	"sort"
)

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// WidthBucket is width_bucket with bounds and a count.
func WidthBucket(v, from, to float64, count int64) (int64, error) {
	switch {
	case count <= 0:
		return 0, invalid("bucketCount must be greater than 0")
	case math.IsNaN(v):
		return 0, invalid("operand must not be NaN")
	case !finite(from):
		return 0, invalid("first bound must be finite")
	case !finite(to):
		return 0, invalid("second bound must be finite")
	case from == to:
		return 0, invalid("bounds cannot equal each other")
	}
	lower, upper := math.Min(from, to), math.Max(from, to)
	bucket := int64(0)
	switch {
	case v < lower:
	case v >= upper:
		if count == math.MaxInt64 {
			return 0, outOfRange("bucket for value %v is out of range", v)
		}
		bucket = count + 1
	default:
		bucket = int64(float64(count)*(v-lower)/(upper-lower) + 1)
	}
	if from > to {
		bucket = count - bucket + 1
	}
	return bucket, nil
}

// WidthBucketBins is width_bucket with an array of bounds.
func WidthBucketBins(v float64, bins []float64) (int64, error) {
	if len(bins) == 0 {
		return 0, invalid("bins cannot be an empty array")
	}
	if math.IsNaN(v) {
		return 0, invalid("operand cannot be NaN")
	}
	for i, b := range bins {
		if !finite(b) {
			return 0, invalid("bin values must be finite, got %v", b)
		}
		if i > 0 && b < bins[i-1] {
			return 0, invalid("bin values are not sorted in ascending order")
		}
	}
	return int64(sort.Search(len(bins), func(i int) bool { return bins[i] > v })), nil
}

// cosineTerms adds up the squares of m and its product with other.
func cosineTerms(m, other Pairs[*float64]) (norm, dot *float64) {
	value := make(map[string]*float64, len(other))
	for _, e := range other {
		value[e.Key] = e.Value
	}
	n, d := 0.0, 0.0
	for _, e := range m {
		if e.Value == nil {
			return nil, nil
		}
		n += *e.Value * *e.Value
		if o, ok := value[e.Key]; ok {
			if o == nil {
				return nil, nil
			}
			d += *e.Value * *o
		}
	}
	return &n, &d
}

// CosineSimilarity is cosine_similarity; a NULL value in either map makes it
// NULL, and a map of no length NaN.
func CosineSimilarity(a, b Pairs[*float64]) (*float64, error) {
	na, dot := cosineTerms(a, b)
	nb, _ := cosineTerms(b, nil)
	if na == nil || nb == nil {
		return nil, nil
	}
	v := *dot / (math.Sqrt(*na) * math.Sqrt(*nb))
	return &v, nil
}

// wrap keeps the low bits of v, with their sign.
func wrap(v int64, width int64) int64 {
	s := 64 - uint(width)
	return v << s >> s
}

func checkWidth(width int64) error {
	if width != 8 && width != 16 && width != 32 && width != 64 {
		return invalid("no integer has %d bits", width)
	}
	return nil
}

// ShiftLeft is bitwise_left_shift of an integer of width bits.
func ShiftLeft(v, n, width int64) (int64, error) {
	if err := checkWidth(width); err != nil {
		return 0, err
	}
	if width == 64 && n < 0 { // Java takes the low six bits
		n &= 63
	}
	if n < 0 {
		n &= 31
	}
	if n >= width {
		return 0, nil
	}
	return wrap(v<<uint(n), width), nil
}

// ShiftRight is bitwise_right_shift: zeros come in.
func ShiftRight(v, n, width int64) (int64, error) {
	if err := checkWidth(width); err != nil {
		return 0, err
	}
	if n < 0 {
		n &= max(width, 32) - 1
	}
	if n >= width {
		return 0, nil
	}
	return wrap(int64(uint64(v)<<(64-uint(width))>>(64-uint(width))>>uint(n)), width), nil
}

// ShiftRightArithmetic is bitwise_right_shift_arithmetic: the sign comes in.
func ShiftRightArithmetic(v, n, width int64) (int64, error) {
	if err := checkWidth(width); err != nil {
		return 0, err
	}
	if n < 0 {
		n &= max(width, 32) - 1
	}
	return v >> uint(min(n, 63)), nil
}

// BitCount is bit_count: the ones of v in two's complement of that many bits.
func BitCount(v, width int64) (int64, error) {
	if width < 2 || width > 64 {
		return 0, invalid("bits specified in bit_count must be between 2 and 64, got %d", width)
	}
	if wrap(v, width) != v {
		return 0, invalid("number must be representable with the bits specified, %d cannot be represented with %d bits", v, width)
	}
	return int64(bits.OnesCount64(uint64(v) << (64 - uint(width)))), nil
}

// RoundDouble is round of a double: half away from zero, after scaling.
func RoundDouble(v float64, digits int64) float64 {
	factor := math.Pow(10, float64(digits))
	scaled := v * factor
	if !finite(scaled) || !finite(v) || factor == 0 {
		return v
	}
	return math.Round(scaled) / factor
}

// RoundReal is round of a real.
func RoundReal(v float32, digits int64) float32 { return float32(RoundDouble(float64(v), digits)) }

// TruncateDouble is truncate of a double.
func TruncateDouble(v float64) float64 { return math.Trunc(v) }

// Combinations are the indexes, from 1, of all choices of k from n elements, in
// Trino's order.
func Combinations(n, k int64) ([][]int64, error) {
	switch {
	case k < 0:
		return nil, invalid("combination size must not be negative: %d", k)
	case k > 5:
		return nil, invalid("combination size must not exceed 5: %d", k)
	case k > n:
		return [][]int64{}, nil
	}
	total := int64(1)
	for i := range k {
		if total = total * (n - i) / (i + 1); total > 100_000 {
			return nil, invalid("combinations exceed max size: %d", 100_000)
		}
	}
	out := make([][]int64, 0, total)
	pick := make([]int64, k)
	for i := range pick {
		pick[i] = int64(i) + 1
	}
	for {
		out = append(out, append([]int64{}, pick...))
		i := 0
		for i < len(pick) && (i+1 < len(pick) && pick[i]+1 == pick[i+1] || i+1 == len(pick) && pick[i] == n) {
			i++
		}
		if i == len(pick) {
			return out, nil
		}
		pick[i]++
		for j := range i {
			pick[j] = int64(j) + 1
		}
	}
}

// NgramIndexes are the first and last index, from 1, of every run of n of
// count elements; all of them if there are fewer.
func NgramIndexes(count, n int64) ([][]int64, error) {
	if n <= 0 {
		return nil, invalid("N must be positive")
	}
	if count > 1_000_000 {
		return nil, invalid("ngrams of %d elements are too many", count)
	}
	if count == 0 {
		return [][]int64{}, nil
	}
	out := [][]int64{{1, min(n, count)}}
	for i := int64(2); i+n-1 <= count; i++ {
		out = append(out, []int64{i, i + n - 1})
	}
	return out, nil
}

func arithmeticDefs() []Def {
	return []Def{
		def4("mg_width_bucket", WidthBucket),
		def2("mg_width_bucket_bins", WidthBucketBins),
		def2("mg_numeric_histogram", NumericHistogram),
		def2("mg_cosine_similarity", CosineSimilarity),
		def4("mg_top_places", TopPlaces),
		def4("mg_running_top_places", RunningTopPlaces),
		def3("mg_shift_left", ShiftLeft),
		def3("mg_shift_right", ShiftRight),
		def3("mg_shift_right_arithmetic", ShiftRightArithmetic),
		def2("mg_bit_count", BitCount),
		def2("mg_round_double", sure2(RoundDouble)),
		def2("mg_round_real", sure2(RoundReal)),
		def1("mg_truncate_double", sure(TruncateDouble)),
		def2("mg_combination_indexes", Combinations),
		def2("mg_ngram_indexes", NgramIndexes),
	}
}
