package bench

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
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
	Version    string        // of the program
	Soak       time.Duration // how long to play at that rate in the end; 0: not at all
	// Cached is how many users to fill a near-cache with, beside the most line
	// items; 0: none.
	Cached int
	// Try is settings of further bidders of the table's size: words that are
	// flags of serve (--tick=2s), or the environment (GOGC=200).
	Try    []string
	Beside string // another build of the program: one more bidder of the table's size

	// Progress, if given, is called from one goroutine.
	Progress func(Progress)
}

// Progress is how far the benchmark is: measurements, each about as long.
type Progress struct {
	Done, All int
	Line      string // something to tell; or empty
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
	case c.Each < 250*time.Millisecond || c.Each > time.Hour:
		return fmt.Errorf("%v for a measurement: allowed is 250ms to 1h", c.Each)
	case !(c.Rate >= 0 && c.Rate <= 500_000):
		return fmt.Errorf("rate %v: allowed is 0 (half of saturation) to 500000 per second", c.Rate)
	case !(c.MaxRate >= firstStep && c.MaxRate <= 1e6):
		return fmt.Errorf("highest rate %v: allowed is %d to 1000000 per second", c.MaxRate, firstStep)
	case c.Users < 1 || c.Users > 10_000_000:
		return fmt.Errorf("users %d: allowed is 1 to 10000000", c.Users)
	case c.Soak != 0 && (c.Soak < 3*time.Second || c.Soak > 24*time.Hour):
		return fmt.Errorf("a soak of %v: allowed is 3s to 24h, or 0 for none", c.Soak)
	case c.Cached < 0 || c.Cached > 10_000_000:
		return fmt.Errorf("a near-cache for %d users: allowed is 1 to 10000000, or 0 for none", c.Cached)
	case len(c.Try) > 10:
		return errors.New("want at most 10 settings to try")
	}
	for i, n := range c.Sizes {
		if n < 1 || n > 1_000_000 {
			return fmt.Errorf("%d line items: allowed is 1 to 1000000", n)
		}
		for _, other := range c.Sizes[:i] {
			if other == n {
				return fmt.Errorf("%d line items are given twice", n)
			}
		}
	}
	_, err := c.tried()
	return err
}

// setting parts the words of a setting into flags and environment.
func setting(text string) (flags, env []string, err error) {
	for _, word := range strings.Fields(text) {
		name, value, assigned := strings.Cut(word, "=")
		switch {
		case strings.HasPrefix(word, "--") && setByUs(word):
			return nil, nil, fmt.Errorf("setting %q: %s is not for a benchmark to try", text, word)
		case name == "GOGC" && assigned && !isGOGC(value): // Go would take the default instead
			return nil, nil, fmt.Errorf("setting %q: want GOGC=off, or a number of percent from 0 on", text)
		case strings.HasPrefix(word, "--"):
			flags = append(flags, word)
		case assigned && name != "":
			env = append(env, word)
		default:
			return nil, nil, fmt.Errorf("setting %q: want --flag=value or NAME=value, not %q", text, word)
		}
	}
	if len(flags)+len(env) == 0 {
		return nil, nil, errors.New("a setting to try has no words")
	}
	return flags, env, nil
}

func isGOGC(value string) bool {
	n, err := strconv.ParseInt(value, 10, 32)
	return value == "off" || err == nil && n >= 0
}

// tried is the bidders of the table's size that are measured beside it.
func (c *Config) tried() (all []bidderSpec, err error) {
	for _, t := range c.Try {
		s := bidderSpec{kind: strings.Join(strings.Fields(t), " ")}
		if s.flags, s.env, err = setting(t); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if c.Beside != "" {
		all = append(all, bidderSpec{kind: ofBeside, program: c.Beside})
	}
	for i := range all {
		all[i].lineItems = c.Sizes[c.home()]
	}
	return all, nil
}

// warmUp is how long is played before anything counts: connections are open
// then, and buffers have grown.
func (c *Config) warmUp() time.Duration { return min(c.Each, 2*time.Second) }

// home is the index in Sizes of the figures in the table.
func (c *Config) home() int { return min(1, len(c.Sizes)-1) }

// nearCache is the flags of a bidder that keeps users near: for as long as it
// may, as between two of its turns others have theirs.
func nearCache() []string { return []string{"--user-cache-bytes=67108864", "--user-cache-age=1m"} }

// nearUsers is how many users come where a near-cache is measured: few enough
// that most are in it.
const nearUsers = 2000
