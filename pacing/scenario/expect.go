package scenario

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// expect returns what is, where the last of words says something else, or "".
func (p *player) expect(ctx context.Context, words []string) (string, error) {
	if len(words) < 2 {
		return "", errors.New("want: expect WHAT ... VALUE")
	}
	want := words[len(words)-1]
	is, err := p.is(ctx, &statement{rest: words[:len(words)-1]})
	if err != nil || is == want {
		return "", err
	}
	// 2.50 is 2.5.
	a, err1 := money.Parse(want)
	b, err2 := money.Parse(is)
	if err1 == nil && err2 == nil && a == b {
		return "", nil
	}
	return is, nil
}

// is returns what the statement asks for.
func (p *player) is(ctx context.Context, s *statement) (string, error) {
	what, err := s.next("what to expect")
	if err != nil {
		return "", err
	}
	switch what {
	case "bid":
		if !p.single {
			return "", errors.New("the last statement for bids was not for one")
		}
		p.refused = false
		return map[int]string{0: "refused", 1: "taken"}[p.taken], s.end()
	case "refund":
		is := "booked"
		if p.refused {
			is = "refused"
		}
		p.refused = false
		return is, s.end()
	case "taken":
		return strconv.Itoa(p.taken), s.end()
	case "late", "expired", "unpriced":
		return p.total(ctx, what)
	case "held", "available", "risk", "exposed":
		return p.inMemory(s, what)
	}
	if what == "led" {
		return p.led(s)
	}
	if b := p.bidders[what]; b != nil {
		return b.state(), s.end()
	}
	return p.inLedger(ctx, s, what)
}

// led says whether a bidder bids by the controller of all.
func (p *player) led(s *statement) (string, error) {
	name, err := s.next("the bidder")
	if err != nil {
		return "", err
	}
	b, err := p.bidder(name)
	if err != nil {
		return "", err
	}
	if b.remote != nil && b.remote.Led() {
		return "yes", s.end()
	}
	return "no", s.end()
}

// state says whether a bidder may spend.
func (b *Bidder) state() string {
	switch {
	case b.fenced:
		return "fenced"
	case b.Pacer.Ready():
		return "ready"
	}
	return "stopped"
}

func (p *player) total(ctx context.Context, what string) (string, error) {
	t, err := totals(ctx, p.Ledger)
	n := map[string]int64{
		"late": t.Late - p.books.before.Late, "expired": t.Expired - p.books.before.Expired, "unpriced": t.Unpriced - p.books.before.Unpriced,
	}
	return strconv.FormatInt(n[what], 10), err
}

func (p *player) inMemory(s *statement, what string) (string, error) {
	np, err := p.node(s)
	if err != nil {
		return "", err
	}
	who := ""
	if s.take("by") {
		if who, err = s.next("the bidder"); err != nil {
			return "", err
		}
		if _, err := p.bidder(who); err != nil {
			return "", err
		}
	}
	sum := money.Nanos(0)
	for name, b := range p.bidders {
		if who != "" && who != name {
			continue
		}
		switch a := b.Pacer.Holds().Account(np); what {
		case "held":
			sum += a.Held
		case "available":
			sum += a.Available
		case "risk":
			sum += b.Pacer.Risk(np).Late()
		case "exposed":
			sum += a.Held + b.Pacer.Risk(np).Late()
		}
	}
	return sum.String(), s.end()
}

func (p *player) inLedger(ctx context.Context, s *statement, what string) (string, error) {
	np, err := p.node(s)
	if err != nil {
		return "", err
	}
	reports, err := p.Reports(ctx)
	if err != nil {
		return "", err
	}
	r := reports[np]
	switch what {
	case "booked":
		return r.Booked.String(), s.end()
	case "disputed":
		return r.Disputed.String(), s.end()
	case "overrun":
		return r.Overrun.String(), s.end()
	case "outstanding":
		return r.Outstanding.String(), s.end()
	case "paid":
		return r.Paid.String(), s.end()
	case "balance":
		return (r.Limit - r.Booked - r.Outstanding).String(), s.end()
	case "free":
		if r.Node == 0 { // nothing moved in this period
			r.Limit = p.limit(np)
		}
		return max(0, r.Limit-r.Booked-r.Outstanding).String(), s.end()
	case "bookings":
		return strconv.FormatInt(r.Bookings, 10), s.end()
	}
	return "", fmt.Errorf("nothing is called %q", what)
}

func (p *player) limit(np event.NodePeriod) money.Nanos {
	for _, li := range p.paced {
		for _, b := range li.Budgets {
			if b.Node == np.Node {
				return b.Amount
			}
		}
	}
	return 0
}

// node reads NAME [daily|lifetime] [on DATE]: the line item's own budget if
// it has one, else the campaign's; of an advertiser, its balance.
func (p *player) node(s *statement) (np event.NodePeriod, err error) {
	name, err := s.next("the campaign")
	if err != nil {
		return np, err
	}
	if a, ok := p.advertisers[name]; ok && a.Funding.Node != 0 {
		return event.NodePeriod{Node: a.Funding.Node}, nil
	}
	x := p.items[name]
	if x == nil {
		return np, fmt.Errorf("there is no %s", name)
	}
	b := x.line.Budget
	if b == (campaign.Budget{}) {
		b = x.campaign.Budget
	}
	daily, lifetime := s.take("daily"), s.take("lifetime")
	switch {
	case b.Daily == 0:
		daily = false
	case b.Lifetime == 0:
		daily = true
	case daily == lifetime:
		return np, fmt.Errorf("%s has two budgets: say daily or lifetime", name)
	}
	budget := pacing.Budget{Node: b.LifetimeNode, Zone: x.zone}
	if daily {
		budget = pacing.Budget{Node: b.DailyNode, Zone: x.zone, Daily: true}
	}
	np = budget.NodePeriod(p.Clock.Now())
	if s.take("on") {
		date, err := s.next("the day")
		if err != nil {
			return np, err
		}
		day, err := strconv.Atoi(strings.ReplaceAll(date, "-", ""))
		if err != nil || !daily {
			return np, fmt.Errorf("%q is no day of %s", date, name)
		}
		np.Period = event.Period(day)
	}
	return np, nil
}
