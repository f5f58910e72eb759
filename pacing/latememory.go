package pacing

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

const (
	lateMemoryVersion = 2
	// keepLate is how often what was learned of late bills is kept. It is learned in
	// hours and fades in days.
	keepLate = 10 * time.Minute
)

// lateMemory is what was learned of one exchange's late bills. It has a fixed
// size.
type lateMemory struct {
	Exchange event.ExchangeID
	Counts   lateCounts
}

// Memory returns what was learned of bills that come late: a version, and the
// exchanges, in big-endian numbers.
func (h *Holds) Memory() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]lateMemory, 0, len(h.late))
	for x, l := range h.late {
		all = append(all, lateMemory{x, l.lateCounts})
	}
	slices.SortFunc(all, func(a, b lateMemory) int { return cmp.Compare(a.Exchange, b.Exchange) })
	b := binary.BigEndian.AppendUint32(nil, lateMemoryVersion)
	b, err := binary.Append(b, binary.BigEndian, all)
	if err != nil {
		return nil, fmt.Errorf("cannot write down what was learned of late bills: %w", err)
	}
	return b, nil
}

// Remember takes what Memory returned so long ago, before anything is held.
// After an error nothing has changed.
func (h *Holds) Remember(memory []byte, age time.Duration) error {
	if len(memory) < 4 || binary.BigEndian.Uint32(memory) != lateMemoryVersion {
		return fmt.Errorf("cannot read what was learned of late bills: want version %d", lateMemoryVersion)
	}
	memory = memory[4:]
	size := binary.Size(lateMemory{})
	all := make([]lateMemory, len(memory)/size)
	if _, err := binary.Decode(memory, binary.BigEndian, all); err != nil || len(memory)%size != 0 {
		return fmt.Errorf("cannot read what was learned of late bills: %d bytes are not whole", len(memory))
	}
	late := make(map[event.ExchangeID]*late, len(all))
	for _, m := range all {
		if !m.Counts.sane() {
			return fmt.Errorf("cannot read what was learned of late bills: numbers of exchange %d are out of bounds", m.Exchange)
		}
		late[m.Exchange] = newLate(m.Counts, age)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.late = late
	return nil
}

// newLate goes on from counts of so long ago.
func newLate(c lateCounts, age time.Duration) *late {
	l := &late{lateCounts: c}
	l.age(max(0, age))
	return l
}

func (c *lateCounts) sane() bool {
	ok := true
	for _, all := range [][]float64{c.Passed[:], c.Billed[:], {c.Bids, c.Silent, c.Bills}} {
		for _, x := range all {
			ok = ok && x >= 0 && !math.IsInf(x, 0)
		}
	}
	return ok
}

// recall takes what an earlier start of this bidder learned.
func (p *Pacer) recall(ctx context.Context) {
	p.kept = p.cfg.Clock.Now()
	if p.cfg.Memory == nil {
		return
	}
	memory, at, err := p.cfg.Memory.Recall(ctx, p.memoryName())
	if err == nil && !at.IsZero() {
		err = p.holds.Remember(memory, p.kept.Sub(at))
	}
	if err != nil {
		p.cfg.Logger.Warn("cannot recall what bills come late", "error", err)
	}
}

// keep writes down what was learned, now and then.
func (p *Pacer) keep(ctx context.Context, now time.Time) {
	if p.cfg.Memory == nil || now.Sub(p.kept) < keepLate {
		return
	}
	p.kept = now
	memory, err := p.holds.Memory()
	if err == nil {
		err = p.cfg.Memory.Keep(ctx, p.memoryName(), memory)
	}
	if err != nil {
		p.cfg.Logger.Warn("cannot keep what bills come late", "error", err)
	}
}

func (p *Pacer) memoryName() string { return "holds of " + p.cfg.Name }
