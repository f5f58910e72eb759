package catalog

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// book is everything that the catalog was told, uncompiled, and who belongs
// to whom. An entry that was only mentioned, by something below it, is not
// known yet: changes may arrive in any order.
type book struct {
	advertisers map[event.AdvertiserID]*advertiserEntry
	campaigns   map[event.CampaignID]*campaignEntry
	lineItems   map[event.LineItemID]*lineItemEntry
	entered     map[event.LineItemID]*campaign.LineItem // of those that name inventory lists, and those that could not be made: they are large
	creatives   *creatives
	early       map[event.CreativeID]*campaign.Creative // as they were entered, of those that are not in ad yet: they are large
	lists       map[campaign.InventoryListID]*inventory
	zones       map[string]*zone // nil for a name that is none
	alike       alike
	rules       alikeRules
	terms       recent[*terms]
	texts       recent[string]
	hashed      campaign.LineItem // the last one: they are large
}

type advertiserEntry struct {
	def       campaign.Advertiser
	known     bool
	zone      *zone
	fees      campaign.FeeRules // replaced as a whole: compiled line items have them
	house     *house            // nil until it is compiled
	campaigns []*campaignEntry
}

type campaignEntry struct {
	id         event.CampaignID
	def        campaign.Campaign
	known      bool
	advertiser *advertiserEntry
	lineItems  []*lineItemEntry
	schedule   *schedule // of those that have none of their own; nil until it is compiled
}

// lineItemEntry is kept for every line item, so it is small.
type lineItemEntry struct {
	id        event.LineItemID
	content   uint64    // hash of what was entered, so that a change of it is seen
	made      *LineItem // what it says itself: in the last version, or in what will be the next; nil until it is compiled
	campaign  *campaignEntry
	creatives []*creativeEntry
	live      *liveness
	tally     tallyRef
	first     liveness // what live is at first, and mostly stays: beside the status it takes no room
	status    state    // noState until it is known
	compiled  bool     // not when archived, incomplete or unfit
}

// creativeEntry is kept for every creative, so it is small.
type creativeEntry struct {
	id       event.CreativeID
	content  uint64 // hash of all else that was entered, so that a change of it is seen
	lineItem *lineItemEntry
	live     *liveness
	ad       *ad // nil until it is compiled
	adFor    event.CampaignID
	landing  *string  // where clicks lead: creatives.mu guards it
	first    liveness // what live is at first, see lineItemEntry
	status   state    // noState until it is known
}

// state is a [campaign.Status] in a byte.
type state uint8

const (
	noState state = iota
	active
	paused
	archived
)

func stateOf(s campaign.Status) state {
	switch s {
	case campaign.Active:
		return active
	case campaign.Archived:
		return archived
	}
	return paused
}

func newBook() book {
	return book{
		advertisers: map[event.AdvertiserID]*advertiserEntry{},
		campaigns:   map[event.CampaignID]*campaignEntry{},
		lineItems:   map[event.LineItemID]*lineItemEntry{},
		entered:     map[event.LineItemID]*campaign.LineItem{},
		creatives:   newCreatives(),
		early:       map[event.CreativeID]*campaign.Creative{},
		lists:       map[campaign.InventoryListID]*inventory{},
		zones:       map[string]*zone{},
	}
}

// at returns the entry of an id, and makes one when there is none.
func at[K comparable, E any](m map[K]*E, id K) *E {
	e, ok := m[id]
	if !ok {
		e = new(E)
		m[id] = e
	}
	return e
}

// touched is what changes ask for: line items to compile anew, line items and
// creatives whose pauses may have changed, and what is not of the book.
type touched struct {
	compile    map[*lineItemEntry]struct{}
	lineItems  map[*lineItemEntry]struct{}
	creatives  map[*creativeEntry]struct{}
	exchanges  []campaign.Exchange
	rateTables []campaign.RateTable
	rests      *rests
}

func newTouched(r *rests) *touched {
	return &touched{
		compile: map[*lineItemEntry]struct{}{}, lineItems: map[*lineItemEntry]struct{}{}, creatives: map[*creativeEntry]struct{}{},
		rests: r,
	}
}

// lineItem notes that a line item's pauses changed, and with anew its content.
// Pauses are at once, resumptions come with the new content: a line item that is
// paused, changed and resumed must not bid as it was before.
func (t *touched) lineItem(e *lineItemEntry, anew bool) {
	e.live.bits.Or(e.pauses())
	t.lineItems[e] = struct{}{}
	if anew {
		t.compile[e] = struct{}{}
	}
}

