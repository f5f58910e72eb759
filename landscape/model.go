package landscape

import "time"

// Model is what was known at one time. It is immutable and safe for concurrent
// use; nil knows nothing.
type Model struct {
	version uint64
	at      time.Time
	known   map[Key]*distribution
}

// Version grows with every model that replaces another; 0 knows nothing.
func (m *Model) Version() uint64 {
	if m == nil {
		return 0
	}
	return m.version
}

// Age returns how long nothing new was learned; 0 if nothing ever was.
func (m *Model) Age(now time.Time) time.Duration {
	if m.Version() == 0 {
		return 0
	}
	return now.Sub(m.at)
}

// Len returns how many contexts have a distribution of their own.
func (m *Model) Len() int {
	if m == nil {
		return 0
	}
	return len(m.known)
}

// Prices returns what is known of a context, or of the finest one above it
// that anything is known of. It allocates nothing.
func (m *Model) Prices(k Key) Prices {
	if m == nil || !k.valid() {
		return Prices{}
	}
	for level := levels - 1; level >= 0; level-- {
		if d := m.known[k.at(level)]; d != nil {
			return Prices{d, uint8(level)}
		}
	}
	return Prices{}
}
