package loadtest

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/money"
)

// ExchangeConfig says what traffic to play, and to whom. Zero fields take the
// default that is named with them.
type ExchangeConfig struct {
	// Target is the bidder's base URL, on loopback: "http://127.0.0.1:8080".
	// Requests go to Target/openrtb2/{exchange name}. Required.
	Target string
	// Targets are the base URLs of several bidders behind one balancer, and
	// stand in for Target: requests and notices go to each in turn, whichever
	// bidder the notice's URL names, and pass over those that refuse to
	// connect. The URLs of bids must have no path of their own before /n/.
	Targets []string
	// Clock is the market clock that the bidder has too. Default: real time.
	Clock *clock.Market
	// Start is the real time at which the schedule begins, or the warm-up if
	// there is one. Default: now. Two
	// runs with one seed are equal where Clock reads the same at their Start.
	Start time.Time

	// WarmUp is how long traffic is played before anything counts, at the rate
	// with which the run begins. Its answers are not judged, no auction is held,
	// and its requests are none of the run's.
	WarmUp time.Duration
	// Warm, if given, is called when the warm-up is answered. Nothing is under
	// way then, and what counts begins when it returns.
	Warm func()

	// Stages is the rate over real time. If it is given, Rate, Duration and the
	// traffic of the hours mean nothing.
	Stages []Stage
	// Mix is what the requests are like; nil is banners, and privacy signals as
	// they come in the countries. Recorded is what to send instead of made-up
	// requests.
	Mix      *Mix
	Recorded *Recorded
	// BidsOnly holds no auctions: nothing is bought, no notice is sent.
	BidsOnly bool
	// CheckEvery validates every n-th answer with bids; 0 and 1 are all. Others
	// are counted only. Without BidsOnly all are checked, as the auction needs it.
	CheckEvery int
	// Gzip packs the bodies of bid requests.
	Gzip bool
	// ConnRequests is how many requests a connection carries on average before
	// it is closed; 0 keeps connections.
	ConnRequests int
	// AllowRemote lets targets be on other machines. Notices are then sent to
	// loopback and to the targets alone.
	AllowRemote bool

	Exchanges []Exchange    // default: DefaultExchanges()
	Rate      float64       // bid requests per real second, averaged over a market day; default 500
	Even      bool          // space requests evenly instead of by a Poisson process
	Duration  time.Duration // real time for which requests are sent; 0 is until Stop or Requests
	Requests  int64         // send at most this many; 0 is no limit
	Seed      uint64        // every draw follows from it
	Skip      int64         // number of the first request less one: those that a run before has sent
	Users     int           // size of the population; default 100,000
	VendorID  int           // our vendor id in consent strings; default DefaultVendorID

	TMaxLow     time.Duration // tmax is drawn between the two, whole milliseconds; default 100 ms
	TMaxHigh    time.Duration // default 200 ms, or TMaxLow if that is longer; at most MaxTMax
	MaxInFlight int           // bid requests under way at once; others are counted as unsent; default 256
	MaxNotices  int           // notices under way at once; default 256
	Grace       time.Duration // real time for the last notices once the requests are over; default 30 s
	Behaviour   Behaviour     // the zero value is DefaultBehaviour()

	// Stop ends the requests early when it is closed; what is owed is still
	// sent. Cancelling RunExchange's context gives up on that too.
	Stop <-chan struct{}
	// Progress, if given, is called about every 500 ms from one goroutine.
	Progress func(Stats)
	// OnBid, if given, is called for every bid that passed the checks, with
	// the index in Targets of the bidder and the bid's cid, from many
	// goroutines at once.
	OnBid func(target int, campaign string)
	// KeepSales has the books list every imp that was won.
	KeepSales bool
}

// MaxTMax is the longest that an answer is waited for. An exchange waits for a
// tenth of a second or two; a run that is stopped waits for its last answer.
const MaxTMax = 10 * time.Second