func (t *touched) campaign(e *campaignEntry, anew bool) {
	if anew {
		e.schedule = nil
	}
	for i, li := range e.lineItems {
		t.rests.each(i)
		t.lineItem(li, anew)
	}
}

func (t *touched) advertiser(e *advertiserEntry, anew bool) {
	if anew {
		e.house = nil
	}
	for _, c := range e.campaigns {
		t.campaign(c, anew)
	}
}

// enter takes changes over and notes what they touch. Nothing is compiled
// anew for a name, a pause, or a thing that did not change.
func (b *book) enter(ch *campaign.Changes, t *touched) {
	t.exchanges = append(t.exchanges, ch.Exchanges...)
	t.rateTables = append(t.rateTables, ch.RateTables...)
	for _, d := range ch.Advertisers {
		b.enterAdvertiser(d, t)
	}
	for _, d := range ch.FeeRules {
		b.enterFeeRule(d, t)
	}
	for _, d := range ch.Campaigns {
		b.enterCampaign(d, t)
	}
	for i := range ch.InventoryLists {
		b.enterInventory(&ch.InventoryLists[i], t)
	}
	for i := range ch.LineItems {
		t.rests.take()
		b.enterLineItem(&ch.LineItems[i], t)
	}
	for i := range ch.Creatives {
		t.rests.take()
		b.enterCreative(&ch.Creatives[i], t)
	}
}

func (b *book) enterAdvertiser(d campaign.Advertiser, t *touched) {
	d.Name, d.Funding.Kind, d.Funding.CreditLine = "", fundedOrNot(d.Funding.Kind), 0
	d.Conversions = campaign.Conversions{} // see Snapshot.Advertiser
	e := at(b.advertisers, d.ID)
	anew := !e.known || archives(stateOf(e.def.Status), stateOf(d.Status))
	old := e.def
	old.Status = d.Status
	anew = anew || old != d
	e.def, e.known = d, true
	e.zone = b.zone(&d)
	t.advertiser(e, anew)
}

// fundedOrNot leaves out what line items need not know: how much there is to
// spend is the ledger's to say.
func fundedOrNot(k campaign.FundingKind) campaign.FundingKind {
	if k == campaign.Unfunded {
		return k
	}
	return campaign.Prepaid
}

func (b *book) enterFeeRule(d campaign.FeeRule, t *touched) {
	e := at(b.advertisers, d.AdvertiserID)
	before := len(e.fees)
	e.fees = e.fees.With(d)
	t.advertiser(e, len(e.fees) > before)
}

// zone returns the zone of an advertiser, one for all who share it, or nil
// when there is none of that name.
func (b *book) zone(a *campaign.Advertiser) *zone {
	z, ok := b.zones[a.TimeZone]
	if !ok {
		if loc, err := a.Location(); err == nil {
			z = &zone{loc: loc}
		}
		b.zones[a.TimeZone] = z
	}
	return z
}

func (b *book) enterCampaign(d campaign.Campaign, t *touched) {
	d.Name = ""
	e := at(b.campaigns, d.ID)
	anew := !e.known || archives(stateOf(e.def.Status), stateOf(d.Status))
	old := e.def
	old.Status = d.Status
	anew = anew || old != d
	e.def, e.known = d, true
	if parent := at(b.advertisers, d.AdvertiserID); e.advertiser != parent {
		if e.advertiser != nil {
			e.advertiser.campaigns = without(e.advertiser.campaigns, e)
		}
		e.advertiser = parent
		parent.campaigns = append(parent.campaigns, e)
	}
	t.campaign(e, anew)
}

func (b *book) enterLineItem(d *campaign.LineItem, t *touched) {
	content, status := b.contentOfLineItem(d), stateOf(d.Status)
	e := b.lineItem(d.ID)
	anew := e.status == noState || e.content != content
	if anew {
		// Most are compiled at once: as they were entered they are large.
		var err error
		e.made = nil
		delete(b.entered, d.ID)
		if namesLists(d) {
			err = errIncomplete // lists may come later
		} else {
			e.made, err = b.newLineItem(d)
		}
		if err != nil {
			kept := *d
			e.made, b.entered[d.ID] = nil, &kept
		}
	}
	anew = anew || archives(e.status, status)
	e.status, e.content = status, content
	if parent := at(b.campaigns, d.CampaignID); e.campaign != parent {
		if e.campaign != nil {
			e.campaign.lineItems = without(e.campaign.lineItems, e)
		}
		e.campaign, parent.id = parent, d.CampaignID
		parent.lineItems = append(parent.lineItems, e)
	}
	t.lineItem(e, anew)
}

