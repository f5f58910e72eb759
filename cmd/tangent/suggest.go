package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// suggestion is which settings the requests of an exchange suggest.
type suggestion struct {
	Preset         string   `json:"preset"`
	Currency       string   `json:"currency"`
	Others         []string `json:"other_currencies,omitempty"`
	AuctionDefault int      `json:"auction_default"`
	LeastTMax      int      `json:"least_tmax_ms,omitempty"`
	MostTMax       int      `json:"most_tmax_ms,omitempty"`
	Formats        []string `json:"formats"`
}

// samples counts what tells exchanges apart.
type samples struct {
	presets, currencies, formats map[string]int
	auctions                     map[int]int
	least, most                  int // tmax, of requests that have one
}

func newSamples() *samples {
	return &samples{presets: map[string]int{}, currencies: map[string]int{}, formats: map[string]int{}, auctions: map[int]int{}}
}

// add looks at a request that could be read.
func (s *samples) add(body []byte, r *openrtb.Request, f *finding) {
	s.presets[presetOf(body)]++
	for _, c := range r.Currencies {
		s.currencies[string(c)]++
	}
	if len(r.Currencies) == 0 {
		s.currencies["USD"]++
	}
	if r.AuctionTypeGiven {
		s.auctions[r.AuctionType]++
	}
	if r.TMax > 0 {
		if s.least == 0 || r.TMax < s.least {
			s.least = r.TMax
		}
		s.most = max(s.most, r.TMax)
	}
	for _, imp := range f.Imps {
		for _, format := range imp.Formats {
			s.formats[format]++
		}
	}
}

// presetOf guesses which preset speaks as a request does: by the extensions
// of Google and Prebid, else by a field that 2.6 moved out of ext.
func presetOf(body []byte) string {
	var r struct {
		Ext    map[string]json.RawMessage `json:"ext"`
		Regs   map[string]json.RawMessage `json:"regs"`
		User   map[string]json.RawMessage `json:"user"`
		Source map[string]json.RawMessage `json:"source"`
		CatTax json.RawMessage            `json:"cattax"`
		Imps   []struct {
			SSAI, Rewarded json.RawMessage
			Ext            map[string]json.RawMessage `json:"ext"`
		} `json:"imp"`
	}
	_ = json.Unmarshal(body, &r) // what is of another type says nothing
	has := func(object map[string]json.RawMessage, names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return object[n] != nil })
	}
	recent := r.CatTax != nil || has(r.Regs, "gdpr", "us_privacy", "gpp") || has(r.User, "consent", "eids") || has(r.Source, "schain")
	for _, imp := range r.Imps {
		if has(imp.Ext, "prebid") {
			return "prebid"
		}
		recent = recent || imp.SSAI != nil || imp.Rewarded != nil
	}
	switch {
	case has(r.Ext, "google_query_id"):
		return "google"
	case has(r.Ext, "prebid"):
		return "prebid"
	case recent:
		return "generic-2.6"
	}
	return "generic-2.5"
}

// suggest says what most of the requests were like.
func (s *samples) suggest() suggestion {
	g := suggestion{LeastTMax: s.least, MostTMax: s.most, Formats: byNumber(s.formats)}
	g.Preset = byNumber(s.presets)[0]
	currencies := byNumber(s.currencies)
	g.Currency, g.Others = currencies[0], currencies[1:]
	preset, _ := campaign.PresetExchange(g.Preset)
	g.AuctionDefault = preset.AuctionDefault
	if s.auctions[campaign.FirstPrice] > s.auctions[campaign.SecondPrice] {
		g.AuctionDefault = campaign.FirstPrice
	}
	return g
}

func (g *suggestion) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "these samples suggest: preset %s; currency %s", g.Preset, g.Currency)
	if len(g.Others) > 0 {
		fmt.Fprintf(&b, "; other_currencies %s", strings.Join(g.Others, ", "))
	}
	fmt.Fprintf(&b, "; auction_default %d", g.AuctionDefault)
	if g.MostTMax > 0 {
		fmt.Fprintf(&b, "; tmax %d to %d ms", g.LeastTMax, g.MostTMax)
	}
	if len(g.Formats) > 0 {
		fmt.Fprintf(&b, "; formats %s", strings.Join(g.Formats, ", "))
	}
	return b.String()
}

// byNumber returns the names, those with the highest counts first.
func byNumber(counts map[string]int) []string {
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	return names
}
