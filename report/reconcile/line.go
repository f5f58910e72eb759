package reconcile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Level is what the lines of a report are about.
type Level string

// The levels. Creatives count as their line items.
const (
	PerBid      Level = "bid"
	PerLineItem Level = "line_item"
	PerCampaign Level = "campaign"
)

// Line is one line of a billing report. Ids are 0 where the line has none.
type Line struct {
	Number      int
	Day         event.Period
	Bid         event.BidID
	LineItem    event.LineItemID
	Creative    event.CreativeID
	Campaign    event.CampaignID
	ID          string // what the line says it is about, as written, shortened
	Impressions event.Impressions
	counted     bool // Impressions is what it says; else one is meant, whatever that counts for
	Amount      money.Nanos
	Currency    string // "" if the report does not say
	decimals    int
	digest      [16]byte // of the line's text
}

// LineError says what is wrong with a line. Those after it can be read.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// Reader reads a billing report.
type Reader struct {
	rows  *rows
	width int
	at    [columns]int
	sum   hash.Hash
}

// NewReader reads the header of a CSV file. columns says which of its columns
// are what, for those that cannot be known by their names.
func NewReader(file io.Reader, columns map[string]string) (*Reader, error) {
	sum := sha256.New()
	r := &Reader{rows: newRows(io.TeeReader(file, sum)), sum: sum}
	header, err := r.rows.header()
	if err == nil {
		r.width = len(header)
		r.at, err = findColumns(header, columns)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the report: %w", err)
	}
	return r, nil
}

// Level says what the lines are about.
func (r *Reader) Level() Level {
	switch {
	case r.at[colBid] >= 0:
		return PerBid
	case r.at[colLineItem] >= 0 || r.at[colCreative] >= 0:
		return PerLineItem
	default:
		return PerCampaign
	}
}

// Counted says whether the lines tell how many impressions they are for.
func (r *Reader) Counted() bool { return r.Level() == PerBid || r.at[colImpressions] >= 0 }

// Sum returns the SHA-256 of what was read: of the file, after io.EOF.
func (r *Reader) Sum() []byte { return r.sum.Sum(nil) }

// Next returns the next line, a [*LineError], io.EOF, or why the file cannot
// be read on.
func (r *Reader) Next() (Line, error) {
	for {
		text, err := r.rows.text()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("cannot read the report: %w", err)
			}
			return Line{}, err
		}
		line := Line{Number: r.rows.number}
		digest := sha256.Sum256(text)
		copy(line.digest[:], digest[:])
		fields, err := r.rows.split(text)
		if err != nil {
			return line, &LineError{line.Number, err}
		}
		if total(fields[0]) {
			continue // what a report adds up itself
		}
		if len(fields) != r.width {
			return line, &LineError{line.Number, fmt.Errorf("%d columns, the header has %d", len(fields), r.width)}
		}
		if err := r.parse(&line, fields); err != nil {
			return line, &LineError{line.Number, err}
		}
		return line, nil
	}
}

func total(field []byte) bool {
	return bytes.EqualFold(field, []byte("total")) || bytes.EqualFold(field, []byte("totals")) || bytes.EqualFold(field, []byte("grand total"))
}

func (r *Reader) parse(line *Line, fields [][]byte) (err error) {
	get := func(c column) []byte {
		if r.at[c] < 0 {
			return nil
		}
		return fields[r.at[c]]
	}
	if line.Day, err = parseDay(string(get(colDay))); err != nil {
		return err
	}
	amount := get(colAmount)
	if err := line.Amount.UnmarshalText(amount); err != nil {
		return fmt.Errorf("%w; want a number with a decimal point and no separators", err)
	}
	if i := bytes.IndexByte(amount, '.'); i >= 0 {
		line.decimals = min(len(amount)-i-1, 9)
	}
	if r.Level() == PerBid && line.Amount >= 0 { // a refund shows nobody anything
		line.Impressions = event.OneImpression
	}
	if text := get(colImpressions); r.at[colImpressions] >= 0 {
		line.counted = true
		if line.Impressions, err = event.ParseImpressions(string(text)); err != nil || max(line.Impressions, -line.Impressions) > maxImpressions {
			return fmt.Errorf("cannot read the impressions %.40q: %w", text, event.ErrImpressions)
		}
	}
	line.Currency = strings.ToUpper(string(get(colCurrency)))
	if len(line.Currency) > 3 {
		return fmt.Errorf("cannot read the currency %.40q: want three letters", line.Currency)
	}
	return r.parseIDs(line, get)
}

const maxImpressions = 1e11 * event.OneImpression

// parseIDs reads what the line is about. A text that cannot be an id of ours
// is one that we do not know.
func (r *Reader) parseIDs(line *Line, get func(column) []byte) error {
	if text := get(colBid); len(text) > 0 {
		line.Bid, _ = event.ParseBidID(string(text))
		line.ID = named("bid", text)
	}
	for _, c := range []struct {
		column column
		name   string
		id     *int64
	}{
		{colLineItem, "line item", (*int64)(&line.LineItem)},
		{colCreative, "creative", (*int64)(&line.Creative)},
		{colCampaign, "campaign", (*int64)(&line.Campaign)},
	} {
		text := get(c.column)
		if len(text) == 0 {
			continue
		}
		if id, err := strconv.ParseInt(string(text), 10, 64); err == nil && id > 0 {
			*c.id = id
		}
		if line.ID == "" && (c.column != colCampaign || r.Level() == PerCampaign) {
			line.ID = named(c.name, text)
		}
	}
	if line.ID == "" {
		return fmt.Errorf("nothing says what was billed: want a %s", map[Level]string{
			PerBid: "bid_id", PerLineItem: "line_item_id or creative_id", PerCampaign: "campaign_id"}[r.Level()])
	}
	return nil
}

func named(kind string, text []byte) string {
	const most = 40
	if len(text) > most {
		text = append(bytes.ToValidUTF8(text[:most:most], nil), "..."...)
	}
	return kind + " " + strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return '?'
	}, string(text))
}

// dayLayouts are how reports write a day. Which number is the month in
// 03/10/2026 depends on who wrote it: such days are refused.
var dayLayouts = []string{time.DateOnly, "2006/01/02", "20060102", time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04"}

func parseDay(text string) (event.Period, error) {
	for _, layout := range dayLayouts {
		if len(text) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 2000 && t.Year() < 2100 {
			return periodOf(t), nil
		}
	}
	return 0, fmt.Errorf("cannot read the date %.40q: want a day such as 2026-03-31, in the exchange's zone", text)
}
