package scenario

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// verb plays one statement, whose first word is taken.
type verb func(p *player, ctx context.Context, s *statement) error

var verbs = map[string]verb{
	"exchange": (*player).exchange, "campaign": (*player).campaign, "line": (*player).line_,
	"at": (*player).at, "wait": (*player).wait, "slice": (*player).slice,
	"bidder": (*player).newBidder, "kill": (*player).kill, "restart": (*player).restart, "stop": (*player).stop,
	"bid": (*player).bid, "win": notify(event.KindWin), "lose": notify(event.KindLoss), "bill": notify(event.KindBilling),
	"rate": (*player).rate, "ledger": (*player).ledger, "booking": (*player).bookingIs, "controller": (*player).controllerIs,
	"advertiser": (*player).advertiser, "pay": pay(1), "refund": pay(-1),
	"fees": (*player).addFees, "budget": (*player).budget, "pause": pause(true), "resume": pause(false),
}

func (p *player) exchange(_ context.Context, s *statement) error {
	for len(s.rest) > 0 {
		word, _ := s.next("")
		if word == "in" {
			var err error
			if p.In, err = s.next("the currency"); err != nil {
				return err
			}
			continue
		}
		d, err := s.duration()
		switch {
		case err != nil:
			return err
		case word == "deadline":
			p.Terms.WinDeadline = d
		case word == "horizon":
			p.Terms.Horizon = d
		default:
			return fmt.Errorf("an exchange has no %q", word)
		}
	}
	return nil
}

// limits reads what a campaign or line item may be given.
func (s *statement) limits() (b campaign.Budget, zone string, maxCPM money.Nanos, err error) {
	zone, maxCPM = "UTC", 10*money.Unit
	for len(s.rest) > 0 && err == nil {
		word, _ := s.next("")
		switch word {
		case "daily":
			b.Daily, err = s.amount()
		case "lifetime":
			b.Lifetime, err = s.amount()
		case "max":
			maxCPM, err = s.amount()
		case "in":
			zone, err = s.next("the time zone")
		default:
			err = fmt.Errorf("%q was not expected here", word)
		}
	}
	return b, zone, maxCPM, err
}

func (p *player) campaign(ctx context.Context, s *statement) error {
	name, err := s.next("the name")
	if err != nil {
		return err
	}
	of := ""
	if s.take("of") {
		if of, err = s.next("the advertiser"); err != nil {
			return err
		}
	}
	b, zone, maxCPM, err := s.limits()
	if err != nil {
		return err
	}
	if of != "" {
		return p.AddCampaignOf(ctx, name, of, b, maxCPM)
	}
	return p.AddCampaign(ctx, name, b, zone, maxCPM)
}

func (p *player) line_(ctx context.Context, s *statement) error {
	name, err := s.next("the name")
	if err != nil {
		return err
	}
	if !s.take("of") {
		return errors.New(`"of CAMPAIGN" is missing`)
	}
	of, err := s.next("the campaign")
	if err != nil {
		return err
	}
	b, _, maxCPM, err := s.limits()
	if err != nil {
		return err
	}
	return p.AddLine(ctx, name, of, b, maxCPM)
}

func (p *player) at(ctx context.Context, s *statement) error {
	t, err := s.time()
	if err != nil {
		return err
	}
	return errors.Join(s.end(), p.Until(ctx, t))
}

// time reads a day and a time of day.
func (s *statement) time() (t campaign.LocalTime, err error) {
	day, err := s.next("the day")
	if err != nil {
		return t, err
	}
	hour, err := s.next("the time of day")
	if err != nil {
		return t, err
	}
	if strings.Count(hour, ":") == 1 {
		hour += ":00"
	}
	return campaign.ParseLocalTime(day + "T" + hour)
}

func (p *player) addFees(ctx context.Context, s *statement) error {
	name, err := s.next("the campaign")
	if err != nil {
		return err
	}
	var f campaign.FeeRule
	for len(s.rest) > 0 && err == nil {
		word, _ := s.next("")
		switch word {
		case "markup":
			f.MarkupPPM, err = s.percent()
		case "data":
			f.DataCPM, err = s.amount()
		case "tech":
			f.TechCPM, err = s.amount()
		case "from":
			f.EffectiveFrom, err = s.time()
		default:
			err = fmt.Errorf("%q was not expected here", word)
		}
	}
	if err != nil {
		return err
	}
	return p.AddFees(ctx, name, f)
}

