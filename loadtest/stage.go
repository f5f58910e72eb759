package loadtest

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Stage is a rate for a while: it moves evenly From one To another, in
// requests per real second. The market's hours do not change it.
type Stage struct {
	From float64       `json:"from"`
	To   float64       `json:"to"`
	For  time.Duration `json:"for"` // real time
}

// maxStages is the longest list of stages.
const maxStages = 1000

func checkStages(all []Stage) error {
	if len(all) > maxStages {
		return fmt.Errorf("%d stages: allowed are %d at most", len(all), maxStages)
	}
	for _, s := range all {
		for _, rate := range []float64{s.From, s.To} {
			if !(rate > 0 && rate <= 1e6) {
				return fmt.Errorf("rate %v: allowed is above 0, at most 1000000 requests per second", rate)
			}
		}
		if s.For <= 0 {
			return errors.New("a stage must last longer than 0")
		}
	}
	return nil
}

// length is how long the stages last together.
func length(all []Stage) (sum time.Duration) {
	for _, s := range all {
		sum += s.For
	}
	return sum
}

// stageAt is the index of the stage at a time since they began, the last one
// after it.
func stageAt(all []Stage, at time.Duration) int {
	for i, s := range all {
		if at < s.For {
			return i
		}
		at -= s.For
	}
	return max(0, len(all)-1)
}

// RateAt is the rate of stages at a time since they began; after the last it
// stays.
func RateAt(all []Stage, at time.Duration) float64 {
	for _, s := range all {
		if at < s.For {
			return s.From + (s.To-s.From)*at.Seconds()/s.For.Seconds()
		}
		at -= s.For
	}
	return all[len(all)-1].To
}

// after is the time at which so many requests more are due: where the rate
// moves, a gap ends sooner or later than the rate at its beginning says.
func after(all []Stage, at time.Duration, requests float64) time.Duration {
	var begun time.Duration
	for _, s := range all {
		end := begun + s.For
		if at >= end {
			begun = end
			continue
		}
		rate, slope := RateAt(all, at), (s.To-s.From)/s.For.Seconds()
		if due := (rate + s.To) / 2 * (end - at).Seconds(); slope == 0 {
			if x := at + time.Duration(requests/rate*float64(time.Second)); x < end {
				return x
			}
			requests -= due
		} else if due > requests {
			return at + time.Duration((math.Sqrt(rate*rate+2*slope*requests)-rate)/slope*float64(time.Second))
		} else {
			requests -= due
		}
		begun, at = end, end
	}
	return at + time.Duration(max(0, requests)/all[len(all)-1].To*float64(time.Second))
}
