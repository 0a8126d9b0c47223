package attribute

// Key is the bytes that stand for a value of type S, N or B where items are
// kept in order: texts and bytes sort by their bytes, numbers by amount.
func (v Value) Key() string {
	if v.Type == N {
		return v.number().Key()
	}
	return v.Text
}

// Key is the number as bytes that sort by amount: a sign (0 below zero, 1
// zero, 2 above), the exponent in one byte, two digits a byte counted from 1.
// Below zero all but the sign is inverted, and 255 at the end puts -1.25
// before -1.2.
func (n Number) Key() string {
	if n.digits == "" {
		return "\x01"
	}
	k := []byte{2, byte(n.exponent - minExponent)}
	for i := 0; i < len(n.digits); i += 2 {
		pair := 10 * (n.digits[i] - '0')
		if i+1 < len(n.digits) {
			pair += n.digits[i+1] - '0'
		}
		k = append(k, pair+1)
	}
	if n.negative {
		k[0] = 0
		for i := 1; i < len(k); i++ {
			k[i] = ^k[i]
		}
		k = append(k, 255)
	}
	return string(k)
}
