package fn

import (
	"math"
	"slices"
)

// histogramBuffer is how many values Trino gathers beyond the buckets before it
// merges them.
const histogramBuffer = 100

// bucket is a centre and the number of values around it.
type bucket struct{ value, weight float64 }

// NumericHistogram is Trino's numeric_histogram of at most n buckets: values
// first, then as many weights. Values are taken in the order given, so where
// there are more than n + 100 different ones the buckets depend on it.
func NumericHistogram(n int64, values []float64) ([]float64, error) {
	if n < 2 {
		return nil, invalid("numeric_histogram bucket count must be greater than one")
	}
	if n > 1000 {
		return nil, invalid("numeric_histogram bucket count must not be greater than 1000, not %d", n)
	}
	var list []bucket
	for _, v := range values {
		if len(list) == int(n)+histogramBuffer {
			list = mergeBuckets(list, int(n))
		}
		list = append(list, bucket{v, 1})
	}
	list = mergeBuckets(list, int(n))
	out := make([]float64, 2*len(list))
	for i, b := range list {
		out[i], out[len(list)+i] = b.value, b.weight
	}
	return out, nil
}

// mergeBuckets joins the pair that costs least until n are left.
func mergeBuckets(list []bucket, n int) []bucket {
	slices.SortStableFunc(list, func(a, b bucket) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	for i := 0; i+1 < len(list); {
		if list[i].value != list[i+1].value {
			i++
			continue
		}
		list[i].weight += list[i+1].weight
		list = slices.Delete(list, i+1, i+2)
	}
	for len(list) > n {
		best, least := 0, math.Inf(1)
		for i := 0; i+1 < len(list); i++ {
			if p := penalty(list[i], list[i+1]); p < least {
				best, least = i, p
			}
		}
		a, b := list[best], list[best+1]
		w := a.weight + b.weight
		list[best] = bucket{(a.value*a.weight + b.value*b.weight) / w, w}
		list = slices.Delete(list, best+1, best+2)
	}
	return list
}

// penalty is what joining two buckets loses: the variance it hides.
func penalty(a, b bucket) float64 {
	w := a.weight + b.weight
	return w * (a.value - b.value) * (a.value - b.value) * a.weight * b.weight / (w * w)
}
