package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// key is what is compared: a billing day of a line item, or of a campaign as
// a whole, whose line item is 0.
type key struct {
	day      event.Period
	campaign event.CampaignID
	lineItem event.LineItemID
}

// group is what the report and the ledger say of one key.
type group struct {
	ledger.Account
	line        int // the first of the report's, 0 if it has none
	lines       int
	impressions event.Impressions
	billed      money.Nanos

	sold      event.Impressions // that the bookings count for
	booked    money.Nanos       // by notices
	disputed  money.Nanos
	unpriced  money.Nanos
	corrected reasonSums // by earlier reconciliations

	// Of reports per bid:
	listed  tally      // of booked: the report has the bids, on whatever day
	because reasonSums // what the bids of this day explain
}

// move is money that is booked on one day and billed on another.
type move struct {
	campaign event.CampaignID
	lineItem event.LineItemID
	from, to event.Period // from the day of the booking
}

// books is a comparison under way.
type books struct {
	Config
	exchange campaign.Exchange
	level    Level
	accounts *accounts
	groups   map[key]*group
	counted  bool           // the report says how many impressions there were
	moves    map[move]tally // that the report or the ledger shows, found now
	moved    map[move]tally // by earlier reconciliations
	// Of what was moved by earlier reconciliations, away from a day that is
	// compared to days that are not.
	elsewhere map[key]tally
	seen      map[[16]byte]struct{} // the text of lines
	bids      map[event.BidID]bidLines
	starts    map[uint64]bool       // incarnations: which are ours
	days      map[event.Period]bool // that the report has lines of
	sum       money.Nanos           // of all amounts, each without its sign
	shown     event.Impressions     // likewise
	pending   []Line                // of a report per bid, to be looked up together
	decimals  int                   // the most of any amount of the report
	first     event.Period
	final     event.Period // the last day
	result    Result
}

// most and mostShown bound sums of either side, so that no difference of them overflows.
const (
	most      = 2 * money.Cap
	mostShown = 1e12 * event.OneImpression
)

// lookup is how many bids are looked up at once.
const lookup = 120

func (b *books) read(ctx context.Context, reader *Reader) error {
	var problems Problems
	for {
		line, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = b.check(&line)
		}
		if bad := (*LineError)(nil); errors.As(err, &bad) {
			problems.Lines = append(problems.Lines, bad)
			if problems.More = len(problems.Lines) == maxProblems; problems.More {
				break
			}
			continue
		} else if err != nil {
			return err
		}
		if len(problems.Lines) > 0 {
			continue // only to find more of them
		}
		if err := b.take(ctx, &line); err != nil {
			return err
		}
	}
	if len(problems.Lines) > 0 {
		return &problems
	}
	if err := b.resolve(ctx); err != nil {
		return err
	}
	if b.From != 0 {
		b.first, b.final = b.From, b.To
	}
	if b.result.Lines == 0 && b.From == 0 {
		return errors.New("cannot use the report: it has no lines; if nothing was billed, say of which days")
	}
	if n := span(b.first, b.final); n > maxSpan {
		return fmt.Errorf("cannot use the report: it is about %s to %s, more than %d days: say which days to compare, or split it",
			b.first.Date(), b.final.Date(), maxSpan)
	}
	return nil
}

// check refuses what a line may not say of this exchange.
func (b *books) check(line *Line) error {
	if line.Currency != "" && line.Currency != b.Currency {
		return &LineError{line.Number, fmt.Errorf("it is in %s, the report is compared in %s", line.Currency, b.Currency)}
	}
	if b.From != 0 && (line.Day < b.From || line.Day > b.To) {
		return &LineError{line.Number, fmt.Errorf("%s is not within %s and %s", line.Day.Date(), b.From.Date(), b.To.Date())}
	}
	return nil
}

