package reconcile

import (
	"fmt"
	"slices"
	"strings"
)

// column is what a column of a report can be for.
type column int

const (
	colDay column = iota
	colBid
	colLineItem
	colCreative
	colCampaign
	colImpressions
	colAmount
	colCurrency
	columns
)

// headers are the names that columns go by, spelled by spell. The first list
// of a column that has one in the file is taken: a name is no id.
var headers = [columns]struct {
	name  string
	known [][]string
}{
	colDay:         {"date", [][]string{{"date", "day", "billingdate", "billingday"}}},
	colBid:         {"bid_id", [][]string{{"bidid"}}},
	colLineItem:    {"line_item_id", [][]string{{"lineitemid"}, {"lineitem"}}},
	colCreative:    {"creative_id", [][]string{{"creativeid", "crid"}, {"creative"}}},
	colCampaign:    {"campaign_id", [][]string{{"campaignid", "cid"}, {"campaign"}}},
	colImpressions: {"impressions", [][]string{{"impressions", "imps", "billableimpressions", "billedimpressions"}}},
	colAmount:      {"amount", [][]string{{"amount", "billed", "billedamount"}, {"cost", "spend", "mediacost"}}},
	colCurrency:    {"currency", [][]string{{"currency", "currencycode", "cur"}}},
}

// spell makes "Line Item ID", "line_item_id" and "lineItemId" one name.
func spell(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// findColumns returns where each column is, -1 for none. given says it for
// some: the names of columns as [headers] has them, and of the file's header.
func findColumns(header []string, given map[string]string) (at [columns]int, err error) {
	spelled := make([]string, len(header))
	for i, name := range header {
		spelled[i] = spell(name)
	}
	for name := range given {
		if !slices.ContainsFunc(headers[:], func(h struct {
			name  string
			known [][]string
		}) bool {
			return h.name == name
		}) {
			return at, fmt.Errorf("there is no column %.40q to be given; there are: %s", name, strings.Join(columnNames(), ", "))
		}
	}
	for c := range headers {
		at[c] = -1
		known := headers[c].known
		if name, ok := given[headers[c].name]; ok {
			known = [][]string{{spell(name)}}
			if !slices.Contains(spelled, spell(name)) {
				return at, fmt.Errorf("the header has no column %.40q", name)
			}
		}
		for _, names := range known {
			for i, name := range spelled {
				if !slices.Contains(names, name) {
					continue
				}
				if at[c] >= 0 {
					return at, fmt.Errorf("both columns %.40q and %.40q can be the %s: say which", header[at[c]], header[i], headers[c].name)
				}
				at[c] = i
			}
			if at[c] >= 0 {
				break
			}
		}
	}
	for _, c := range []column{colDay, colAmount} {
		if at[c] < 0 {
			return at, fmt.Errorf("the header has no column for the %s: %.200q", headers[c].name, strings.Join(header, ", "))
		}
	}
	if at[colBid] < 0 && at[colLineItem] < 0 && at[colCreative] < 0 && at[colCampaign] < 0 {
		return at, fmt.Errorf("the header has no column that says what was billed (bid_id, line_item_id, creative_id or campaign_id): %.200q", strings.Join(header, ", "))
	}
	return at, nil
}

func columnNames() []string {
	var names []string
	for _, h := range headers {
		names = append(names, h.name)
	}
	return names
}
