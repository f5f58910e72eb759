package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Population is what to fill a database with.
type Population struct {
	LineItems   int
	PerCampaign int // how many line items have a campaign, and its budget, in common; 0: 200, or a fifth of all if that is less
	Seed        uint64
	Exchanges   []string // made where there are none of the name
	// Progress, if given, is told how many line items there are.
	Progress func(done int)
}

// maxLineItems is the most that one call makes.
const maxLineItems = 1_000_000

// perCampaign is how many line items a campaign of a large catalog has, if not
// said otherwise.
const perCampaign = 200

// Populate makes an advertiser with campaigns and line items that the traffic
// of this package meets: some 3 % of them fit a request. Their budgets are far
// above what a test spends, so that it measures bids and not a lack of money.
// What there is already stays.
func Populate(ctx context.Context, s *store.Store, p Population) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := populate(ctx, s, p); err != nil {
		return fmt.Errorf("cannot populate: %w", err)
	}
	return nil
}

// Validate says what cannot be made, before anything is.
func (p *Population) Validate() error {
	if p.LineItems < 1 || p.LineItems > maxLineItems {
		return fmt.Errorf("cannot populate: %d line items: allowed is 1 to %d", p.LineItems, maxLineItems)
	}
	if p.PerCampaign < 0 {
		return fmt.Errorf("cannot populate: %d line items per campaign: allowed is 1 or more, or 0 for as many as fit", p.PerCampaign)
	}
	if len(p.Exchanges) == 0 {
		return errors.New("cannot populate: no exchange is named")
	}
	for i, name := range p.Exchanges {
		x := exchange(name, i)
		if err := x.Validate(); err != nil {
			return fmt.Errorf("cannot populate: exchange %q: %w", name, err)
		}
		if slices.Contains(p.Exchanges[:i], name) {
			return fmt.Errorf("cannot populate: exchange %q is named twice", name)
		}
	}
	return nil
}

func populate(ctx context.Context, s *store.Store, p Population) error {
	exchanges, err := makeExchanges(ctx, s, p.Exchanges)
	if err != nil {
		return err
	}
	a, err := s.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Load test", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"})
	if err != nil {
		return err
	}
	m := maker{rng: rand.New(rand.NewPCG(p.Seed, 0x6c6f6164)), exchanges: exchanges}
	size := cmp.Or(p.PerCampaign, min(perCampaign, max(1, p.LineItems/5))) // five campaigns at least, where there are so many line items
	for done := 0; done < p.LineItems; {
		c, err := s.CreateCampaign(ctx, campaign.Campaign{
			AdvertiserID: a.ID, Name: fmt.Sprintf("from %d", done+1), Status: campaign.Active,
			Budget: campaign.Budget{Daily: 10_000_000 * money.Unit, Pacing: campaign.PaceASAP},
		})
		if err != nil {
			return err
		}
		n := min(size, p.LineItems-done)
		if err := m.fill(ctx, s, c.ID, done, n); err != nil {
			return err
		}
		if done += n; p.Progress != nil {
			p.Progress(done)
		}
	}
	return nil
}

// makeExchanges returns the ids of exchanges, made where they are not there:
// their holds end soon, since most of what a load test bids is never billed.
func makeExchanges(ctx context.Context, s *store.Store, names []string) (ids []event.ExchangeID, err error) {
	there, err := s.ListExchanges(ctx, store.Filter{Limit: store.MaxPage})
	if err != nil {
		return nil, err
	}
	byName := map[string]event.ExchangeID{}
	for _, x := range there {
		byName[x.Name] = x.ID
	}
	for i, name := range names {
		id, ok := byName[name]
		if !ok {
			made, err := s.CreateExchange(ctx, exchange(name, i))
			if err != nil {
				return nil, err
			}
			id = made.ID
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// exchange is one to make: every other bills by the pixel.
func exchange(name string, i int) campaign.Exchange {
	x := campaign.Exchange{
		Name: name, Status: campaign.Active, Seat: "tangent-load", Currency: "USD", BillingEvent: campaign.BillOnBilling, NoBid: campaign.NoBidNBR,
		DefaultTMax: 150 * time.Millisecond, NetworkMargin: 10 * time.Millisecond, WinDeadline: 10 * time.Second, Horizon: time.Minute,
	}
	if i%2 == 1 {
		x.BillingEvent = campaign.BillOnImpression
	}
	return x.WithDefaults()
}

// fill makes n line items of a campaign, the first of which has a number.
func (m *maker) fill(ctx context.Context, s *store.Store, parent event.CampaignID, first, n int) error {
	items := make([]campaign.LineItem, n)
	formats := make([]campaign.Format, n)
	for i := range items {
		formats[i] = m.format()
		items[i] = m.lineItem(parent, first+i)
	}
	items, err := s.CreateLineItems(ctx, items)
	if err != nil {
		return err
	}
	var all []campaign.Creative
	for i := range items {
		all = append(all, m.creatives(items[i].ID, formats[i])...)
	}
	_, err = s.CreateCreatives(ctx, all)
	return err
}