// MaxUsers is the largest population.
const MaxUsers = 1_000_000_000

// DefaultVendorID is the vendor that the made-up consent strings consent to
// when the configuration names none.
const DefaultVendorID = 1111

// Billing is the event by which an exchange bills.
type Billing string

// The events. An exchange that bills on the impression counts one when the
// page requests our pixel, and sends no billing notice.
const (
	BillOnNotice     Billing = "billing"
	BillOnImpression Billing = "impression"
)

// Exchange is one ad exchange that is played.
type Exchange struct {
	Name        string      // in the bidder's URL
	AuctionType int         // 1 first price, 2 second price
	Billing     Billing     // what bills
	Increment   money.Nanos // second price: added to the price to beat, per impression
	Share       float64     // of the requests, relative to the others'
	Version     string      // "2.6" or "2.5": x-openrtb-version, and where privacy signals are placed
}

// DefaultExchanges returns "alpha", which runs first-price auctions and bills
// when it sends the billing notice, and "beta", which runs second-price
// auctions and bills when the pixel is requested.
func DefaultExchanges() []Exchange {
	return []Exchange{
		{Name: "alpha", AuctionType: 1, Billing: BillOnNotice, Share: 3, Version: "2.6"},
		{Name: "beta", AuctionType: 2, Billing: BillOnImpression, Increment: 10 * money.Micro, Share: 2, Version: "2.5"},
	}
}

// Behaviour is what happens after an auction. Times are market time, shares
// are within [0, 1].
type Behaviour struct {
	Render      float64       // share of wins that are rendered
	RenderDelay time.Duration // median from the auction to the render
	Late        float64       // share of renders that come late, but before the bid expires
	LateAfter   time.Duration // a late render comes after this
	LateUntil   time.Duration // and before this
	Promise     time.Duration // of notices: how long after a bid's expiry they come at the latest
	Lost        float64       // share of notices that are never sent, though what they say happened
	Twice       float64       // share of notices that are sent again after they were answered
	Reorder     float64       // share of wins whose notices change places: the bill before the win, say
	Overcharge  float64       // share of wins that are billed a tenth above the bid
	Losses      float64       // share of lost auctions that we are told of
	ClickLow    float64       // a campaign's click rate lies between the two
	ClickHigh   float64
}

// DefaultBehaviour returns what a web exchange's day looks like, with enough
// trouble in it to show in two minutes.
func DefaultBehaviour() Behaviour {
	return Behaviour{
		Render: .92, RenderDelay: 4 * time.Second,
		Late: .05, LateAfter: 10 * time.Minute, LateUntil: 45 * time.Minute, Promise: 5 * time.Minute,
		Lost: .005, Twice: .02, Losses: .9,
		ClickLow: .005, ClickHigh: .01,
	}
}

