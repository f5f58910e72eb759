package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// CorrectionKind says where a correction comes from.
type CorrectionKind string

// The kinds.
const (
	// Reconciled: an exchange's billing report says otherwise than its notices.
	Reconciled CorrectionKind = "reconciliation"
	// Credit: money comes back. The amount is below zero.
	Credit CorrectionKind = "credit"
	// Restated: conversions that were paid for turned out to be none. The
	// amount is below zero.
	Restated CorrectionKind = "conversion"
)

// Correction is an entry that changes what was booked. Nothing that was booked
// is ever edited: a correction of a correction is another one.
type Correction struct {
	Kind   CorrectionKind
	Reason string // 1 to 100 bytes, of Reconciled one word that reports are grouped by
	// Reference is what the entry is booked from, 1 to 200 bytes: a file and
	// its line, a credit note. Of Reconciled, one reference books once per
	// exchange, day, account and reason; of others, once per advertiser.
	Reference string
	Exchange  event.ExchangeID // 0: no exchange has to do with it
	// Account needs its line item, or its campaign for the campaign as a
	// whole. The rest is filled in, or refused if it does not fit.
	Account
	Day event.Period // the exchange's billing day
	// Currency is the exchange's for Reconciled, which is converted by the rates
	// of the day, and the advertiser's for all others.
	Currency string
	Amount   money.Nanos // added to what was booked; not zero
	// Impressions are how many Amount is for, of Reconciled: below zero if it is.
	// 0: none more or less than booked, or nobody knows. Fees per impression go
	// with them.
	Impressions event.Impressions
	// At is a moment of Day in the exchange's zone, by which daily budgets know
	// their own day. Zero stands for noon UTC.
	At time.Time
	// Redated says that the money is booked already, on another day: no budget
	// moves. A second entry of the opposite amount is on that day.
	Redated bool
	By      string // who decided it, 1 to 100 bytes
}

var (
	// ErrCorrected says that corrections of the exchange were booked since
	// they were read.
	ErrCorrected = errors.New("corrections were booked in between: compare again")
	// ErrReference says that a reference was booked with another amount, or
	// that of a credit for anything else.
	ErrReference = errors.New("this reference is booked already, for something else")
	// ErrAccount says that a correction is for what does not exist.
	ErrAccount = errors.New("no such line item or campaign")
)

// CreditError says that a credit is more than is booked on some budget of what
// it is for: on the lifetime ones, or where there are none, on those of its day.
type CreditError struct{ Most money.Nanos }

// Error says how much can be credited.
func (e *CreditError) Error() string {
	return fmt.Sprintf("no more than %v can be credited: so much is booked", e.Most)
}

// ReversalPrefix is how references begin that the ledger makes itself.
const ReversalPrefix = "reversal of "

// maxCorrected bounds the impressions of one correction.
const maxCorrected = 1e12 * event.OneImpression

// MaxCorrections bounds what one call books in its one transaction.
const MaxCorrections = 20_000

func (c *Correction) validate() error {
	switch c.Kind {
	case Reconciled:
		if c.Exchange == 0 {
			return errors.New("want an exchange")
		}
	case Credit, Restated:
		if c.Amount > 0 {
			return fmt.Errorf("a %s must be below zero", c.Kind)
		}
	default:
		return fmt.Errorf("there is no kind %.40q", string(c.Kind))
	}
	if err := checkTexts(c.Reason, c.Reference, c.By); err != nil {
		return err
	}
	if strings.HasPrefix(c.Reference, ReversalPrefix) {
		return fmt.Errorf("no reference may begin with %q: that is what the ledger calls what it takes back", ReversalPrefix)
	}
	if c.Amount == 0 || c.Amount > money.Cap || c.Amount < -money.Cap {
		return fmt.Errorf("the amount must be within %v and %v, and not zero", -money.Cap, money.Cap)
	}
	if n := c.Impressions; n != 0 && (c.Kind != Reconciled || (n < 0) != (c.Amount < 0) || max(n, -n) > maxCorrected) {
		return errors.New("impressions are of a reconciliation, and have the sign of its amount")
	}
	if c.Exchange < 0 || c.LineItem < 0 || c.Campaign < 0 || c.LineItem == 0 && c.Campaign == 0 {
		return errors.New("want a line item or a campaign")
	}
	if len(c.Currency) != 3 {
		return errors.New("want a currency of three letters")
	}
	if _, err := time.Parse(time.DateOnly, c.Day.Date()); err != nil {
		return errors.New("want a day, as yyyymmdd")
	}
	return nil
}

// checkTexts checks what people say of an entry.
func checkTexts(reason, reference, by string) error {
	for _, text := range []struct {
		name, value string
		most        int
	}{{"reason", reason, 100}, {"reference", reference, 200}, {"name of who decides", by, 100}} {
		if text.value == "" || len(text.value) > text.most || !utf8.ValidString(text.value) || strings.ContainsRune(text.value, 0) {
			return fmt.Errorf("the %s must be 1 to %d bytes of UTF-8", text.name, text.most)
		}
	}
	return nil
}

// at returns a moment of the correction's day.
func (c *Correction) at() time.Time {
	if !c.At.IsZero() {
		return c.At
	}
	return time.Date(int(c.Day/10000), time.Month(c.Day/100%100), int(c.Day%100), 12, 0, 0, 0, time.UTC)
}

// Correct books one correction: balances and totals move with it, in one
// transaction. It returns false, and books nothing, if its reference was
// booked before.
//
// What is added is taken from what is free of each budget, and the rest is
// overrun. What is given back lowers overrun first; no budget gets back more
// than is booked on it: of more, a credit is refused with a [*CreditError], and
// what is reconciled moves the budget as far as that.
func (l *Ledger) Correct(ctx context.Context, c Correction) (bool, error) {
	r, err := l.correct(ctx, nil, []Correction{c})
	return r.Booked == 1, err
}

// Corrected says what CorrectAll did.
type Corrected struct {
	Booked  int
	Known   int // booked before, from the same reference
	Amount  money.Nanos
	Overrun money.Nanos
}

// CorrectAll books corrections of one exchange, all or none. after is what
// [Ledger.LastCorrection] said before the ledger was compared: if others were
// booked since, it returns ErrCorrected.
func (l *Ledger) CorrectAll(ctx context.Context, exchange event.ExchangeID, after int64, all []Correction) (Corrected, error) {
	if len(all) > MaxCorrections {
		return Corrected{}, fmt.Errorf("cannot book %d corrections at once: at most %d", len(all), MaxCorrections)
	}
	for i := range all {
		if all[i].Exchange != exchange {
			return Corrected{}, fmt.Errorf("cannot book corrections: number %d is of exchange %d, want %d", i+1, all[i].Exchange, exchange)
		}
	}
	return l.correct(ctx, &after, all)
}

func (l *Ledger) correct(ctx context.Context, after *int64, all []Correction) (Corrected, error) {
	for i := range all {
		if err := all[i].validate(); err != nil {
			return Corrected{}, fmt.Errorf("cannot book correction %d: %w", i+1, err)
		}
	}
	if len(all) == 0 {
		return Corrected{}, nil
	}
	var result Corrected
	now := l.clock.Now()
	err := l.inTx(ctx, func(tx *sql.Tx) error {
		result = Corrected{}
		return bookCorrections(ctx, tx, now, after, all, &result)
	})
	if err != nil {
		return Corrected{}, fmt.Errorf("cannot book %d corrections: %w", len(all), err)
	}
	return result, nil
}
