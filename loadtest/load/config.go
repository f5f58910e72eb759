package load

import (
	"errors"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Config says what to send, and how to raise the rate.
type Config struct {
	// Traffic is what to send and to whom. Its Stages are the run; with Steps
	// or Overload they are not used.
	Traffic loadtest.ExchangeConfig
	// Steps, if given, looks for the rate that the bidder just keeps up with.
	Steps *Steps
	// Overload, if given, plays more than the bidder keeps up with.
	Overload *Overload
	// Version is that of the program, for the report.
	Version string
	// Spans, if true, keeps books of each [Span] of a steady rate.
	Spans bool
	// Progress, if given, is called about every 500 ms, from one goroutine.
	Progress func(Progress)
}

// Progress is how a run stands.
type Progress struct {
	loadtest.Stats
	Target float64 // the rate that is asked now, per second
	Step   int     // from 1; 0 without steps
}

// Steps is a search for saturation: the rate begins at From and is multiplied
// by Factor after each step until one fails, or the rate would be above Most.
// Then it goes on between the two, until they are no more than Fine apart.
type Steps struct {
	From, Factor, Most float64
	Fine               float64       // a factor too
	Each               time.Duration // how long a step lasts, after its warm-up
	// A step fails if less than Answered of the requests that were due are
	// answered within tmax, if there is no bid, if a larger share than is left
	// of that is shed, or if the 99th percentile of latency is above P99.
	Answered float64
	P99      time.Duration
}

// DefaultSteps doubles the rate, and then comes within a tenth.
func DefaultSteps() Steps {
	return Steps{From: 500, Factor: 2, Fine: 1.1, Most: 200_000, Each: 5 * time.Second, Answered: .99, P99: 100 * time.Millisecond}
}

// Limits of what one run may ask.
const (
	MaxDuration = 24 * time.Hour
	MaxRate     = 1e6
)

func (s *Steps) validate() error {
	switch {
	case !(s.From > 0 && s.From <= s.Most && s.Most <= MaxRate):
		return fmt.Errorf("steps from %v to at most %v: allowed is above 0, to %v per second", s.From, s.Most, float64(MaxRate))
	case !(s.Factor >= 1.01 && s.Factor <= 10):
		return fmt.Errorf("factor %v between steps: allowed is 1.01 to 10", s.Factor)
	case !(s.Fine >= 1.01 && s.Fine <= 10):
		return fmt.Errorf("saturation to a factor of %v: allowed is 1.01 to 10", s.Fine)
	case s.Each < 100*time.Millisecond || s.Each > time.Hour:
		return fmt.Errorf("steps of %v: allowed is 100ms to 1h", s.Each)
	case !(s.Answered > 0 && s.Answered <= 1):
		return fmt.Errorf("answered share %v: allowed is above 0, at most 1", s.Answered)
	case s.P99 <= 0:
		return errors.New("the 99th percentile's limit must be above 0")
	}
	return nil
}

func (c *Config) validate() error {
	switch {
	case c.Steps != nil && c.Overload != nil:
		return errors.New("a search for saturation and an overload are two runs")
	case c.Steps != nil:
		return c.Steps.validate()
	case c.Overload != nil:
		return c.Overload.validate()
	}
	if len(c.Traffic.Stages) == 0 {
		return errors.New("no rate is given")
	}
	sum := time.Duration(0)
	for _, s := range c.Traffic.Stages {
		sum += s.For
	}
	if sum > MaxDuration {
		return fmt.Errorf("%v is longer than %v", sum, MaxDuration)
	}
	return nil
}
