package chaos

import (
	"errors"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Config says what to play.
type Config struct {
	Executable  string        // the tangent program; required
	Bidders     int           // bidder processes
	NATSServers int           // 1, or 3 for a cluster
	Duration    time.Duration // real time for which bid requests are sent
	Rate        float64       // bid requests per real second, averaged over a market day
	Faults      []Fault
	Seed        uint64 // the exchange's draws and the faults' times follow from it
	Keep        bool   // keep the folder of data and logs though all went well

	// Progress, if given, is called from one goroutine at a time.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Line string // something to tell; or empty
	Now  string // how it stands; or empty
}

const (
	// speed is market seconds per real second. A minute plays an hour.
	speed = 60
	users = 20_000

	workers  = 2
	vendorID = loadtest.DefaultVendorID
)

func (c *Config) validate() error {
	switch {
	case c.Executable == "":
		return errors.New("no program to start")
	case c.Bidders < 1 || c.Bidders > 16:
		return fmt.Errorf("bidders %d: allowed is 1 to 16", c.Bidders)
	case c.NATSServers != 1 && c.NATSServers != 3:
		return fmt.Errorf("NATS servers %d: allowed is 1 or 3", c.NATSServers)
	case c.Duration < 10*time.Second || c.Duration > time.Hour:
		return fmt.Errorf("duration %v: allowed is 10s to 1h", c.Duration)
	case !(c.Rate >= 20 && c.Rate <= 20_000):
		return fmt.Errorf("rate %v: allowed is 20 to 20000 requests per second", c.Rate)
	}
	return nil
}

// horizon is the real time after which a hold ends: short enough that what a
// killed bidder held comes back while there is traffic for it.
func (c *Config) horizon() time.Duration { return min(c.Duration/6, 30*time.Second) }

// marketSeconds is a real time as the API wants it.
func marketSeconds(real time.Duration) int64 { return int64(real.Seconds() * speed) }

// behaviour is what the exchange does with what it won. Everything but the
// named faults is as an exchange should be.
func (c *Config) behaviour() loadtest.Behaviour {
	b := loadtest.DefaultBehaviour()
	b.Late, b.Lost, b.Twice, b.Overcharge = 0, 0, 0, .01
	horizon := c.horizon() * speed
	b.LateAfter, b.LateUntil = horizon/4, horizon*5/4 // some beyond the horizon
	for _, f := range c.Faults {
		switch f {
		case Late:
			b.Late = .08
		case Duplicate:
			b.Twice = .2
		case Reorder:
			b.Reorder = .3
		case DropNotice:
			b.Lost = .02
		}
	}
	return b
}