func (b *books) take(ctx context.Context, line *Line) (err error) {
	r := &b.result
	if r.Lines++; r.Lines > b.MaxLines {
		return fmt.Errorf("cannot use the report: it has more than %d lines: split it by days", b.MaxLines)
	}
	if b.first == 0 || line.Day < b.first {
		b.first = line.Day
	}
	b.final = max(b.final, line.Day)
	b.decimals = max(b.decimals, line.decimals)
	b.days[line.Day] = true
	if b.sum, err = money.Add(b.sum, abs(line.Amount)); err != nil || b.sum > most {
		return fmt.Errorf("cannot use the report: up to line %d it adds up to more than %v", line.Number, most)
	}
	if b.shown += max(line.Impressions, -line.Impressions); b.shown > mostShown {
		return fmt.Errorf("cannot use the report: up to line %d it adds up to more than %v impressions", line.Number, mostShown)
	}
	r.Billed += line.Amount
	r.Impressions += line.Impressions
	if b.level == PerBid || !b.Repeats {
		if _, twice := b.seen[line.digest]; twice {
			r.Duplicates.add(line, "its line is in the report before")
			return nil
		}
		b.seen[line.digest] = struct{}{}
	}
	b.pending = append(b.pending, *line)
	if len(b.pending) == lookup {
		return b.resolve(ctx)
	}
	return nil
}

// resolve adds the pending lines to their groups.
func (b *books) resolve(ctx context.Context) error {
	defer func() { b.pending = b.pending[:0] }()
	var bids map[event.BidID]ledger.BilledBid
	if b.level == PerBid && len(b.pending) > 0 {
		ids := make([]event.BidID, 0, len(b.pending))
		for i := range b.pending {
			ids = append(ids, b.pending[i].Bid)
		}
		var err error
		if bids, err = b.Ledger.BilledBids(ctx, ids); err != nil {
			return err
		}
	}
	for i := range b.pending {
		line := &b.pending[i]
		var err error
		if bid, known := bids[line.Bid]; known {
			err = b.takeBid(line, bid)
		} else {
			err = b.takeSum(ctx, line)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeSum adds a line to what is known of its line item only.
func (b *books) takeSum(ctx context.Context, line *Line) error {
	account, known, err := b.accounts.of(ctx, line)
	if err != nil {
		return err
	}
	if !known && line.Bid != (event.BidID{}) {
		// A bid of ours that no notice told of: of which line item, nobody says.
		ours, err := b.ours(ctx, line.Bid)
		if err != nil {
			return err
		}
		if known = ours; known {
			b.result.Unattributed.add(line, "the bid is ours, and nothing says of which line item")
		}
	}
	if !known {
		if b.level == PerBid && line.LineItem == 0 && line.Creative == 0 {
			b.result.strangers++
		}
		b.result.Unknown.add(line, "we have none of this id")
		return nil
	}
	g, err := b.bill(line, account)
	if err == nil {
		g.because.add(Unnotified, tally{line.Amount, line.Impressions}) // only per bid is it looked at
	}
	return err
}

// ours says whether a bid was made by one of our bidders: its id begins with
// the number of their start.
func (b *books) ours(ctx context.Context, bid event.BidID) (ours bool, err error) {
	n := bid.Incarnation()
	if ours, known := b.starts[n]; known {
		return ours, nil
	}
	if len(b.starts) == maxUnknown {
		return false, fmt.Errorf("cannot use the report: its bid ids are of more than %d bidders: are they the ids of our bids?", maxUnknown)
	}
	if ours, err = b.Ledger.Opened(ctx, n); err == nil {
		b.starts[n] = ours
	}
	return ours, err
}

// bill adds a line to its group.
func (b *books) bill(line *Line, account ledger.Account) (*group, error) {
	g, err := b.group(line.Day, account)
	if err != nil {
		return nil, err
	}
	if g.lines++; g.line == 0 {
		g.line = line.Number
	}
	g.impressions += line.Impressions
	g.billed += line.Amount
	return g, nil
}

func (b *books) group(day event.Period, account ledger.Account) (*group, error) {
	k := key{day, account.Campaign, account.LineItem}
	g := b.groups[k]
	if g == nil {
		if len(b.groups) == maxGroups {
			return nil, fmt.Errorf("cannot compare: there are more than %d line items and days: split the report by days", maxGroups)
		}
		g = &group{Account: account}
		b.groups[k] = g
	}
	return g, nil
}

// above returns by how much the report is above the ledger; impressions
// only if it says how many there were.
func (b *books) above(g *group) tally {
	d := tally{g.billed, g.impressions}.minus(tally{g.booked, g.sold}).minus(g.corrected.sum())
	if !b.counted {
		d.impressions = 0
	}
	return d
}

// compared says whether the report covers a day: only then does it say
// anything that a booking of the day is not in it.
func (b *books) compared(day event.Period) bool {
	if b.From != 0 {
		return day >= b.From && day <= b.To
	}
	return b.days[day]
}
