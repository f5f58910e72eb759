package frontier

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Reservoir samples one line item. An opportunity that is not sampled, as most
// are, costs an addition. It is safe for concurrent use.
type Reservoir struct {
	room    *room // pointers come first: the garbage collector looks no further
	samples samples
	hours   hourly[meetings]
	bills   hourly[bills]

	hour  atomic.Int64 // that met counts, in Unix hours
	met   atomic.Int64
	worth atomic.Int64  // nanos: the values of what was met
	level atomic.Uint32 // one in 2^level is sampled

	mu    sync.Mutex
	since int64 // Unix seconds of the first opportunity
	news  int   // samples taken and impressions billed since it was last read
}

// room bounds the samples of all line items together.
type room struct{ left atomic.Int64 }

const (
	// Each line item has room for leastSamples; it takes that in steps, from
	// firstSamples, as most of a large catalog meet little.
	firstSamples, leastSamples, mostSamples = 2, 16, 512
	mostLevel                               = 31
)

// Meet counts an opportunity and its value, nanos before the multiplier, and
// says whether to Keep a sample of it.
func (r *Reservoir) Meet(hash uint32, value float64, now time.Time) bool {
	hour := now.Unix() / 3600
	if r.hour.Load() != hour {
		r.mu.Lock()
		if r.since == 0 {
			r.since = now.Unix()
		}
		r.turn(hour)
		r.mu.Unlock()
	}
	r.met.Add(1)
	r.worth.Add(int64(money.FromFloat(value)))
	return sampled(hash, r.level.Load())
}

func sampled(hash, level uint32) bool { return hash&(1<<level-1) == 0 }

// turn begins a new hour. What others count meanwhile may be of the one before.
func (r *Reservoir) turn(hour int64) {
	was := r.hour.Load()
	if was >= hour {
		return
	}
	if was != 0 {
		h := r.hours.at(was)
		h.met += r.met.Swap(0)
		h.worth += r.worth.Swap(0)
	}
	r.hour.Store(hour)
}

// Keep keeps a sample that Meet asked for.
func (r *Reservoir) Keep(s Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	level := r.level.Load()
	if !sampled(s.Hash, level) {
		return // it was lowered meanwhile
	}
	if len(r.samples.all) == cap(r.samples.all) && !r.grow() && !r.makeRoom(s.At) {
		return
	}
	if level = r.level.Load(); !sampled(s.Hash, level) {
		return
	}
	s.Level = uint8(level)
	r.samples.add(&s)
	r.news++
}

// grow doubles the memory, as far as all line items together may: the first
// leastSamples are taken at once, whether or not there are so many left.
func (r *Reservoir) grow() bool {
	was := cap(r.samples.all)
	if was == mostSamples {
		return false
	}
	to := max(firstSamples, 2*was)
	switch more := int64(to - was); {
	case was == 0:
		r.room.left.Add(-leastSamples)
	case to > leastSamples && r.room.left.Add(-more) < 0:
		r.room.left.Add(more)
		return false
	}
	r.samples.grow(to)
	return true
}

// makeRoom drops what is too old. Where that is little, one half of the others
// goes too, by their hashes, and from now on half as many come.
func (r *Reservoir) makeRoom(now uint32) bool {
	was := len(r.samples.all)
	r.samples.drop(func(s *kept) bool { return s.at+Span*3600 > now })
	level := r.level.Load()
	switch left := len(r.samples.all); {
	case left < was/4 && level > 0:
		r.level.Store(level - 1) // traffic fell
	case left > was-was/8:
		if level == mostLevel {
			return false
		}
		level++
		r.level.Store(level)
		r.samples.drop(func(s *kept) bool {
			s.level = max(s.level, uint8(level))
			return sampled(s.hash, uint32(s.level))
		})
	}
	return len(r.samples.all) < cap(r.samples.all)
}

// Billed counts impressions that a notice billed, of whatever bidder's bid: what
// the advertiser pays, and what they were worth before the multiplier.
func (r *Reservoir) Billed(cost money.Nanos, value float64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.bills.at(now.Unix() / 3600)
	h.billed++
	h.spent += int64(cost)
	h.value += value
	r.news++
}

// Record returns what is known of the hours up to now, Span of them, and
// whether there is news since the last Record. m is what is known of prices.
func (r *Reservoir) Record(now time.Time, m *landscape.Model) (rec Record, news bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	this := now.Unix() / 3600
	r.turn(this)
	rec.At = now
	rec.Since = time.Unix(max(r.since, begin(now)), 0).UTC()
	n := len(r.samples.all)
	rec.Samples, rec.Prices = make([]Sample, 0, n), make([]landscape.Prices, 0, n)
	for i := range n {
		if s := r.samples.at(i); int64(s.At) >= begin(now) {
			rec.Samples = append(rec.Samples, s)
			rec.Prices = append(rec.Prices, m.Prices(s.Context))
		}
	}
	for hour := this - Span + 1; hour <= this; hour++ {
		h := Hour{Hour: hour}
		if x := r.hours.find(hour); x != nil {
			h.Met, h.Worth = x.met, x.worth
		}
		if x := r.bills.find(hour); x != nil {
			h.Billed, h.Spent, h.Value = x.billed, x.spent, x.value
		}
		if hour == r.hour.Load() {
			h.Met += r.met.Load()
			h.Worth += r.worth.Load()
		}
		if h != (Hour{Hour: hour}) {
			rec.Hours = append(rec.Hours, h)
		}
	}
	news = r.news > 0
	r.news = 0
	return rec, news
}

// begin is where the hours that are looked at begin, in Unix seconds: the last
// of Span is the one that is not over.
func begin(now time.Time) int64 { return (now.Unix()/3600 - Span + 1) * 3600 }
