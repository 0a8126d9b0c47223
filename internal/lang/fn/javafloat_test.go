package fn

import (
	"math"
	"strconv"
	"testing"
)

// The texts are Java 17's.
func TestDigitsAreJavas(t *testing.T) {
	for text, bits := range map[string]int{
		"1.4E-45": 32, "1.3E-38": 32, "2.4414062E-4": 32, "9.6714065E24": 32, "6.3212324E25": 32, "1.59071454E13": 32, "3.4028235E38": 32, "-3.89963712E8": 32,
		"4.9E-324": 64, "1.5E-310": 64, "4.6566128730773926E-10": 64, "9.0657250048472806E17": 64, "2.7645137601019892E25": 64, "1.7605514020478079E19": 64, "1.9999999999999998E23": 64, "9.999999999999999E22": 64, "1.7976931348623157E308": 64, "9.223372036854776E18": 64,
	} {
		v, err := strconv.ParseFloat(text, bits)
		if err != nil {
			t.Fatal(err)
		}
		if got := scientific(v, JavaDigits(v, bits)); got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
}

func FuzzDigitsReadBack(f *testing.F) {
	for _, v := range []float64{1, 1e25, 3e25, 1 << 60, 5e-324, math.MaxFloat64, 1e-300} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, b uint64) {
		v := math.Float64frombits(b)
		if got, err := strconv.ParseFloat(JavaDigits(v, 64), 64); v == v && (err != nil || got != v) {
			t.Errorf("%g: %s", v, JavaDigits(v, 64))
		}
		narrow := float64(math.Float32frombits(uint32(b)))
		if got, err := strconv.ParseFloat(JavaDigits(narrow, 32), 32); narrow == narrow && (err != nil || got != narrow) {
			t.Errorf("%g: %s", narrow, JavaDigits(narrow, 32))
		}
	})
}
