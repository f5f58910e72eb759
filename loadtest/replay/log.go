package replay

import (
	"bufio"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Auction is one impression opportunity of a log.
type Auction struct {
	Value float64     // what it is worth, in any unit: a predicted click rate, say
	Price money.Nanos // per impression: the highest competing bid, or the floor
	At    time.Duration
	Click bool

	// What prices may depend on. Zero is not known.
	Exchange event.ExchangeID
	Place    uint64 // hash of the site or app
}

// Log is the auctions of one day, in order.
type Log struct {
	Name     string
	Auctions []Auction
	Timed    bool // At is the time of day; else the auctions are spread by a shape
}

// Format names the columns of a log.
type Format struct {
	columns []column
	four    []column // those of lines with exactly four; nil: as all others
}

type column uint8

const (
	ignored column = iota
	clickColumn
	priceColumn
	valueColumn
	timeColumn
	exchangeColumn
	placeColumn
)

// defaultFormat is the order of columns that most public logs can be cut to. A
// fourth column is iPinYou's: the exchange.
var defaultFormat = Format{
	columns: []column{clickColumn, priceColumn, valueColumn},
	four:    []column{clickColumn, priceColumn, valueColumn, exchangeColumn},
}

// ParseFormat reads the names of columns in their order: click, price (per
// thousand impressions), value, time (of day), exchange and place (site or
// app), any text both, and - for a column to ignore.
// Columns after the last named one are ignored. No names at all are "click
// price value", and "click price value exchange" of lines with four columns.
func ParseFormat(s string) (Format, error) {
	names := map[string]column{"-": ignored, "click": clickColumn, "price": priceColumn, "value": valueColumn, "time": timeColumn, "exchange": exchangeColumn, "place": placeColumn}
	if strings.TrimSpace(s) == "" {
		return defaultFormat, nil
	}
	var f Format
	seen := map[column]bool{}
	for _, word := range strings.Fields(s) {
		c, ok := names[word]
		switch {
		case !ok:
			return f, fmt.Errorf("cannot read format %q: no column is called %q; click, price, value, time, exchange, place and - are", s, word)
		case c != ignored && seen[c]:
			return f, fmt.Errorf("cannot read format %q: %s stands there twice", s, word)
		}
		seen[c] = true
		f.columns = append(f.columns, c)
	}
	if !seen[priceColumn] || !seen[valueColumn] {
		return f, fmt.Errorf("cannot read format %q: price and value are needed", s)
	}
	return f, nil
}

// maxValue bounds a value, so that a day's can be added up and multiplied by
// prices.
const maxValue = 1e100

// maxLine bounds a line of a log: longer ones are no log.
const maxLine = 1 << 20

// Read reads a log: one auction per line, columns parted by tabs, commas,
// semicolons or spaces. Empty lines, lines that begin with # and a first line
// of column names are passed over. Errors name the line.
func Read(name string, r io.Reader, f Format) (*Log, error) {
	l := &Log{Name: name}
	for _, c := range f.columns {
		l.Timed = l.Timed || c == timeColumn
	}
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	line, first, width := 0, true, len(f.columns)
	if f.four != nil {
		width = 5 // tells four from more
	}
	fields := make([]string, 0, 32)
	for s.Scan() {
		line++
		text := s.Text()
		if strings.TrimSpace(text) == "" || text[0] == '#' {
			continue
		}
		fields = split(fields[:0], text, width)
		a, err := f.auction(fields)
		if err != nil {
			if first && header(fields) {
				first = false
				continue
			}
			return nil, fmt.Errorf("cannot read %s, line %d: %w", name, line, err)
		}
		first = false
		if n := len(l.Auctions); l.Timed && n > 0 && a.At < l.Auctions[n-1].At {
			return nil, fmt.Errorf("cannot read %s, line %d: its time is before that of the line above; a log is one day, in order", name, line)
		}
		l.Auctions = append(l.Auctions, a)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("cannot read %s after line %d: %w", name, line, err)
	}
	if len(l.Auctions) == 0 {
		return nil, fmt.Errorf("cannot read %s: it has no auctions", name)
	}
	return l, nil
}

// split appends the first n columns of a line to dst.
func split(dst []string, line string, n int) []string {
	cut := "\t"
	if !strings.Contains(line, cut) {
		if cut = ",;"; !strings.ContainsAny(line, cut) {
			fields := strings.Fields(line)
			return append(dst, fields[:min(n, len(fields))]...)
		}
	}
	for len(dst) < n {
		i := strings.IndexAny(line, cut)
		if i < 0 {
			return append(dst, strings.TrimSpace(line))
		}
		dst, line = append(dst, strings.TrimSpace(line[:i])), line[i+1:]
	}
	return dst
}

// header says whether no column is a number: a line of names.
func header(fields []string) bool {
	for _, f := range fields {
		if _, err := strconv.ParseFloat(f, 64); err == nil {
			return false
		}
	}
	return true
}

func (f Format) auction(fields []string) (a Auction, err error) {
	columns := f.columns
	if f.four != nil && len(fields) == 4 {
		columns = f.four
	}
	if len(fields) < len(columns) {
		return a, fmt.Errorf("%d columns; the format names %d", len(fields), len(columns))
	}
	for i, c := range columns {
		text := fields[i]
		switch c {
		case clickColumn:
			n, err := strconv.ParseFloat(text, 64)
			if err != nil || n < 0 {
				return a, fmt.Errorf("click %.40q is no number of clicks", text)
			}
			a.Click = n > 0
		case priceColumn:
			a.Price, err = money.ParseCPM(text)
			if err == nil && a.Price < 0 {
				err = errors.New("it is below zero")
			}
			if err != nil {
				return a, fmt.Errorf("price %.40q is no price per thousand impressions: %w", text, err)
			}
		case valueColumn:
			a.Value, err = strconv.ParseFloat(text, 64)
			if err != nil || !(a.Value >= 0) || math.IsInf(a.Value, 0) {
				return a, fmt.Errorf("value %.40q is no number from 0 up", text)
			}
			if a.Value > maxValue {
				return a, fmt.Errorf("value %.40q is above %g, and the sum of a day's would be no number: write values in a larger unit", text, maxValue)
			}
		case exchangeColumn:
			const most = 4095 // that contexts of prices tell apart
			a.Exchange = 1 + event.ExchangeID(hash(text)%most)
		case placeColumn:
			a.Place = hash(text)
		case timeColumn:
			if a.At, err = timeOfDay(text); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// hash is that of a text, never 0.
func hash(text string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, text)
	return max(1, h.Sum64())
}

const day = 24 * time.Hour

// timeOfDay reads RFC 3339, "15:04:05" or seconds or milliseconds since 1970.
func timeOfDay(text string) (time.Duration, error) {
	for _, layout := range []string{time.RFC3339Nano, time.TimeOnly, "15:04", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Sub(t.Truncate(day)), nil
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n < 1e14) {
		return 0, fmt.Errorf("time %.40q is neither RFC 3339, 15:04:05, nor seconds or milliseconds since 1970", text)
	}
	if n >= 1e11 {
		n /= 1000
	}
	return time.Duration(math.Mod(n, 86400) * 1e9), nil
}
