package js

// bounded is a map that forgets some entry when it is full. Not safe for
// concurrent use.
type bounded[V any] struct {
	size    int
	entries map[string]V
}

func newBounded[V any](size int) *bounded[V] {
	return &bounded[V]{size: size, entries: map[string]V{}}
}

func (b *bounded[V]) get(key string) (V, bool) {
	v, ok := b.entries[key]
	return v, ok
}

func (b *bounded[V]) put(key string, v V) {
	for k := range b.entries {
		if len(b.entries) < b.size {
			break
		}
		delete(b.entries, k)
	}
	b.entries[key] = v
}
