package fn

// All is every function, in the order of their families. Each call makes its
// own caches, so that two engines share nothing.
func All() []Def {
	z := NewZones()
	var out []Def
	for _, family := range [][]Def{dateDefs(z), numberTextDefs(), timeTextDefs(z), regexpDefs(), jsonDefs(), wordDefs(), stringDefs(), encodingDefs(), urlDefs(), unitDefs()} {
		out = append(out, family...)
	}
	return out
}
