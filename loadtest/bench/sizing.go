package bench

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
)

// Demand is what an installation is to take.
type Demand struct {
	Requests    []float64     // bid requests per second: a column each
	LineItems   int           // of the measurement to reckon with; 0: the most
	Bids        float64       // per bid request
	Wins        float64       // share of bids
	Losses      float64       // share of lost bids that exchanges send a notice of
	Users       float64       // who have segments
	Utilisation float64       // of CPUs, at most
	Cores       int           // of one machine
	Horizon     time.Duration // of exchanges: until then a bid is open that no notice tells of
	Connections float64       // of exchanges to each bidder
}

// What a bidder has in memory beside the catalog, in bytes that live, see
// docs/operating.md. Garbage is let grow to half of what lives (GOGC=50, which
// large bidders choose).
const (
	openBidBytes    = 150
	connectionBytes = 30_000
	withGarbage     = 1.5
)

// toldOpen is how long a bid counts as open that a notice tells of: what it was
// in its auction is kept to the win deadline, which is 5 minutes unless the
// exchange has another.
const toldOpen = 5 * time.Minute

func (d *Demand) validate() error {
	if len(d.Requests) == 0 {
		return errors.New("no requests per second are given")
	}
	for _, n := range d.Requests {
		if !(n > 0 && n <= 1e9) {
			return fmt.Errorf("%v requests per second: allowed is above 0, to a billion", n)
		}
	}
	for _, share := range []float64{d.Wins, d.Losses} {
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("share %v: allowed is 0 to 1", share)
		}
	}
	switch {
	case !(d.Bids >= 0 && d.Bids <= 100):
		return fmt.Errorf("%v bids per request: allowed is 0 to 100", d.Bids)
	case !(d.Users >= 0 && d.Users <= 1e11):
		return fmt.Errorf("%v users: allowed is 0 to 100 billion", d.Users)
	case !(d.Utilisation > 0 && d.Utilisation <= 1):
		return fmt.Errorf("utilisation %v: allowed is above 0, at most 1", d.Utilisation)
	case d.Cores < 1 || d.Cores > 1024:
		return fmt.Errorf("%d cores: allowed is 1 to 1024", d.Cores)
	case d.Horizon < time.Second || d.Horizon > campaign.MaxHorizon:
		return fmt.Errorf("a horizon of %v: allowed is 1 s to %v", d.Horizon, campaign.MaxHorizon)
	case !(d.Connections >= 0 && d.Connections <= 1e6):
		return fmt.Errorf("%v connections: allowed is 0 to a million", d.Connections)
	}
	return nil
}

// Need is what a rate takes.
type Need struct {
	Requests    float64 // per second
	BidCores    float64 // for bid requests
	NoticeCores float64 // for notices, until they are booked
	Machines    float64
	OpenBids    float64 // of all machines
	Memory      float64 // bytes of each bidder, one on a machine
	RedisCores  float64
	RedisMemory float64 // bytes, without replicas
	In, Out     float64 // bits per second
	Events      float64 // per second
	LogBytes    float64 // per second, of each replica
	Wins        float64 // per second, to book
}

// need reckons what one rate takes, in proportion to what was measured.
func (r *Result) need(d *Demand, requests float64) Need {
	bid := r.bidder(d.LineItems)
	notices := r.find(ofNotices, 0)
	n := Need{Requests: requests, RedisMemory: d.Users * r.RedisPerUser}
	bids := requests * d.Bids
	n.Wins = bids * d.Wins
	n.Events = n.Wins*notices.Notices/max(notices.Wins, 1e-9) + (bids-n.Wins)*d.Losses
	untold := (bids - n.Wins) * (1 - d.Losses)
	n.OpenBids = untold*d.Horizon.Seconds() + (bids-untold)*min(toldOpen, d.Horizon).Seconds()
	// Requests of more bids than were measured count as so many more. Those of
	// fewer save less than their share: reading a request and refusing it costs, too.
	work := requests * max(1, d.Bids/max(bid.BidShare, 1e-9))
	n.BidCores = work * bid.CPU.Median / 1e6 / d.Utilisation
	n.NoticeCores = n.Events * r.CPUNotice / 1e6 / d.Utilisation
	n.Machines = math.Ceil((n.BidCores + n.NoticeCores) / float64(d.Cores))
	n.Memory = float64(bid.Resident) + withGarbage*(openBidBytes*n.OpenBids/n.Machines+connectionBytes*d.Connections)
	n.RedisCores = requests * r.RedisCPU / 1e6 / d.Utilisation
	n.In, n.Out = 8*requests*r.RequestBytes, 8*work*r.ResponseBytes
	n.LogBytes = n.Events * r.EventBytes
	return n
}

// bidder returns the measurement of so many line items; 0: of the most.
func (r *Result) bidder(lineItems int) *Series {
	if lineItems == 0 {
		return r.largest()
	}
	return r.find(ofBid, lineItems)
}

