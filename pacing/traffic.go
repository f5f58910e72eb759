package pacing

import (
	"slices"
	"time"
)

const (
	weekHours = 7 * 24
	hour      = int64(time.Hour)
	// Counts of how often an hour was seen stop growing here: what was a year
	// ago tells little.
	mostSeen = 6
	// What all line items together met speaks for one like so many days of its own.
	sharedDays = 0.25
	// Of an hour of the week, what the same hour was on other days counts like
	// so many weeks of its own.
	otherDays = 1
)

// traffic is how many opportunities come in each hour of the week, and on any
// day, as learned from those that came: of a budget, or of all of them. Hours
// are UTC's: people change what their clocks show twice a year, not traffic.
type traffic struct {
	Week  [weekHours]float32 // opportunities per hour
	Day   [24]float32
	Weeks [weekHours]uint8 // how often seen, at most mostSeen
	Days  [24]uint8

	Hour      int64   // that is being counted, whole hours of unix time
	Met, Open float64 // opportunities in it, and hours that it was open
}

// weekHour returns the hour of the week of whole hours of unix time. Unix time
// began on a Thursday.
func weekHour(h int64) int { return int(((h+4*24)%weekHours + weekHours) % weekHours) }

// add counts opportunities that were met in some hours of open time up to now.
// It says whether an hour was completed.
func (t *traffic) add(now int64, met, open float64) (done bool) {
	h := (now - 1) / hour
	if h != t.Hour {
		done = t.Open > 0
		t.close()
		t.Hour, t.Met, t.Open = h, 0, 0
	}
	t.Met += met
	t.Open += open
	return done
}

// leastOpen is how much of an hour must have been open to tell of it, in hours.
const leastOpen = 0.2

// close learns from the hour that was counted.
func (t *traffic) close() {
	if t.Open < leastOpen {
		return
	}
	rate, h := float32(t.Met/t.Open), weekHour(t.Hour)
	learn(&t.Week[h], &t.Weeks[h], rate)
	learn(&t.Day[h%24], &t.Days[h%24], rate)
}

// whole says whether every hour of the day was seen.
func (t *traffic) whole() bool { return !slices.Contains(t.Days[:], 0) }

func learn(mean *float32, n *uint8, x float32) {
	*n = min(mostSeen, *n+1)
	*mean += (x - *mean) / float32(*n)
}

// forecast is a traffic's expectation for each hour of the week, masked by the
// hours that may bid, and its sums.
type forecast struct {
	known  bool                   // the level is known, not the shape alone
	open   bool                   // every hour may bid
	before [weekHours + 1]float64 // opportunities expected in the hours of the week before
}

// build fills the forecast from what a budget's own traffic tells, what all
// together tell of the shape, and which part of each hour may bid.
func (f *forecast) build(own, all *traffic, open *[weekHours]float32) {
	// How much of all is its own, over the hours that both know.
	mine, theirs := 0.0, 0.0
	for h := range own.Days {
		if own.Days[h] > 0 && all.Days[h] > 0 {
			mine += float64(own.Day[h])
			theirs += float64(all.Day[h])
		}
	}
	f.known = mine > 0
	scale, flat := 1.0, all.mean()
	if f.known && theirs > 0 {
		scale = mine / theirs
	}
	if flat <= 0 {
		flat = 1
	}
	f.open = true
	for h := range weekHours {
		f.open = f.open && open[h] == 1
		rate := scale * all.rate(h, flat)
		if n := float64(own.Days[h%24]); n > 0 || f.known {
			rate = (n*float64(own.Day[h%24]) + sharedDays*rate) / (n + sharedDays)
		}
		if n := float64(own.Weeks[h]); n > 0 {
			rate = (n*float64(own.Week[h]) + otherDays*rate) / (n + otherDays)
		}
		f.before[h+1] = f.before[h] + rate*float64(open[h])
	}
}

// rate is what a traffic alone tells of an hour of the week; otherwise as given.
func (t *traffic) rate(h int, otherwise float64) float64 {
	if n := float64(t.Days[h%24]); n > 0 {
		otherwise = float64(t.Day[h%24])
	}
	if n := float64(t.Weeks[h]); n > 0 {
		otherwise = (n*float64(t.Week[h]) + otherDays*otherwise) / (n + otherDays)
	}
	return otherwise
}

// mean is that of the hours of the day that are known; 0 if none is.
func (t *traffic) mean() float64 {
	sum, n := 0.0, 0.0
	for h := range t.Days {
		if t.Days[h] > 0 {
			sum += float64(t.Day[h])
			n++
		}
	}
	return sum / max(1, n)
}

// upTo returns what is expected from the beginning of the week of unix time to at.
func (f *forecast) upTo(at int64) float64 {
	h := at / hour
	week := (h + 4*24) / weekHours
	of := weekHour(h)
	part := float64(at-h*hour) / float64(hour)
	return float64(week)*f.before[weekHours] + f.before[of] + part*(f.before[of+1]-f.before[of])
}

// between returns what is expected from one instant to another, in unix nanos.
func (f *forecast) between(from, to int64) float64 {
	if to <= from {
		return 0
	}
	return max(0, f.upTo(to)-f.upTo(from))
}
