package reconcile

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Config is what a report is compared with, and how.
type Config struct {
	Store    *store.Store
	Ledger   *ledger.Ledger
	Exchange string // its name
	// Currency is what the report is in: bills in others are not compared. Empty:
	// the exchange's own.
	Currency string
	Zone     *time.Location // of the exchange's billing days; nil for UTC
	// From and To are the days that the report covers: one without lines says
	// that nothing was billed. Zero: the days that it has lines of.
	From, To event.Period
	// Tolerance is how far a day of a line item may be off, either way, without
	// being a difference.
	Tolerance money.Nanos
	// Repeats says that the report repeats lines where the same happened twice.
	// Otherwise a line that is in it already is a duplicate.
	Repeats bool
	// Columns says which columns of the file are what, see [NewReader].
	Columns map[string]string
	// MaxLines bounds the report. Default 10 million.
	MaxLines int
}

// Limits of a report.
const (
	maxSpan     = 400       // days
	maxGroups   = 1_000_000 // days times line items
	maxUnknown  = 2000      // distinct line items, creatives or campaigns
	maxFindings = 1000      // lines listed as unknown or duplicate
	maxProblems = 20        // lines listed as unreadable
)

// Problems are lines that cannot be read. The report is not used then.
type Problems struct {
	Lines []*LineError
	More  bool // reading stopped at these
}

func (p *Problems) Error() string {
	var b strings.Builder
	b.WriteString("cannot use the report")
	for _, l := range p.Lines {
		b.WriteString("\n  ")
		b.WriteString(l.Error())
	}
	if p.More {
		b.WriteString("\n  and the rest was not read")
	}
	return b.String()
}

// Compare reads an exchange's billing report and compares it with the ledger.
// It changes nothing.
func Compare(ctx context.Context, c Config, file io.Reader) (*Result, error) {
	if c.Store == nil || c.Ledger == nil {
		return nil, errors.New("cannot compare: store and ledger are needed")
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.MaxLines == 0 {
		c.MaxLines = 10_000_000
	}
	if c.Tolerance < 0 || (c.From == 0) != (c.To == 0) || c.From > c.To {
		return nil, errors.New("cannot compare: the tolerance must not be negative, and the days must be both given, in order, or none")
	}
	exchange, err := findExchange(ctx, c.Store, c.Exchange)
	if err != nil {
		return nil, err
	}
	if c.Currency == "" {
		c.Currency = exchange.Currency
	}
	if c.Currency != exchange.Currency && !slices.Contains(exchange.OtherCurrencies, c.Currency) {
		return nil, fmt.Errorf("cannot compare: exchange %s does not bill in %.3s", exchange.Name, c.Currency)
	}
	reader, err := NewReader(file, c.Columns)
	if err != nil {
		return nil, err
	}
	b := &books{
		Config: c, exchange: exchange, level: reader.Level(),
		groups: make(map[key]*group), seen: make(map[[16]byte]struct{}), bids: make(map[event.BidID]bidLines), starts: make(map[uint64]bool),
		days: make(map[event.Period]bool), accounts: newAccounts(c.Store),
		moves: make(map[move]tally), moved: make(map[move]tally), elsewhere: make(map[key]tally), counted: reader.Counted(),
	}
	b.result = Result{Exchange: exchange.Name, ExchangeID: exchange.ID, Currency: c.Currency, Zone: c.Zone.String(), Level: b.level, zone: c.Zone}
	// Before anything is read of the ledger: what is booked from here on must
	// not be booked twice.
	if b.result.last, err = c.Ledger.LastCorrection(ctx, exchange.ID); err != nil {
		return nil, err
	}
	if err := b.read(ctx, reader); err != nil {
		return nil, err
	}
	b.result.File = "sha256:" + hex.EncodeToString(reader.Sum())
	if err := b.readLedger(ctx); err != nil {
		return nil, err
	}
	if err := b.explain(ctx); err != nil {
		return nil, err
	}
	return &b.result, nil
}

func findExchange(ctx context.Context, s *store.Store, name string) (campaign.Exchange, error) {
	var names []string
	for after := int64(0); ; {
		page, err := s.ListExchanges(ctx, store.Filter{AfterID: after, Limit: store.MaxPage})
		if err != nil {
			return campaign.Exchange{}, err
		}
		for _, e := range page {
			if e.Name == name {
				return e, nil
			}
			names = append(names, e.Name)
			after = int64(e.ID)
		}
		if len(page) < store.MaxPage {
			return campaign.Exchange{}, fmt.Errorf("there is no exchange %q; there are: %s", name, strings.Join(names, ", "))
		}
	}
}
