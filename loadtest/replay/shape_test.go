package replay

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTimesFollowTheShape(t *testing.T) {
	for name, s := range map[string]Shape{"day": Humped(), "flat": Flat(), "foreign": Foreign(), "one hour": {7: 1}} {
		at := s.times(24_000)
		var n [24]float64
		for i, x := range at {
			if i > 0 && x < at[i-1] || x < 0 || x >= day {
				t.Fatalf("%s: auction %d comes at %v", name, i, x)
			}
			n[hour(x)]++
		}
		for h := range n {
			if math.Abs(n[h]/24_000-s[h]) > 1e-3 {
				t.Errorf("%s: %v of the auctions come at %d o'clock, want %v", name, n[h]/24_000, h, s[h])
			}
		}
	}
	if s := Humped().Shifted(-3); s[9] != Humped()[12] {
		t.Error("three hours earlier is not what it was at noon")
	}
}

func TestParseShape(t *testing.T) {
	column := "hour,share\n" + strings.Repeat("x,2\n", 23) + "x,4\n"
	for name, c := range map[string]struct{ text, err string }{
		"one line":     {strings.Repeat("1,", 23) + "2", ""},
		"a column":     {column, ""},
		"too few":      {"1 2 3", "it has 3 numbers"},
		"all zero":     {strings.Repeat("0 ", 24), "not all zero"},
		"below zero":   {strings.Repeat("1 ", 23) + "\n-1", "line 2"},
		"no number":    {strings.Repeat("1\n", 23) + "x", "line 24"},
		"not a number": {strings.Repeat("1\n", 23) + "NaN", "line 24"},
	} {
		s, err := ParseShape(c.text)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %q", name, err, c.err)
			}
			continue
		}
		if err != nil || s[0] != .04 || s[23] != .08 {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// Stresses of yesterday's shape re-time logs that have times of their own, and
// leave today as it was.
func TestShapesOfYesterdayReachLogsWithTimes(t *testing.T) {
	timed := func(seed uint64) *Log {
		l := Synthetics[0].Logs(2400, seed).Train
		for i, at := range Humped().times(len(l.Auctions)) {
			l.Auctions[i].At = at
		}
		l.Timed = true
		return l
	}
	c := Config{
		Logs: []Pair{{Name: "timed", Train: timed(1), Today: timed(2)}}, Mechanisms: []Mechanism{Second}, Policies: []Policy{Fixed},
		Fractions: []float64{.5}, Delays: []int{0}, Bidders: []int{1}, Stresses: Stresses[:1], Seeds: []uint64{1},
	}
	if err := c.setDefaults(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Shape{"none": Humped(), "flat": Flat(), "foreign": Foreign(), "shift3h": Humped().Shifted(-3)} {
		s, err := ParseStress(name)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(&c, c.Logs[0], s)
		for d, want := range [days]Shape{want, Humped()} {
			for h, got := range hours(w.days[d].auctions) {
				if math.Abs(got-want[h]) > .002 {
					t.Errorf("%s, day %d: %.4f of the traffic in hour %d; want %.4f", name, d, got, h, want[h])
				}
			}
		}
	}
	c.Shape = Flat()
	if err := c.setDefaults(); err == nil {
		t.Error("a shape for logs that all have times was taken")
	}
}

// Traffic of another size than yesterday's has yesterday's shape.
func TestVolumesKeepTheShape(t *testing.T) {
	c := Config{
		Logs: []Pair{Synthetics[0].Logs(3600, 1)}, Mechanisms: []Mechanism{Second}, Policies: []Policy{Fixed},
		Fractions: []float64{.5}, Delays: []int{0}, Bidders: []int{1}, Stresses: Stresses[:1], Seeds: []uint64{1},
	}
	if err := c.setDefaults(); err != nil {
		t.Fatal(err)
	}
	for name, times := range map[string]float64{"volume-25": .75, "volume+25": 1.25, "volume3": 3, "volume03": 1. / 3} {
		s, err := ParseStress(name)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(&c, c.Logs[0], s)
		yesterday, today := w.days[0].auctions, w.days[1].auctions
		if got := float64(len(today)) / float64(len(yesterday)); math.Abs(got-times) > .001 {
			t.Errorf("%s: %.3f times the traffic; want %.3f", name, got, times)
		}
		was := hours(yesterday)
		for h, got := range hours(today) {
			if math.Abs(got-was[h]) > .003 {
				t.Errorf("%s: %.4f of the traffic in hour %d; yesterday %.4f", name, got, h, was[h])
			}
		}
		if !slices.IsSortedFunc(today, func(a, b Auction) int { return int(a.At - b.At) }) {
			t.Errorf("%s: auctions are out of order", name)
		}
	}
}
