package ratefile

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// MaxBytes is how much of a file is read at most: the ECB's whole history has a
// tenth of it.
const MaxBytes = 64 << 20

// Read returns the tables of a file. source names who states the rates, where
// the file does not.
func Read(r io.Reader, source string) ([]campaign.RateTable, error) {
	limited := &io.LimitedReader{R: r, N: MaxBytes + 1}
	in := bufio.NewReader(limited)
	head, _ := in.Peek(512)
	read := readCSV
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"), []byte("<")) {
		read = readXML
	}
	all, err := read(in, source)
	switch {
	case limited.N == 0:
		err = fmt.Errorf("it has more than %d bytes", MaxBytes)
	case err == nil && len(all) == 0:
		err = errors.New("it states no rates")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read exchange rates: %w", err)
	}
	slices.SortStableFunc(all, func(a, b campaign.RateTable) int { return a.Start.Compare(b.Start) })
	for i := range all {
		all[i].Sort()
		if err := all[i].Validate(); err != nil {
			return nil, fmt.Errorf("cannot use the exchange rates of %s: %w", all[i].Start.Format(time.RFC3339), err)
		}
	}
	return all, nil
}

// readCSV reads effective_from, base, currency, rate and perhaps source, in the
// order of the header.
func readCSV(r io.Reader, source string) ([]campaign.RateTable, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	for _, name := range []string{"effective_from", "base", "currency", "rate"} {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("its header has no %s", name)
		}
	}
	type key struct {
		source, base string
		start        int64
	}
	tables := map[key]*campaign.RateTable{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		get := func(name string) string { return strings.TrimSpace(row[at[name]]) }
		line, _ := in.FieldPos(0)
		start, err := moment(get("effective_from"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		who := source
		if _, ok := at["source"]; ok {
			who = cmp.Or(get("source"), source)
		}
		if who == "" {
			return nil, fmt.Errorf("line %d: nobody states this rate: want --source, or a column source", line)
		}
		units, err := money.ParseQuote(get("rate"))
		if err != nil {
			return nil, fmt.Errorf("line %d: rate %.40q: %w", line, get("rate"), err)
		}
		k := key{strings.Clone(who), strings.Clone(get("base")), start.UnixMilli()}
		t := tables[k]
		if t == nil {
			t = &campaign.RateTable{Source: k.source, Base: k.base, Start: start}
			tables[k] = t
		}
		t.Quotes = append(t.Quotes, campaign.Quote{Currency: strings.Clone(get("currency")), Units: units})
	}
	var all []campaign.RateTable
	for _, t := range tables {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b campaign.RateTable) int { // maps have no order
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Base, b.Base))
	})
	return all, nil
}

// moment reads an instant, or a day: then it is the day's midnight UTC.
func moment(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("effective_from %.40q: want 2026-12-01 or 2026-12-01T15:00:00Z", s)
	}
	return t.UTC(), nil
}

// ecb is the bank's document: days of rates against the euro.
type ecb struct {
	XMLName xml.Name `xml:"Envelope"`
	Sender  string   `xml:"Sender>name"`
	Days    []struct {
		Time  string `xml:"time,attr"`
		Rates []struct {
			Currency string `xml:"currency,attr"`
			Rate     string `xml:"rate,attr"`
		} `xml:"Cube"`
	} `xml:"Cube>Cube"`
}

func readXML(r io.Reader, source string) ([]campaign.RateTable, error) {
	var doc ecb
	if err := xml.NewDecoder(r).Decode(&doc); err != nil {
		return nil, err
	}
	var all []campaign.RateTable
	for _, d := range doc.Days {
		start, err := moment(d.Time)
		if err != nil {
			return nil, err
		}
		t := campaign.RateTable{Source: cmp.Or(source, doc.Sender), Base: "EUR", Start: start}
		for _, q := range d.Rates {
			units, err := money.ParseQuote(q.Rate)
			if err != nil {
				return nil, fmt.Errorf("%s: rate %.40q: %w", d.Time, q.Rate, err)
			}
			t.Quotes = append(t.Quotes, campaign.Quote{Currency: q.Currency, Units: units})
		}
		all = append(all, t)
	}
	return all, nil
}