// Sizing writes what a demand takes, as Markdown.
func (r *Result) Sizing(w io.Writer, d Demand) error {
	if err := d.validate(); err != nil {
		return fmt.Errorf("cannot reckon: %w", err)
	}
	bid := r.bidder(d.LineItems)
	if bid.CPU.Median <= 0 || r.find(ofNotices, 0).Wins <= 0 {
		return fmt.Errorf("cannot reckon: %d line items and auctions were not measured", d.LineItems)
	}
	if r.CPUNotice <= 0 {
		return fmt.Errorf("cannot reckon: a notice cost %.1f us of CPU, which is noise: measure again, with more and longer rounds", r.CPUNotice)
	}
	var needs []Need
	var s strings.Builder
	if !r.Quiet {
		s.WriteString("**Not to be relied on:** the machine was busy with other things when this was measured.\n\n")
	}
	if r.Partial != "" {
		fmt.Fprintf(&s, "**Partial:** the benchmark was ended before its time, after %s.\n\n", r.Partial)
	}
	s.WriteString("| bid requests per second |")
	for _, n := range d.Requests {
		needs = append(needs, r.need(&d, n))
		fmt.Fprintf(&s, " %s |", thousands(int(n)))
	}
	s.WriteString("\n| --- |" + strings.Repeat(" --- |", len(needs)) + "\n")
	row := func(name string, cell func(n *Need) string) {
		fmt.Fprintf(&s, "| %s |", name)
		for i := range needs {
			s.WriteString(" " + cell(&needs[i]) + " |")
		}
		s.WriteByte('\n')
	}
	row("cores for bid requests", func(n *Need) string { return amount(n.BidCores) })
	row("cores for notices, log and booking", func(n *Need) string { return amount(n.NoticeCores) })
	row(fmt.Sprintf("machines of %d cores for the two, Redis not among them", d.Cores), func(n *Need) string { return thousands(int(n.Machines)) })
	row("open bids, million", func(n *Need) string { return amount(n.OpenBids / 1e6) })
	row("memory of each bidder, one on a machine, MiB", func(n *Need) string { return thousands(int(n.Memory / (1 << 20))) })
	row("cores for Redis, on machines of its own; a node has one", func(n *Need) string { return amount(n.RedisCores) })
	row(fmt.Sprintf("memory of Redis for %s users, GiB, without replicas", thousands(int(d.Users))), func(n *Need) string { return amount(n.RedisMemory / (1 << 30)) })
	row("network in, Gbit/s", func(n *Need) string { return amount(n.In / 1e9) })
	row("network out, Gbit/s", func(n *Need) string { return amount(n.Out / 1e9) })
	row("events per second", func(n *Need) string { return thousands(int(n.Events)) })
	row("event log, MB/s on each replica", func(n *Need) string { return amount(n.LogBytes / 1e6) })
	row("wins per second, to book", func(n *Need) string { return thousands(int(n.Wins)) })
	fmt.Fprintf(&s, "\nFor %g bids per request of which %g %% win, a notice of %g %% of the rest, and CPUs that are busy to %g %%.\n",
		d.Bids, 100*d.Wins, 100*d.Losses, 100*d.Utilisation)
	fmt.Fprintf(&s, "Each bidder has %s connections open. A bid is open for %g minutes unless a notice tells of it, and else counts as open for %g; memory of bidders is what is resident beside, and half more than what lives of %d bytes for an open bid and %s for a connection.\n",
		thousands(int(d.Connections)), d.Horizon.Minutes(), min(toldOpen, d.Horizon).Minutes(), openBidBytes, thousands(connectionBytes))
	fmt.Fprintf(&s, "Measured: %.1f us of CPU per bid request at %s line items with %.2f bids per answer, %.1f us per notice, %.1f us of Redis; %.0f bytes in and %.0f out; %.1f notices per win of %.0f bytes in the log; %.0f bytes of Redis per user; %.0f MiB resident. %s, %d CPUs (%s), version %s.\n",
		bid.CPU.Median, thousands(bid.LineItems), bid.BidShare, r.CPUNotice, r.RedisCPU, r.RequestBytes, r.ResponseBytes,
		r.find(ofNotices, 0).Notices/r.find(ofNotices, 0).Wins, r.EventBytes, r.RedisPerUser, mib(bid.Resident), r.Conditions.Go, r.Conditions.CPUs, r.Conditions.CPU, r.Conditions.Version)
	_, err := io.WriteString(w, s.String())
	return err
}

// FillSizing writes what a demand takes into a page.
func (r *Result) FillSizing(page string, d Demand) error {
	var s strings.Builder
	if err := r.Sizing(&s, d); err != nil {
		return err
	}
	return fill(page, "Sizing", "sizing", s.String())
}

// amount writes two digits, or all before the point.
func amount(x float64) string {
	switch {
	case x >= 10:
		return thousands(int(math.Ceil(x)))
	case x >= 1:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2g", x)
}
