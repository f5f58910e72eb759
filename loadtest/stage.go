package loadtest

import (
	"errors"
	"fmt"
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
