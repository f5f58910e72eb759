package load

import (
	"errors"
	"slices"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Disturbed is how a steady rate was answered before something happened, from
// then until all was as before, and afterwards.
type Disturbed struct {
	Before  Calm `json:"before"`
	Through Calm `json:"through"` // a second at least
	After   Calm `json:"after"`   // zeros: it was never as before
	// Recovery is the seconds from when it happened until a whole second began
	// in which all was as before: every request answered in full, and no span
	// slower than the slowest before. 0: it was all the time; -1: never.
	Recovery float64 `json:"recovery_seconds"`
	P99      []int64 `json:"p99_us_by_span"` // of each quarter second, from the beginning
}

// Calm is how spans were answered. Latency is in microseconds from the
// intended send time.
type Calm struct {
	P99   int64 `json:"p99_us"`       // of the median span
	Worst int64 `json:"worst_p99_us"` // of the slowest
	Due   int64 `json:"due"`
	Lost  int64 `json:"lost"` // of those due: without a full answer within tmax
}

// calmSpans is how many spans in a row say that all is as before: a second.
const calmSpans = 4

// Judge says how spans were answered of which something happened at the
// beginning of one.
func Judge(books []loadtest.StageBooks, at int) (Disturbed, error) {
	if at < 1 || len(books) < at+calmSpans {
		return Disturbed{}, errors.New("what was disturbed was not played to its end")
	}
	d := Disturbed{Before: calm(books[:at]), Recovery: -1}
	for i := range books {
		d.P99 = append(d.P99, books[i].LatencyUS.P99)
	}
	rest := books[at:]
	well := func(b loadtest.StageBooks) bool { return asBefore(b, d.Before.Worst) }
	again := 0
	if slices.ContainsFunc(rest, func(b loadtest.StageBooks) bool { return !well(b) }) {
		again = worst(rest) + 1
	}
	for ; again+calmSpans <= len(rest); again++ {
		if !slices.ContainsFunc(rest[again:again+calmSpans], func(b loadtest.StageBooks) bool { return !well(b) }) {
			d.Recovery = float64(again) * Span.Seconds()
			d.Through, d.After = calm(rest[:max(again, calmSpans)]), calm(rest[again:])
			return d, nil
		}
	}
	d.Through = calm(rest)
	return d, nil
}

// asBefore says whether a span was answered in full, and no slower than the
// slowest before.
func asBefore(b loadtest.StageBooks, slowest int64) bool {
	return b.Due > 0 && b.Due == b.Full && b.LatencyUS.P99 <= slowest
}

// worst is the index of the span of which most is lost, and of those the
// slowest.
func worst(all []loadtest.StageBooks) (at int) {
	for i, b := range all {
		lost, most := b.Due-b.Full, all[at].Due-all[at].Full
		if lost > most || lost == most && b.LatencyUS.P99 > all[at].LatencyUS.P99 {
			at = i
		}
	}
	return at
}

func calm(all []loadtest.StageBooks) (c Calm) {
	c.P99, c.Worst, _ = spansOf(all)
	for _, b := range all {
		c.Due, c.Lost = c.Due+b.Due, c.Lost+b.Due-b.Full
	}
	return c
}
