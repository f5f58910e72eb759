package bench

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Config says what to measure, and for how long.
type Config struct {
	Executable string // the tangent program; required
	Sizes      []int  // line items: the figures of the second, or of the only one, are those of the table
	Rounds     int    // of each measurement, in turns
	Each       time.Duration
	Rate       float64 // requests per second at which CPU and latency are measured; 0: half of saturation
	MaxRate    float64 // where the search for saturation ends
	Users      int
	Seed       uint64
	Version    string    // of the program
	Out        io.Writer // progress
}

// firstStep is the rate at which the search for saturation begins.
const firstStep = 500

const vendorID = loadtest.DefaultVendorID

func (c *Config) validate() error {
	switch {
	case c.Executable == "":
		return errors.New("no program to start")
	case len(c.Sizes) < 1 || len(c.Sizes) > 10:
		return errors.New("want 1 to 10 numbers of line items")
	case c.Rounds < 1 || c.Rounds > 100:
		return fmt.Errorf("rounds %d: allowed is 1 to 100", c.Rounds)
	case c.Each < 500*time.Millisecond || c.Each > time.Hour:
		return fmt.Errorf("%v for a measurement: allowed is 500ms to 1h", c.Each)
	case !(c.Rate >= 0 && c.Rate <= 500_000):
		return fmt.Errorf("rate %v: allowed is 0 (half of saturation) to 500000 per second", c.Rate)
	case !(c.MaxRate >= firstStep && c.MaxRate <= 1e6):
		return fmt.Errorf("highest rate %v: allowed is %d to 1000000 per second", c.MaxRate, firstStep)
	case c.Users < 1 || c.Users > 10_000_000:
		return fmt.Errorf("users %d: allowed is 1 to 10000000", c.Users)
	}
	for _, n := range c.Sizes {
		if n < 1 || n > 1_000_000 {
			return fmt.Errorf("%d line items: allowed is 1 to 1000000", n)
		}
	}
	return nil
}

// home is the index in Sizes of the figures in the table.
func (c *Config) home() int { return min(1, len(c.Sizes)-1) }
