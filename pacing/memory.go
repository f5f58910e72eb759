package pacing

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// memoryVersion grows when older memories cannot be read any more.
const memoryVersion = 4

// How long what was learned keeps. A price is good for the traffic it was
// found in; what bids cost changes in days; people's habits in seasons.
const (
	priceKeeps   = time.Hour
	costKeeps    = 3 * 24 * time.Hour
	trafficKeeps = 60 * 24 * time.Hour
)

// nodeMemory is what was learned of one budget. It has a fixed size.
type nodeMemory struct {
	Node    event.NodeID
	Log     float64 // ln lambda
	Steady  float64 // its mean over the plan
	Period  event.Period
	Seen    float64 // opportunities of the period
	Base    float64 // nanos that were booked before they came
	Over    float64 // open nanos of the plan that were over then
	Cal     calibration
	Traffic traffic
	Outlook outlook
	Course  course
}

var (
	_ Priced     = (*Dual)(nil)
	_ Planner    = (*Dual)(nil)
	_ Rememberer = (*Dual)(nil)
)

// Memory returns what was learned of every budget: its price, what bids cost
// beside what was expected, and when its traffic comes. It is the version, the
// traffic of all, and the budgets, in big-endian numbers.
func (c *Dual) Memory() ([]byte, error) {
	b, err := binary.Append(make([]byte, 0, 2048*(1+len(c.order))), binary.BigEndian, uint32(memoryVersion))
	if err == nil {
		b, err = binary.Append(b, binary.BigEndian, &c.all)
	}
	for _, d := range c.order {
		if err == nil {
			b, err = binary.Append(b, binary.BigEndian, &nodeMemory{d.budget.Node, d.log, d.steady, d.period, d.seen, d.base, d.over, d.cal, d.traffic, d.outlook, d.course})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write down what was learned: %w", err)
	}
	return b, nil
}

// readMemory reads what Memory wrote.
func readMemory(b []byte) (all traffic, nodes []nodeMemory, err error) {
	var version uint32
	if n, err := binary.Decode(b, binary.BigEndian, &version); err != nil {
		return all, nil, err
	} else if b = b[n:]; version != memoryVersion {
		return all, nil, fmt.Errorf("version %d, want %d", version, memoryVersion)
	}
	n, err := binary.Decode(b, binary.BigEndian, &all)
	if err != nil {
		return all, nil, err
	}
	for b = b[n:]; len(b) > 0; b = b[n:] {
		var m nodeMemory
		if n, err = binary.Decode(b, binary.BigEndian, &m); err != nil {
			return all, nil, err
		}
		if !m.sane() {
			return all, nil, fmt.Errorf("numbers of budget %d are out of bounds", m.Node)
		}
		nodes = append(nodes, m)
	}
	return all, nodes, nil
}

// Remember takes what Memory returned. Budgets are known again when line items
// name them.
func (c *Dual) Remember(memory []byte, at, now time.Time) error {
	all, nodes, err := readMemory(memory)
	if err != nil {
		return fmt.Errorf("cannot read what was learned: %w", err)
	}
	age := now.Sub(at)
	if age < 0 || age > trafficKeeps {
		return nil
	}
	c.all = all
	c.remembered = make(map[event.NodeID]*dual, len(nodes))
	for i := range nodes {
		n := &nodes[i]
		d := &dual{traffic: n.Traffic, log: n.Steady, steady: n.Steady, learned: steadyMemory}
		if age <= costKeeps {
			d.cal = n.Cal
		}
		if age <= priceKeeps {
			d.log, d.period, d.seen, d.base, d.over, d.outlook, d.begun = n.Log, n.Period, n.Seen, n.Base, n.Over, n.Outlook, true
			d.course = n.Course
		}
		c.remembered[n.Node] = d
	}
	return nil
}

// sane says whether the numbers are such as Memory writes: what was kept is
// bytes, and a price that is not a number would never move again.
func (n *nodeMemory) sane() bool {
	ok := n.Course.sane() && n.Log >= 0 && n.Log <= mostLog && n.Steady >= 0 && n.Steady <= mostLog
	c, t, o := &n.Cal, &n.Traffic, &n.Outlook
	for _, x := range []float64{
		n.Seen, n.Base, n.Over, c.Matured, c.Worth, c.ForeseenAll, c.WorthAll, c.Offered, c.Expected, c.Bids, c.Lumps.Sum, c.Lumps.Bids, c.Lumps.Squares,
		t.Met, t.Open, o.Late, o.LateMet, float64(o.Level),
	} {
		ok = ok && x >= 0 && !math.IsInf(x, 0)
	}
	for _, all := range [][]float32{t.Week[:], t.Day[:], o.Met[:], o.Forecast[:], o.Factors[:]} {
		for _, x := range all {
			ok = ok && x >= 0 && !math.IsInf(float64(x), 0)
		}
	}
	return ok
}
