package reconcile

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// periodOf returns the day that t's own zone shows.
func periodOf(t time.Time) event.Period {
	y, m, d := t.Date()
	return event.Period(y*10000 + int(m)*100 + d)
}

// at returns the moment of a day when clocks in zone show an hour.
func at(p event.Period, hour int, zone *time.Location) time.Time {
	return time.Date(int(p/10000), time.Month(p/100%100), int(p%100), hour, 0, 0, 0, zone)
}

// start returns when a day begins. Where clocks go forward at midnight, that
// is later.
func start(p event.Period, zone *time.Location) time.Time {
	t := at(p, 0, zone)
	for periodOf(t) < p {
		t = t.Add(15 * time.Minute)
	}
	return t
}

// add returns the day n days later.
func add(p event.Period, n int) event.Period {
	return periodOf(at(p, 12, time.UTC).AddDate(0, 0, n))
}

// span returns how many days there are from first to last, both included.
func span(first, last event.Period) int {
	return int(at(last, 12, time.UTC).Sub(at(first, 12, time.UTC))/(24*time.Hour)) + 1
}
