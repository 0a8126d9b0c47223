package fn

import "sync"

// cache keeps what was made from a key, the most recent ones only. A statement
// has few distinct formats and patterns but asks for them once per row. Errors
// are kept too. Safe for concurrent use.
type cache[V any] struct {
	make func(key string) (V, error)
	mu   sync.RWMutex // guards the rest
	now  map[string]entry[V]
	old  map[string]entry[V]
}

type entry[V any] struct {
	v   V
	err error
}

// cacheSize entries live in each of two generations; the older one is dropped
// when the younger is full.
const cacheSize = 128

func newCache[V any](f func(key string) (V, error)) *cache[V] {
	return &cache[V]{make: f, now: map[string]entry[V]{}}
}

func (c *cache[V]) get(key string) (V, error) {
	c.mu.RLock()
	e, ok := c.now[key]
	c.mu.RUnlock()
	if ok {
		return e.v, e.err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok = c.now[key]; ok {
		return e.v, e.err
	}
	if e, ok = c.old[key]; !ok {
		e.v, e.err = c.make(key)
	}
	if len(c.now) >= cacheSize {
		c.now, c.old = make(map[string]entry[V], cacheSize), c.now
	}
	c.now[key] = e
	return e.v, e.err
}
