package frontier

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Market is the opportunities of one line item in a day like the last. It is
// immutable.
type Market struct {
	Terms
	Multiplier float64
	At, Since  time.Time // of the newest record, and of the first opportunity
	Samples    int
	Priced     int           // of them, those whose prices are known
	Met        float64       // opportunities in a day
	Hours      [Span]float64 // of them, by hour of the day in UTC, as far as the hour was seen
	Delivered  Delivered

	lots    []lot
	billed  ratios
	shading *landscape.Shading
}

// Delivered is what was billed since Market.Since.
type Delivered struct {
	Impressions int64
	Spend       money.Nanos
	Value       float64 // nanos
}

// lot is a sample and what it stands for.
type lot struct {
	Sample
	prices landscape.Prices
	weight float64 // opportunities in a day
	hour   int     // of the day, UTC
}

// maxLots bounds what a curve is computed from: its error is mostly that of
// values, which more do not make much smaller.
const maxLots = 1024

// NewMarket puts the records of a line item together: those of all bidders, of
// starts before the last too. Without any, or without an opportunity, it is
// nil.
func NewMarket(records []Record, now time.Time) *Market {
	m := &Market{Since: now, billed: ratios{1, 1, 0}}
	var err error
	if m.shading, err = landscape.NewShading(landscape.ShadingConfig{Control: -1, Explore: -1}); err != nil {
		return nil // cannot be
	}
	from, total := begin(now), 0
	for i := range records {
		r := &records[i]
		if r.At.After(m.At) {
			m.At, m.Terms, m.Multiplier = r.At, r.Terms, r.Multiplier
		}
		if r.Since.Before(m.Since) {
			m.Since = r.Since
		}
		total += len(r.Samples)
	}
	if start := time.Unix(from, 0).UTC(); m.Since.Before(start) {
		m.Since = start
	}
	step := 1 + (total-1)/maxLots
	turn := 0
	for i := range records {
		m.add(&records[i], from, step, &turn)
	}
	if m.Met == 0 || len(m.lots) == 0 {
		return nil
	}
	m.calibrate()
	perDay := m.perDay(now)
	m.Met *= perDay
	for i := range m.lots {
		m.lots[i].weight *= perDay
	}
	return m
}

// perDay is how many times what was seen fits into a day.
func (m *Market) perDay(now time.Time) float64 {
	return float64(24*time.Hour) / float64(max(now.Sub(m.Since), time.Minute))
}

// Seen is how much of a day was seen: at most 1.
func (m *Market) Seen(now time.Time) float64 { return min(1, 1/m.perDay(now)) }

// add adds a record. What it met is divided among its samples.
func (m *Market) add(r *Record, from int64, step int, turn *int) {
	met, all := 0.0, 0.0
	for _, h := range r.Hours {
		if h.Hour*3600 < from {
			continue
		}
		met += float64(h.Met)
		all += float64(h.Worth)
		m.Hours[h.Hour%Span] += float64(h.Met)
		m.Delivered.Impressions += h.Billed
		m.Delivered.Spend += money.Nanos(h.Spent)
		m.Delivered.Value += h.Value
	}
	first, sum, worth := len(m.lots), 0.0, 0.0
	for i := range r.Samples {
		if int64(r.Samples[i].At) < from {
			continue
		}
		m.Samples++
		if r.Prices[i].Known() {
			m.Priced++
		}
		if *turn++; *turn%step != 0 {
			continue
		}
		weight := math.Exp2(float64(r.Samples[i].Level))
		sum += weight
		worth += weight * float64(r.Samples[i].Value) * r.Terms.Worth
		m.lots = append(m.lots, lot{r.Samples[i], r.Prices[i], weight, int(r.Samples[i].At / 3600 % Span)})
	}
	if sum == 0 {
		return // a part too small to know
	}
	for i := first; i < len(m.lots); i++ {
		m.lots[i].weight *= met / sum
	}
	m.Met += met
	rake(m.lots[first:], all/(worth*met/sum))
}

// mostRaked bounds how far the values of samples may be from those of all: what
// is farther off is no chance, the line item was changed.
const mostRaked = 1.6

// rake makes weights so that the values of lots add up to so many times what
// they do, and their number stays: how much all opportunities are worth is known
// without a sample. The more one is worth, the more its weight grows, or falls.
func rake(lots []lot, times float64) {
	if !(times > 1/mostRaked && times < mostRaked) {
		return
	}
	sum, worth := 0.0, 0.0
	for i := range lots {
		sum += lots[i].weight
		worth += lots[i].weight * float64(lots[i].Value)
	}
	mean := worth / sum
	tilted := func(by float64) (n, value float64) {
		for i := range lots {
			w := lots[i].weight * math.Exp(by*float64(lots[i].Value)/mean)
			n += w
			value += w * float64(lots[i].Value)
		}
		return n, value
	}
	low, high := -1.0, 1.0
	for range 50 {
		mid := (low + high) / 2
		if n, value := tilted(mid); value/n < times*mean {
			low = mid
		} else {
			high = mid
		}
	}
	n, _ := tilted(low)
	for i := range lots {
		lots[i].weight *= math.Exp(low*float64(lots[i].Value)/mean) * sum / n
	}
}

// Point is a day at one multiplier. Money is nanos of the advertiser's
// currency.
type Point struct {
	Multiplier  float64
	Spend       float64
	Impressions float64 // that are won and shown
	Value       float64 // nanos, before the multiplier
	Outcomes    float64 // of the goal: impressions, clicks, orders, or nanos of order value
	Bids        float64
}

// Day returns what a day is expected to bring at a multiplier.
func (m *Market) Day(t Terms, multiplier float64) (p Point) {
	p.Multiplier = multiplier
	for i := range m.lots {
		l := &m.lots[i]
		p.add(m.expect(l, t, multiplier), l.weight)
	}
	return p
}

func (p *Point) add(x Point, weight float64) {
	p.Spend += weight * x.Spend
	p.Impressions += weight * x.Impressions
	p.Value += weight * x.Value
	p.Outcomes += weight * x.Outcomes
	p.Bids += weight * x.Bids
}

// expect returns what one opportunity is expected to bring: the bid that the
// bidder would make, and how often it wins.
func (m *Market) expect(l *lot, t Terms, multiplier float64) (p Point) {
	value := float64(l.Value) * t.Worth
	worth := landscape.Worth(value, multiplier, t.MaxBid)
	over := 0.0
	if worth > 0 {
		over = value * multiplier / float64(worth)
	}
	if l.Rate != 1 {
		worth = money.FromFloat(float64(worth) * float64(l.Rate))
	}
	floor := money.FromFloat(float64(l.Floor))
	if worth <= 0 || worth < floor || float64(worth) <= float64(l.Rival) {
		return p
	}
	q := m.shading.Price(landscape.Imp{Prices: l.prices, Mechanism: l.Mechanism, Worth: worth, Over: over, Floor: floor, Shade: l.Shade})
	won := q.WinRate
	if !l.prices.Known() {
		// The landscape says the same of every bid. That would make the lowest
		// the best; here the chance grows with the bid.
		won *= float64(worth) / (float64(landscape.Worth(value, 1, t.MaxBid)) * float64(l.Rate))
	}
	shown := won * float64(l.Quantity) * m.billed.shown
	return Point{
		Spend:       won * float64(l.Fixed+l.Slope*float32(q.Payment)) * m.billed.spend,
		Impressions: shown, Value: shown * value, Outcomes: shown * float64(l.Outcomes), Bids: 1,
	}
}
