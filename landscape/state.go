package landscape

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// stateVersion begins an encoded state. It changes with what is in a Key.
const stateVersion = 1

// AppendState appends what is known, for a start after this one: the contexts
// that were observed most, in at most size bytes.
func (l *Learner) AppendState(dst []byte, size int) []byte {
	l.work.Lock()
	defer l.work.Unlock()
	all := make([]*context, 0, len(l.contexts))
	for _, c := range l.contexts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *context) int { // parents first: they have no fewer
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.key.level(), b.key.level()), cmp.Compare(a.key, b.key))
	})
	from := len(dst)
	dst = append(dst, stateVersion)
	for _, c := range all {
		at := len(dst)
		if dst = c.append(dst); len(dst)-from > size {
			return dst[:at]
		}
	}
	return dst
}

// append appends a context: key, time, how many positions were counted, and of
// each the distance to the one before, which kinds, and how many of each in the
// upper half of a float32.
func (c *context) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.key))
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.at.UnixNano()))
	count := len(dst)
	dst = append(dst, 0, 0)
	n, last := 0, 0
	for i, seen := range c.seen {
		mask := byte(0)
		for k, x := range seen {
			if bits16(x) > 0 {
				mask |= 1 << k
			}
		}
		if mask == 0 {
			continue
		}
		at := c.low + i
		dst = append(binary.AppendUvarint(dst, uint64(at-last)), mask)
		for k, x := range seen {
			if mask>>k&1 == 1 {
				dst = binary.BigEndian.AppendUint16(dst, bits16(x))
			}
		}
		last = at
		n++
	}
	binary.BigEndian.PutUint16(dst[count:], uint16(n))
	return dst
}

// bits16 is the upper half of a float32, rounded down: 8 bits of precision.
func bits16(x float32) uint16 { return uint16(math.Float32bits(x) >> 16) }

// LoadState takes over what another learner wrote, in place of all that is
// known here. On an error nothing is changed.
func (l *Learner) LoadState(state []byte) error {
	contexts, err := readState(state)
	if err != nil {
		return fmt.Errorf("cannot load the landscape: %w", err)
	}
	l.work.Lock()
	defer l.work.Unlock()
	l.contexts = contexts
	l.model = &Model{version: l.model.version}
	return nil
}

var errState = errors.New("it is no state, or cut short")

func readState(state []byte) (map[Key]*context, error) {
	if len(state) == 0 || state[0] != stateVersion {
		return nil, errState
	}
	all := map[Key]*context{}
	for state = state[1:]; len(state) > 0; {
		if len(state) < 18 {
			return nil, errState
		}
		c := &context{key: Key(binary.BigEndian.Uint64(state)), at: time.Unix(0, int64(binary.BigEndian.Uint64(state[8:]))), dirty: true}
		if level := c.key.level(); level < 0 || level >= levels || c.key != c.key.at(level) || all[c.key] != nil {
			return nil, errState
		}
		n, at := int(binary.BigEndian.Uint16(state[16:])), 0
		state = state[18:]
		for range n {
			step, size := binary.Uvarint(state)
			if size <= 0 || len(state) <= size || step >= edges || at+int(step) >= edges {
				return nil, errState
			}
			mask := state[size]
			at, state = at+int(step), state[size+1:]
			for k := range kinds {
				if mask>>k&1 == 0 {
					continue
				}
				if len(state) < 2 {
					return nil, errState
				}
				x := math.Float32frombits(uint32(binary.BigEndian.Uint16(state)) << 16)
				if !(x >= 0 && x <= maxCount) || k == exact && at > lastBin {
					return nil, errState
				}
				c.add(k, at, x)
				state = state[2:]
			}
		}
		c.fresh = 0
		all[c.key] = c
	}
	return all, nil
}