// percent reads 12.5% as millionths.
func (s *statement) percent() (int64, error) {
	word, err := s.next("a percentage")
	if err != nil {
		return 0, err
	}
	number, ok := strings.CutSuffix(word, "%")
	n, err := money.Parse(number)
	if !ok || err != nil {
		return 0, fmt.Errorf("%q is no percentage", word)
	}
	return int64(n / (money.Unit / 10_000)), nil
}

func (p *player) wait(ctx context.Context, s *statement) error {
	d, err := s.duration()
	if err != nil {
		return err
	}
	return errors.Join(s.end(), p.Wait(ctx, d))
}

func (p *player) slice(ctx context.Context, s *statement) error {
	return errors.Join(s.end(), p.Wait(ctx, time.Second))
}

func (p *player) newBidder(ctx context.Context, s *statement) error {
	name, err := s.next("the name")
	if err != nil {
		return err
	}
	as := name
	if s.take("as") {
		if as, err = s.next("the name to the ledger"); err != nil {
			return err
		}
	}
	return errors.Join(s.end(), p.StartBidder(ctx, name, as))
}

func (p *player) kill(_ context.Context, s *statement) error {
	name, err := s.next("the bidder")
	if err != nil {
		return err
	}
	return errors.Join(s.end(), p.Kill(name))
}

func (p *player) restart(ctx context.Context, s *statement) error {
	name, err := s.next("the bidder")
	if err != nil {
		return err
	}
	if p.bidders[name] != nil {
		if err := p.Kill(name); err != nil {
			return err
		}
	}
	return errors.Join(s.end(), p.StartBidder(ctx, name, name))
}

func (p *player) stop(ctx context.Context, s *statement) error {
	name, err := s.next("the bidder")
	if err != nil {
		return err
	}
	return errors.Join(s.end(), p.Stop(ctx, name))
}

func (p *player) bid(ctx context.Context, s *statement) error {
	names, err := s.names()
	if err != nil {
		return err
	}
	if !s.take("on") {
		return errors.New(`"on CAMPAIGN" is missing`)
	}
	on, err := s.next("the campaign")
	if err != nil {
		return err
	}
	if !s.take("at") {
		return errors.New(`"at PRICE" is missing`)
	}
	cpm, err := s.amount()
	if err != nil {
		return err
	}
	by, within := "", time.Duration(0)
	if s.take("by") {
		if by, err = s.next("the bidder"); err != nil {
			return err
		}
	}
	if s.take("within") {
		if within, err = s.duration(); err != nil {
			return err
		}
	}
	if err := s.end(); err != nil {
		return err
	}
	p.taken, p.single = 0, len(names) == 1
	for end := p.Clock.Now().Add(within); ; {
		for len(names) > 0 {
			held, err := p.Bid(names[0], on, money.PerMille(cpm), by)
			if err != nil {
				return err
			}
			if !held {
				break
			}
			names = names[1:]
			p.taken++
		}
		if len(names) == 0 || !p.Clock.Now().Before(end) {
			p.refused = p.single && p.taken == 0
			return nil
		}
		if err := p.Wait(ctx, time.Second); err != nil {
			return err
		}
	}
}

// notify is the verb of a notice. Of many bids, those that were refused are
// left out.
func notify(kind event.Kind) verb {
	return func(p *player, ctx context.Context, s *statement) error {
		names, err := s.names()
		if err != nil {
			return err
		}
		n, late := Notice{Kind: kind, Times: 1}, time.Duration(0)
		for len(s.rest) > 0 && err == nil {
			word, _ := s.next("")
			switch word {
			case "late":
				late, err = s.duration()
			case "twice":
				n.Times = 2
			case "at":
				n.Price, n.State, err = s.price()
			case "via":
				n.Via, err = s.next("the bidder")
				if p.bidders[n.Via] == nil {
					err = errors.Join(err, fmt.Errorf("no bidder %s runs", n.Via))
				}
			default:
				if n.Times, err = strconv.Atoi(word); err != nil || !s.take("times") {
					err = fmt.Errorf("%q was not expected here", word)
				}
			}
		}
		if err != nil {
			return err
		}
		for _, name := range names {
			if len(names) > 1 && p.bids[name] == nil {
				continue
			}
			if err := p.Notify(ctx, name, n, late); err != nil {
				return err
			}
		}
		return nil
	}
}

