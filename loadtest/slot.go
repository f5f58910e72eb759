package loadtest

import (
	"encoding/json"
	"fmt"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// size is width and height in CSS pixels.
type size struct{ w, h int64 }

// slot is a place for an ad: the banner object or another, and what it means.
type slot struct {
	field  string // of the imp: "banner" or another format
	sizes  []size
	battr  []adcom1.CreativeAttribute
	json   []byte
	weight float64
}

// slots is the places on wide and on narrow screens.
type slots struct {
	wide, narrow         []slot
	wideSums, narrowSums []float64
}

func newSlots() (*slots, error) {
	s := &slots{}
	// The first size is where the price comes from. Old integrations state w
	// and h, newer ones a list of formats, most both.
	wide := []slot{
		{sizes: []size{{300, 250}}, weight: 30},
		{sizes: []size{{728, 90}}, weight: 25},
		{sizes: []size{{160, 600}}, weight: 15},
		{sizes: []size{{300, 250}, {160, 600}}, weight: 10},
		{sizes: []size{{728, 90}, {970, 90}}, weight: 10},
		{sizes: []size{{300, 600}, {160, 600}, {300, 250}}, weight: 10},
	}
	narrow := []slot{
		{sizes: []size{{320, 50}}, weight: 45},
		{sizes: []size{{300, 250}}, weight: 30},
		{sizes: []size{{320, 50}, {300, 50}}, weight: 15},
		{sizes: []size{{300, 250}, {320, 50}}, weight: 10},
	}
	var err error
	if s.wide, err = writeSlots(wide); err != nil {
		return nil, err
	}
	if s.narrow, err = writeSlots(narrow); err != nil {
		return nil, err
	}
	byWeight := func(_ int, p slot) float64 { return p.weight }
	s.wideSums, s.narrowSums = runningSums(s.wide, byWeight), runningSums(s.narrow, byWeight)
	return s, nil
}

// writeSlots returns each slot twice: with and without blocked attributes.
func writeSlots(plain []slot) ([]slot, error) {
	var all []slot
	for i, p := range plain {
		for _, battr := range [][]adcom1.CreativeAttribute{nil, {
			adcom1.AttrAudioAuto, adcom1.AttrExpandableAuto, adcom1.AttrVideoAuto, adcom1.AttrPop,
		}} {
			banner := openrtb2.Banner{BAttr: battr, Pos: ptr(adcom1.PlacementPosition(i % 4))}
			if len(p.sizes) == 1 {
				banner.W, banner.H = &p.sizes[0].w, &p.sizes[0].h
			}
			if len(p.sizes) > 1 || i%2 == 0 {
				for _, s := range p.sizes {
					banner.Format = append(banner.Format, openrtb2.Format{W: s.w, H: s.h})
				}
			}
			body, err := json.Marshal(banner)
			if err != nil {
				return nil, fmt.Errorf("cannot write a banner: %w", err)
			}
			all = append(all, slot{field: "banner", sizes: p.sizes, battr: battr, json: body, weight: p.weight})
		}
	}
	return all, nil
}

// blocks is what a publisher does not want.
type blocks struct {
	advertisers []string // badv: bare domains, their subdomains too
	categories  []string // bcat: IAB Content Taxonomy 1.0, what is below them too
	json        []byte   // the fields, each with a comma before it
	weight      float64
}

func newBlocks() ([]blocks, error) {
	all := []blocks{
		{weight: 45},
		{weight: 25, categories: []string{"IAB25", "IAB26", "IAB24"}},
		{weight: 15, categories: []string{"IAB25", "IAB26", "IAB7-39", "IAB8-5", "IAB9-9", "IAB14-1"},
			advertisers: []string{"casino.example", "payday.example.net"}},
		{weight: 10, advertisers: []string{"shoes.example.com", "rival.example.org", "travel.example.com"}},
		{weight: 5, categories: []string{"IAB2", "IAB13", "IAB25"}, advertisers: []string{"cars.example.com"}},
	}
	for i := range all {
		b := &all[i]
		body, err := json.Marshal(openrtb2.BidRequest{BCat: b.categories, BAdv: b.advertisers})
		if err != nil {
			return nil, fmt.Errorf("cannot write blocks: %w", err)
		}
		// The request's required fields come first and are null here.
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, fmt.Errorf("cannot write blocks: %w", err)
		}
		for _, name := range []string{"bcat", "badv"} {
			if v, ok := fields[name]; ok {
				b.json = append(append(b.json, `,"`+name+`":`...), v...)
			}
		}
	}
	return all, nil
}