// withDefaults returns c with every zero field filled in, or says which field
// is wrong.
func (c ExchangeConfig) withDefaults() (ExchangeConfig, error) {
	if c.Clock == nil {
		c.Clock = clock.Real()
	}
	if len(c.Targets) == 0 {
		c.Targets = []string{c.Target}
	}
	if c.Start.IsZero() {
		c.Start = time.Now()
	}
	if c.Exchanges == nil {
		c.Exchanges = DefaultExchanges()
	}
	if c.Behaviour == (Behaviour{}) {
		c.Behaviour = DefaultBehaviour()
	}
	if c.Stages != nil {
		c.Duration = length(c.Stages)
	}
	orDefault(&c.Rate, 500)
	orDefault(&c.CheckEvery, 1)
	orDefault(&c.Users, 100_000)
	orDefault(&c.VendorID, DefaultVendorID)
	orDefault(&c.TMaxLow, 100*time.Millisecond)
	orDefault(&c.TMaxHigh, max(200*time.Millisecond, c.TMaxLow))
	orDefault(&c.MaxInFlight, 256)
	orDefault(&c.MaxNotices, 256)
	orDefault(&c.Grace, 30*time.Second)
	return c, c.validate()
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c *ExchangeConfig) validate() error {
	for _, t := range c.Targets {
		if err := checkTarget(t, c.AllowRemote); err != nil {
			return err
		}
	}
	if err := checkStages(c.Stages); err != nil {
		return err
	}
	if c.Mix != nil {
		if err := c.Mix.validate(); err != nil {
			return fmt.Errorf("mix: %w", err)
		}
	}
	switch {
	case c.CheckEvery < 0 || c.ConnRequests < 0:
		return errors.New("how often to check and to reconnect must not be negative")
	case !(c.Rate > 0 && c.Rate <= 1e6):
		return fmt.Errorf("rate %v: allowed is above 0, at most 1000000 requests per second", c.Rate)
	case c.Duration < 0 || c.Requests < 0 || c.Grace < 0 || c.WarmUp < 0:
		return errors.New("duration, requests, grace and warm-up must not be negative")
	case c.Skip < 0 || c.Skip >= firstWarm:
		return fmt.Errorf("skip %d: allowed is 0 to %d", c.Skip, firstWarm-1)
	case c.Users < 1 || c.Users > MaxUsers:
		return fmt.Errorf("users %d: allowed is 1 to %d", c.Users, MaxUsers)
	case c.VendorID < 1 || c.VendorID > 1<<16-1:
		return fmt.Errorf("vendor id %d: allowed is 1 to 65535", c.VendorID)
	case c.TMaxLow < time.Millisecond || c.TMaxHigh < c.TMaxLow || c.TMaxHigh > MaxTMax:
		return fmt.Errorf("tmax %v to %v: allowed is 1ms to %v", c.TMaxLow, c.TMaxHigh, MaxTMax)
	case c.MaxInFlight < 1 || c.MaxNotices < 1:
		return errors.New("requests and notices under way must be at least 1")
	case len(c.Exchanges) == 0:
		return errors.New("no exchange to play")
	}
	names := map[string]bool{}
	for _, x := range c.Exchanges {
		if err := x.validate(); err != nil {
			return fmt.Errorf("exchange %q: %w", x.Name, err)
		}
		if names[x.Name] {
			return fmt.Errorf("exchange %q is there twice", x.Name)
		}
		names[x.Name] = true
	}
	return c.Behaviour.validate()
}

func (x *Exchange) validate() error {
	switch {
	case x.Name == "":
		return errors.New("has no name")
	case url.PathEscape(x.Name) != x.Name || x.Name == "." || x.Name == "..":
		return errors.New("the name cannot be a part of a URL's path")
	case x.AuctionType != 1 && x.AuctionType != 2:
		return fmt.Errorf("auction type %d: allowed are 1 (first price) and 2 (second price)", x.AuctionType)
	case x.Billing != BillOnNotice && x.Billing != BillOnImpression:
		return fmt.Errorf("billing %q: allowed are %q and %q", x.Billing, BillOnNotice, BillOnImpression)
	case x.Increment < 0:
		return errors.New("the increment must not be negative")
	case !(x.Share > 0):
		return errors.New("the share must be above 0")
	case x.Version != "2.5" && x.Version != "2.6":
		return fmt.Errorf("version %q: allowed are \"2.5\" and \"2.6\"", x.Version)
	}
	return nil
}

func (b *Behaviour) validate() error {
	for _, p := range []float64{b.Render, b.Late, b.Lost, b.Twice, b.Reorder, b.Overcharge, b.Losses, b.ClickLow, b.ClickHigh} {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("share %v: allowed is 0 to 1", p)
		}
	}
	if b.RenderDelay < 0 || b.LateAfter < 0 || b.LateUntil < b.LateAfter || b.ClickHigh < b.ClickLow {
		return errors.New("behaviour: a delay is negative, or a range ends before it begins")
	}
	return nil
}
