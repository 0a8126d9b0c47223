package fn

import "math"

// NormalCDF is normal_cdf.
func NormalCDF(mean, sd, v float64) (float64, error) {
	if !(sd > 0) {
		return 0, invalid("standardDeviation must be > 0")
	}
	return 0.5 * math.Erfc(-(v-mean)/(sd*math.Sqrt2)), nil
}

// InverseNormalCDF is inverse_normal_cdf.
func InverseNormalCDF(mean, sd, p float64) (float64, error) {
	switch {
	case !(p > 0 && p < 1):
		return 0, invalid("p must be 0 > p > 1")
	case !(sd > 0):
		return 0, invalid("sd must be > 0")
	}
	x := -math.Sqrt2 * math.Erfcinv(2*p)
	if math.IsInf(x, 0) {
		x = math.Copysign(math.Sqrt(-2*math.Log(math.Min(p, 1-p))), p-0.5)
	}
	// Erfcinv is inexact far out; Newton's steps mend it.
	for range 20 {
		slope := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		step := (0.5*math.Erfc(-x/math.Sqrt2) - p) / slope
		if x -= step; math.Abs(step) <= 1e-16*math.Abs(x) || slope == 0 {
			break
		}
	}
	return mean + sd*x, nil
}

// betaFraction is the continued fraction of the incomplete beta function.
func betaFraction(a, b, x float64) float64 {
	const tiny = 1e-300
	floor := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/floor(1-(a+b)*x/(a+1))
	h := d
	for m := 1.0; m < 10000; m++ {
		n := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/floor(1+n*d), floor(1+n/c)
		h *= d * c
		n = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/floor(1+n*d), floor(1+n/c)
		step := d * c
		if h *= step; math.Abs(step-1) < 1e-16 {
			break
		}
	}
	return h
}

// incompleteBeta is the regularized incomplete beta function.
func incompleteBeta(a, b, x float64) float64 {
	if x <= 0 || x >= 1 {
		return math.Max(0, math.Min(1, x))
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab - la - lb + a*math.Log(x) + b*math.Log1p(-x))
	if x < (a+1)/(a+b+2) {
		return front * betaFraction(a, b, x) / a
	}
	return 1 - front*betaFraction(b, a, 1-x)/b
}

func checkBeta(a, b float64) error {
	if !(a > 0 && b > 0) {
		return invalid("a, b must be > 0")
	}
	return nil
}

// BetaCDF is beta_cdf.
func BetaCDF(a, b, v float64) (float64, error) {
	if !(v >= 0 && v <= 1) {
		return 0, invalid("value must be 0 >= v >= 1")
	}
	return incompleteBeta(a, b, v), checkBeta(a, b)
}

// InverseBetaCDF is inverse_beta_cdf, by halving.
func InverseBetaCDF(a, b, p float64) (float64, error) {
	if !(p >= 0 && p <= 1) {
		return 0, invalid("p must be 0 >= p >= 1")
	}
	if err := checkBeta(a, b); err != nil {
		return 0, err
	}
	if p == 0 || p == 1 {
		return p, nil
	}
	lo, hi := 0.0, 1.0
	for range 1100 {
		mid := (lo + hi) / 2
		if mid == lo || mid == hi {
			break
		}
		if incompleteBeta(a, b, mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2, nil
}

func checkDegrees(df float64) error {
	if !(df > 0) {
		return invalid("df must be > 0")
	}
	return nil
}

// TCDF is t_cdf: Student's distribution with df degrees of freedom.
func TCDF(x, df float64) (float64, error) {
	if err := checkDegrees(df); err != nil {
		return 0, err
	}
	tail := 0.5 * incompleteBeta(df/2, 0.5, df/(df+x*x))
	if x > 0 {
		return 1 - tail, nil
	}
	return tail, nil
}

// TPDF is t_pdf.
func TPDF(x, df float64) (float64, error) {
	if err := checkDegrees(df); err != nil {
		return 0, err
	}
	l1, _ := math.Lgamma((df + 1) / 2)
	l2, _ := math.Lgamma(df / 2)
	return math.Exp(l1 - l2 - 0.5*math.Log(df*math.Pi) - (df+1)/2*math.Log1p(x*x/df)), nil
}

// wilson is the bound of Wilson's interval on one side, sign -1 or 1.
func wilson(sign float64) func(successes, trials int64, z float64) (float64, error) {
	return func(successes, trials int64, z float64) (float64, error) {
		switch {
		case successes < 0:
			return 0, invalid("number of successes must not be negative")
		case trials <= 0:
			return 0, invalid("number of trials must be positive")
		case successes > trials:
			return 0, invalid("number of successes must not be larger than number of trials")
		case !(z >= 0):
			return 0, invalid("z-score must not be negative")
		}
		s, n := float64(successes), float64(trials)
		p := s / n
		return (p + z*z/(2*n) + sign*z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n), nil
	}
}

func statisticsDefs() []Def {
	return []Def{
		def3("mg_normal_cdf", NormalCDF),
		def3("mg_inverse_normal_cdf", InverseNormalCDF),
		def3("mg_beta_cdf", BetaCDF),
		def3("mg_inverse_beta_cdf", InverseBetaCDF),
		def2("mg_t_cdf", TCDF),
		def2("mg_t_pdf", TPDF),
		def3("mg_wilson_interval_lower", wilson(-1)),
		def3("mg_wilson_interval_upper", wilson(1)),
	}
}
