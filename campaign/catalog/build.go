package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// build fills the dimensions from items. Each follows one rule of
// LineItem.Check and may be looser than it, never tighter.
func (ix *index) build() {
	ix.buildExchange()
	ix.buildCurrency()
	ix.buildSize()
	ix.buildCountry()
	ix.buildDevice()
	ix.buildPlace()
	ix.buildFacets()
	ix.buildDeals()
}

func (ix *index) newBase() []uint64 { return make([]uint64, wordsFor(len(ix.items))) }

func (ix *index) buildExchange() {
	var lists [][]uint32
	rows, base := newRowsOf[event.ExchangeID](&lists), ix.newBase()
	for pos, li := range ix.each() {
		if len(li.rules.exchanges) == 0 {
			set(base, pos)
		}
		for _, e := range li.rules.exchanges {
			rows.add(e, uint32(pos))
		}
	}
	ix.exchanges, ix.exchange = rows.ids, ix.pack(base, lists, false)
}

func (ix *index) buildCurrency() {
	var lists [][]uint32
	rows := newRowsOf[string](&lists)
	for pos, li := range ix.each() {
		rows.add(li.Currency, uint32(pos))
	}
	ix.currencies, ix.currency = rows.ids, ix.pack(nil, lists, false)
}

// buildSize goes by the creatives, paused ones too: resuming one must not
// need a new index. Formats have rows among the sizes, see Formats.row.
func (ix *index) buildSize() {
	var lists [][]uint32
	rows := newRowsOf[openrtb.Size](&lists)
	for pos, li := range ix.each() {
		for i := range li.Creatives {
			if c := &li.Creatives[i]; c.targeted {
				if c.Format == campaign.FormatBanner {
					rows.add(c.Size(), uint32(pos))
				}
				rows.add(c.format().row(), uint32(pos))
			}
		}
	}
	ix.sizes, ix.size = rows.ids, ix.pack(nil, lists, false)
}

// buildCountry lists a position under a country where the answer differs from
// the one for a country that nobody names: included, or excluded from all.
func (ix *index) buildCountry() {
	var lists [][]uint32
	rows, base := newRowsOf[countryCode](&lists), ix.newBase()
	for pos, li := range ix.each() {
		r := &li.rules
		if len(r.countries) == 0 {
			set(base, pos)
			for _, c := range r.rare.notCountries {
				rows.add(c, uint32(pos))
			}
			continue
		}
		for _, c := range r.countries {
			if !slices.Contains(r.rare.notCountries, c) {
				rows.add(c, uint32(pos))
			}
		}
	}
	ix.countries, ix.country = rows.ids, ix.pack(base, lists, true)
}

func (ix *index) buildDevice() {
	var lists [][]uint32
	rows, base := newRowsOf[int](&lists), ix.newBase()
	for pos, li := range ix.each() {
		if li.rules.deviceTypes == 0 { // exclusions are left to the evaluator
			set(base, pos)
			continue
		}
		for t := 1; t <= maxDeviceType; t++ {
			if li.rules.deviceTypes&deviceBit(t) != 0 {
				rows.add(t, uint32(pos))
			}
		}
	}
	ix.devices, ix.device = rows.ids, ix.pack(base, lists, false)
}

// buildPlace joins sites and apps in one dimension, since a line item that
// lists both takes either. Exclusions are left to the evaluator.
func (ix *index) buildPlace() {
	var lists [][]uint32
	sites, apps, base := newRowsOf[string](&lists), newRowsOf[string](&lists), ix.newBase()
	for pos, li := range ix.each() {
		p := li.rules.places
		if p == nil || !p.restricted || len(p.lists) > 0 {
			set(base, pos)
			continue // what is in a list of a million is left to the evaluator
		}
		for _, s := range p.sites {
			sites.add(s, uint32(pos))
			ix.longest = max(ix.longest, len(s))
		}
		for _, a := range p.apps {
			apps.add(a, uint32(pos))
			ix.longest = max(ix.longest, len(a))
		}
	}
	ix.sites, ix.apps, ix.place = sites.ids, apps.ids, ix.pack(base, lists, false)
}

func set(words []uint64, pos int) { words[pos/64] |= 1 << (pos % 64) }
