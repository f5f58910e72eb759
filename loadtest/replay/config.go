package replay

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tangent-dsp/tangent/money"
)

// Pair is a log to play, and the log of the day before it.
type Pair struct {
	Name         string
	Train, Today *Log
}

// Config says what to replay: every case of the product of its lists.
type Config struct {
	Logs       []Pair
	Mechanisms []Mechanism
	Policies   []Policy
	Fractions  []float64 // budgets, as shares of what there is to buy costs: auctions of a value above 0, none dearer than MaxBid
	Delays     []int     // mean delay of bills, in auctions
	Bidders    []int
	Stresses   []Stress
	Clock      bool // plan by the clock, not by traffic
	Seeds      []uint64

	MaxBid  float64 // quantile of yesterday's prices that no bid exceeds; default 1
	Tick    int     // auctions of mean traffic between ticks; default 100
	Notices Notices // zero values take the defaults; Bill is set by Delays
	Shape   Shape   // how auctions without a time are spread over the day; default Humped
	Foreign Shape   // of the stress foreign; default Foreign
	Workers int     // default 1

	Progress func(done, all int) // called by one goroutine at a time; nil: not
}

// maxBidders bounds how many share a budget: each has a pacer and prices
// of its own.
const maxBidders = 256

func (c *Config) setDefaults() error {
	switch {
	case len(c.Logs) == 0:
		return errors.New("no log to play")
	case len(c.Mechanisms)*len(c.Policies)*len(c.Fractions)*len(c.Delays)*len(c.Bidders)*len(c.Stresses)*len(c.Seeds) == 0:
		return errors.New("nothing to play: mechanisms, policies, budget fractions, delays, bidders, stresses and seeds are all needed")
	case c.Tick < 0 || c.MaxBid < 0 || c.MaxBid > 1:
		return errors.New("the tick must not be negative, the most to bid is a quantile between 0 and 1")
	}
	if n := &c.Notices; n.Deadline < 0 || !(n.Win >= 0) || math.IsInf(n.Win, 0) {
		return errors.New("the delay of win notices and their deadline must not be negative")
	}
	if err := c.repeated(); err != nil {
		return err
	}
	for _, f := range c.Fractions {
		if !(f > 0 && f <= 1) {
			return fmt.Errorf("budget fraction %g: allowed is above 0, at most 1", f)
		}
	}
	for _, n := range c.Delays {
		if n < 0 || n > 1e6 {
			return fmt.Errorf("%d auctions of delay: allowed is 0 to a million", n)
		}
	}
	for _, n := range c.Bidders {
		if n < 1 || n > maxBidders {
			return fmt.Errorf("%d bidders: allowed is 1 to %d", n, maxBidders)
		}
	}
	if c.Shape != (Shape{}) && !slices.ContainsFunc(c.Logs, func(p Pair) bool { return !p.Train.Timed || !p.Today.Timed }) {
		return errors.New("a shape is given, but every log has times of its own")
	}
	if c.Tick == 0 {
		c.Tick = 100
	}
	if c.MaxBid == 0 {
		c.MaxBid = 1
	}
	if c.Shape == (Shape{}) {
		c.Shape = Humped()
	}
	if c.Foreign == (Shape{}) {
		c.Foreign = Foreign()
	}
	if c.Notices.Deadline == 0 {
		c.Notices.Deadline = 100
	}
	if c.Notices.Win == 0 {
		c.Notices.Win = 10
	}
	if c.Notices.Doubled == 0 {
		c.Notices.Doubled = .01
	}
	c.Workers = max(1, c.Workers)
	return nil
}

// repeated refuses what stands in a list twice: its cells would count twice.
func (c *Config) repeated() error {
	return errors.Join(
		twice("log", c.Logs, func(p Pair) any { return p.Name }),
		twice("stress", c.Stresses, func(s Stress) any { return s.Name }),
		twice("mechanism", c.Mechanisms, func(m Mechanism) any { return m }),
		twice("policy", c.Policies, func(p Policy) any { return p }),
		twice("budget fraction", c.Fractions, func(f float64) any { return f }),
		twice("delay", c.Delays, func(n int) any { return n }),
		twice("number of bidders", c.Bidders, func(n int) any { return n }),
		twice("seed", c.Seeds, func(n uint64) any { return n }),
	)
}

func twice[T any](what string, all []T, name func(T) any) error {
	seen := make(map[any]bool, len(all))
	for _, x := range all {
		if seen[name(x)] {
			return fmt.Errorf("%s %v is given twice", what, name(x))
		}
		seen[name(x)] = true
	}
	return nil
}

// Case is one cell of the table, but for the policy.
type Case struct {
	Log       string    `json:"log"`
	Mechanism Mechanism `json:"mechanism"`
	Fraction  float64   `json:"budget_fraction"`
	Delay     int       `json:"delay"`
	Bidders   int       `json:"bidders"`
	Stress    string    `json:"stress"`
	Plan      string    `json:"plan"`
	Seed      uint64    `json:"seed"`
}

// Result is what one policy came to in one case.
type Result struct {
	Case
	Policy   Policy `json:"policy"`
	Setting  string `json:"setting,omitempty"` // of a baseline: the best of its grid on the day before
	Auctions int    `json:"auctions"`

	Budget    money.Nanos `json:"budget"`
	Value     float64     `json:"value"`    // in the log's unit
	Optimum   float64     `json:"optimum"`  // in hindsight: Knapsack, or in first price the best static multiplier
	Knapsack  float64     `json:"knapsack"` // the optimum if every auction could be bought at its price
	Ratio     Score       `json:"ratio"`    // Value / Optimum
	Clicks    int         `json:"clicks"`
	Used      float64     `json:"budget_used"`
	Overspend float64     `json:"overspend"`          // of the budget, by all bills that ever came
	SlotRMSE  float64     `json:"slot_rmse"`          // of hourly spend against the plan, in mean hours' spend
	PlanPrice Score       `json:"plan_price"`         // what the plan leaves of the optimum
	Jitter    float64     `json:"jitter"`             // root mean square of the change of ln lambda per tick
	Recovery  *float64    `json:"recovery,omitempty"` // share of the flight until lambda is back within 20 % after a shock; 1 is never
	Lambda    float64     `json:"lambda"`             // at the end
	Best      float64     `json:"best_lambda"`        // in hindsight
	Bids      int         `json:"bids"`
	Wins      int         `json:"wins"`
	Censored  int         `json:"censored"` // bids that the guard dropped
	Seconds   float64     `json:"seconds"`  // of real time

	CurveCost  float64 `json:"curve_cost"`  // of all auctions, nanos
	CurveValue float64 `json:"curve_value"` // of all of them, in the log's unit
	Slope      float64 `json:"slope"`       // value per nano of the last auction that the optimum buys

	Spend  []float64 `json:"spend,omitempty"`  // by hour, as shares of the budget
	Should []float64 `json:"should,omitempty"` // the plan's
}