func (p *player) ledger(_ context.Context, s *statement) error {
	how, err := s.next("up, down or mute")
	if err != nil {
		return err
	}
	who := ""
	if s.take("for") {
		if who, err = s.next("the bidder"); err != nil {
			return err
		}
		if _, err := p.bidder(who); err != nil {
			return err
		}
	}
	if how != "up" && how != "down" && how != "mute" {
		return fmt.Errorf("a ledger is not %q", how)
	}
	for name, b := range p.bidders {
		if who == "" || who == name {
			b.link.down, b.link.mute = how == "down", how == "mute"
		}
	}
	return s.end()
}

func (p *player) bookingIs(ctx context.Context, s *statement) error {
	switch strings.Join(s.rest, " ") {
	case "stops":
		return p.StopBooking()
	case "goes on":
		return p.ResumeBooking(ctx)
	}
	return errors.New(`booking "stops" or "goes on"`)
}

func (p *player) controllerIs(_ context.Context, s *statement) error {
	switch strings.Join(s.rest, " ") {
	case "starts":
		return p.StartController()
	case "is lost":
		return p.LoseController()
	}
	return errors.New(`a controller "starts" or "is lost"`)
}

func (p *player) budget(ctx context.Context, s *statement) error {
	name, err := s.next("the campaign")
	if err != nil {
		return err
	}
	window, err := s.next("daily or lifetime")
	if err != nil {
		return err
	}
	if window != "daily" && window != "lifetime" {
		return fmt.Errorf("a budget is not %q", window)
	}
	amount, err := s.amount()
	if err != nil {
		return err
	}
	return errors.Join(s.end(), p.SetBudget(ctx, name, window == "daily", amount))
}

func pause(paused bool) verb {
	return func(p *player, _ context.Context, s *statement) error {
		name, err := s.next("the campaign")
		if err != nil {
			return err
		}
		return errors.Join(s.end(), p.SetPaused(name, paused))
	}
}

// amount reads an amount of money, or a price per thousand impressions.
func (s *statement) amount() (money.Nanos, error) {
	word, err := s.next("an amount")
	if err != nil {
		return 0, err
	}
	return money.Parse(word)
}

// price reads what a notice says of the price.
func (s *statement) price() (money.Nanos, event.PriceState, error) {
	word, err := s.next("a price")
	if err != nil {
		return 0, 0, err
	}
	switch word {
	case "AUDIT":
		return 0, event.PriceAudit, nil
	case "UNEXPANDED":
		return 0, event.PriceUnexpanded, nil
	case "UNREADABLE":
		return 0, event.PriceInvalid, nil
	}
	n, err := money.ParseCPM(word)
	return n, event.PriceOK, err
}

// duration reads 90s, 40m, 2h or 31d.
func (s *statement) duration() (time.Duration, error) {
	word, err := s.next("a duration")
	if err != nil {
		return 0, err
	}
	if days, ok := strings.CutSuffix(word, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(word)
}

// names reads b1, or b1..b20.
func (s *statement) names() ([]string, error) {
	word, err := s.next("the bid")
	if err != nil {
		return nil, err
	}
	first, last, many := strings.Cut(word, "..")
	if !many {
		return []string{word}, nil
	}
	stem := strings.TrimRight(first, "0123456789")
	from, err1 := strconv.Atoi(first[len(stem):])
	to, err2 := strconv.Atoi(strings.TrimPrefix(last, stem))
	if err1 != nil || err2 != nil || to < from || to-from > 100_000 {
		return nil, fmt.Errorf("%q is not a run of bids such as b1..b20", word)
	}
	var all []string
	for i := from; i <= to; i++ {
		all = append(all, stem+strconv.Itoa(i))
	}
	return all, nil
}
