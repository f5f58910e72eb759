package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// Stress is one way in which today is not what yesterday promised, or in
// which the exchange's word is not to be relied on.
type Stress struct {
	Name string
	Help string

	values    float64                          // yesterday's values, and so yesterday's lambda, were so many times today's
	yesterday func(today, foreign Shape) Shape // yesterday's shape
	today     func([]Auction) []Auction        // what becomes of today's auctions
	shock     bool                             // today changes at half-time, and recovery is measured
	notices   func(*Notices)                   // what the exchange tells
	lost      time.Duration                    // of today, when the controller for all bidders is lost; below 0 it never was
	budgets   int                              // budgets that each bid holds against; 0 is 1
}

// touchesYesterday says whether the day before is another than without it.
func (s *Stress) touchesYesterday() bool {
	return s.values != 0 || s.yesterday != nil || s.notices != nil || s.budgets != 0
}

const halfTime = day / 2

// Stresses are all that there are. The first one is none.
var Stresses = []Stress{
	{Name: "none", Help: "today is like yesterday"},
	{Name: "price2", Help: "prices double at half-time", shock: true, today: scale(2, 1)},
	{Name: "price05", Help: "prices halve at half-time", shock: true, today: scale(.5, 1)},
	{Name: "value2", Help: "values double at half-time", shock: true, today: scale(1, 2)},
	{Name: "lambda4", Help: "the first lambda is four times what it should be", values: 4},
	{Name: "lambda025", Help: "the first lambda is a quarter of what it should be", values: .25},
	{Name: "traffic3", Help: "three times the traffic from 12 to 14 o'clock", today: times(between(12, 14, 3))},
	{Name: "outage", Help: "no traffic from 12 to 14 o'clock", today: times(between(12, 14, 0))},
	{Name: "volume-25", Help: "a quarter less traffic than yesterday", today: times(fourth(0))},
	{Name: "volume+25", Help: "a quarter more traffic than yesterday", today: times(fourth(2))},
	{Name: "volume3", Help: "three times the traffic of yesterday", today: times(func(int, *Auction) int { return 3 })},
	{Name: "volume03", Help: "a third of the traffic of yesterday", today: times(third)},
	{Name: "flat", Help: "yesterday's traffic was the same at every hour", yesterday: func(_, _ Shape) Shape { return Flat() }},
	{Name: "shift3h", Help: "yesterday's traffic came three hours earlier", yesterday: func(t, _ Shape) Shape { return t.Shifted(-3) }},
	{Name: "foreign", Help: "yesterday's traffic had another country's shape", yesterday: func(_, f Shape) Shape { return f }},
	{Name: "lost10", Help: "a tenth of the win notices never come, a tenth of the bills come ten times as late", notices: func(n *Notices) { n.Lost = .1 }},
	{Name: "tails", Help: "bills have a heavy tail: log-normal, sigma 1.5", notices: func(n *Notices) { n.Heavy = true }},
	{Name: "win-at-bid", Help: "win notices tell no price", notices: func(n *Notices) { n.NoPrice = true }},
	{Name: "no-win", Help: "there are no win notices", notices: func(n *Notices) { n.NoWin = true }},
	{Name: "budgets3", Help: "every bid holds against three budgets, two of them slack", budgets: 3},
	{Name: "controller-lost", Help: "of several bidders: the controller that steps for all is lost at half-time", lost: halfTime},
	{Name: "no-controller", Help: "of several bidders: each paces its own share, on its own", lost: -1},
}

// ParseStress finds a stress by its name.
func ParseStress(name string) (Stress, error) {
	i := slices.IndexFunc(Stresses, func(s Stress) bool { return s.Name == name })
	if i < 0 {
		return Stress{}, fmt.Errorf("there is no stress %q; there are %s", name, StressNames())
	}
	return Stresses[i], nil
}

// StressNames lists the names of all stresses.
func StressNames() string {
	names := make([]string, len(Stresses))
	for i, s := range Stresses {
		names[i] = s.Name
	}
	return strings.Join(names, ", ")
}

// scale multiplies prices and values from half-time on.
func scale(price, value float64) func([]Auction) []Auction {
	return func(all []Auction) []Auction {
		out := slices.Clone(all)
		for i := range out {
			if out[i].At >= halfTime {
				out[i].Price = money.FromFloat(float64(out[i].Price) * price)
				out[i].Value *= value
			}
		}
		return out
	}
}

// times repeats each auction so many times; 0 leaves it out.
func times(of func(i int, a *Auction) int) func([]Auction) []Auction {
	return func(all []Auction) []Auction {
		var out []Auction
		for i := range all {
			out = repeat(out, all, i, of(i, &all[i]))
		}
		return out
	}
}

// between is n from one hour to another, else once.
func between(from, to, n int) func(int, *Auction) int {
	return func(_ int, a *Auction) int {
		if a.At >= time.Duration(from)*time.Hour && a.At < time.Duration(to)*time.Hour {
			return n
		}
		return 1
	}
}

// fourth is n for one auction in four, else once.
func fourth(n int) func(int, *Auction) int {
	return func(i int, _ *Auction) int {
		if i%4 == 0 {
			return n
		}
		return 1
	}
}

// third keeps one auction in three.
func third(i int, _ *Auction) int {
	if i%3 == 0 {
		return 1
	}
	return 0
}

// repeat appends auction i n times, spread until the next one.
func repeat(out, all []Auction, i, n int) []Auction {
	a := all[i]
	gap := time.Duration(0)
	if i+1 < len(all) {
		gap = all[i+1].At - a.At
	}
	for k := range n {
		b := a
		b.At += gap * time.Duration(k) / time.Duration(n)
		out = append(out, b)
	}
	return out
}