// contentOfLineItem is a hash of all of a line item that bidders need to know,
// but its status. It differs from process to process, see facet.
func (b *book) contentOfLineItem(d *campaign.LineItem) uint64 {
	c := &b.hashed
	*c = *d
	c.Name, c.Status, c.AdvertiserID = "", "", 0
	return contentHash(c, c.Budget.LifetimeNode, c.Budget.DailyNode)
}

// contentHash hashes what JSON says of v, and nodes, which it does not.
func contentHash(v any, nodes ...event.NodeID) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	if err := json.NewEncoder(&h).Encode(v); err != nil {
		panic(err) // it holds nothing that JSON has not
	}
	for _, n := range nodes {
		maphash.WriteComparable(&h, n)
	}
	return h.Sum64()
}

// namesLists says whether a line item names inventory lists.
func namesLists(d *campaign.LineItem) bool {
	return !d.Targeting.InventoryLists.IsZero() ||
		slices.ContainsFunc(d.Modifiers, func(m campaign.Modifier) bool { return !m.When.InventoryLists.IsZero() })
}

// names says whether a line item names an inventory list.
func names(d *campaign.LineItem, id campaign.InventoryListID) bool {
	in := func(t *campaign.Targeting) bool {
		return slices.Contains(t.InventoryLists.Include, id) || slices.Contains(t.InventoryLists.Exclude, id)
	}
	return in(&d.Targeting) || slices.ContainsFunc(d.Modifiers, func(m campaign.Modifier) bool { return in(&m.When) })
}

// text returns a text that few others differ from, kept once.
func (b *book) text(s string) string {
	return b.texts.get([]byte(s), func() string { return strings.Clone(s) })
}

// enterInventory takes an inventory list over. Line items that name it are
// compiled anew: lists change rarely.
func (b *book) enterInventory(d *campaign.InventoryList, t *touched) {
	if d.Status == campaign.Archived {
		delete(b.lists, d.ID)
	} else {
		b.lists[d.ID] = newInventory(d)
	}
	i := 0
	for id, def := range b.entered {
		t.rests.each(i)
		i++
		if names(def, d.ID) {
			t.lineItem(b.lineItems[id], true)
		}
	}
}

func (b *book) lineItem(id event.LineItemID) *lineItemEntry {
	e := at(b.lineItems, id)
	if e.live == nil {
		e.id, e.live = id, &e.first
	}
	return e
}

func (b *book) enterCreative(d *campaign.Creative, t *touched) {
	content, status := contentOf(*d), stateOf(d.Status)
	e, parent := b.creatives.enter(d), b.lineItem(d.LineItemID)
	if anew := e.status == noState || archives(e.status, status) || e.content != content; anew {
		// A version that is or becomes paused stays so for walks that still
		// see it, also when the creative is resumed with other content.
		if e.live != nil && (e.live.bits.Load() != 0 || status != active) {
			e.live.bits.Or(left)
			e.live = nil
		}
		switch {
		case e.status == noState:
			e.live = &e.first
		case e.live == nil:
			e.live = new(liveness)
		}
		b.setAd(e, d, parent.campaign)
		t.lineItem(parent, true)
	}
	e.id, e.status, e.content = d.ID, status, content
	if e.lineItem != parent {
		if e.lineItem != nil {
			e.lineItem.creatives = without(e.lineItem.creatives, e)
			t.lineItem(e.lineItem, true)
		}
		e.lineItem = parent
		parent.creatives = append(parent.creatives, e)
	}
	e.live.bits.Or(e.pauses())
	t.creatives[e] = struct{}{}
	t.lineItem(parent, false)
}

// setAd makes of a creative what it shows. Where that has to wait for its line
// item, or cannot be made, it is kept as it was entered, and tried again when
// its line item is compiled. Of an archived one nothing is kept.
func (b *book) setAd(e *creativeEntry, d *campaign.Creative, c *campaignEntry) {
	e.ad = nil
	delete(b.early, d.ID)
	if d.Status == campaign.Archived {
		return
	}
	if c != nil {
		if made, err := newAd(d, c.id, &b.alike); err == nil {
			e.ad, e.adFor = made, c.id
			return
		}
	}
	kept := *d
	b.early[d.ID] = &kept
}

// contentOf is a hash of what a creative shows and where: of all but its name
// and status. It differs from process to process, see facet.
func contentOf(d campaign.Creative) uint64 {
	d.Name, d.Status = "", ""
	return contentHash(&d)
}

// archives says whether a change of status takes something out of the
// catalog, or back in.
func archives(from, to state) bool {
	return (from == archived) != (to == archived)
}

func without[E any](list []*E, e *E) []*E {
	if i := slices.Index(list, e); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	return list
}
