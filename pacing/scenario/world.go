package scenario

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/eventtest"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/central"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Config is what a World is made of.
type Config struct {
	DSN   string       // of a database that the world opens, see store.OpenDB
	Store *store.Store // or one that is open, which other worlds have used before
	Start time.Time    // market time; default noon of 1 December 2026, UTC
}

const (
	lease    = 30 * time.Second
	currency = "USD" // that advertisers pay in
)

// World is everything that moves money, one clock, and an exchange that keeps
// its own books. It is not safe for concurrent use.
type World struct {
	Clock  *clock.Manual
	Terms  pacing.Terms // of the bids that follow
	In     string       // the currency of the bids that follow; "" is USD
	Ledger *ledger.Ledger

	store       *store.Store
	opened      bool                           // by us
	advertisers map[string]campaign.Advertiser // by name; those without one by time zone
	fees        map[event.AdvertiserID]campaign.FeeRules
	rates       campaign.RateTables
	zone        *time.Location // of the last campaign
	items       map[string]*item
	names       []string // of items, in the order they were made
	version     uint64
	paced       []pacing.LineItem

	log     eventtest.Log
	booking struct {
		stop context.CancelFunc
		done sync.WaitGroup
		err  error
	}

	bus        central.Direct
	controller *central.Controller // of all bidders; nil while there is none
	epoch      uint64              // of the last one

	bidders map[string]*Bidder
	order   []string // of bidders
	dead    []*Bidder
	bids    map[string]*Bid
	coming  []notice // by time
	later   []notice // put off until Flush
	books   books
}

// item is a line item that bids, by the name that scripts use.
type item struct {
	id       event.LineItemID
	campaign campaign.Campaign
	line     campaign.LineItem
	zone     *time.Location
	paused   bool
	nodes    []event.NodeID // of its budgets, its own first
}

// NewWorld returns a world without campaigns and bidders.
func NewWorld(ctx context.Context, c Config) (*World, error) {
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	}
	w := &World{
		Clock: clock.NewManual(c.Start), Terms: pacing.Terms{Exchange: 1, WinDeadline: time.Minute, Horizon: time.Hour},
		store: c.Store, advertisers: map[string]campaign.Advertiser{}, fees: map[event.AdvertiserID]campaign.FeeRules{}, zone: time.UTC,
		items: map[string]*item{}, bidders: map[string]*Bidder{}, bids: map[string]*Bid{},
	}
	var err error
	if w.store == nil {
		if w.store, err = store.Open(ctx, store.Config{DSN: c.DSN, Clock: w.Clock}); err != nil {
			return nil, err
		}
		w.opened = true
	}
	w.Ledger, err = ledger.New(ctx, w.store.DB(), ledger.Config{
		Clock: w.Clock, Lease: lease, Horizon: func() time.Duration { return w.Terms.Horizon },
	})
	if err == nil {
		err = w.books.open(ctx, w.Ledger)
	}
	if err == nil {
		err = w.StartBooking()
	}
	if err == nil {
		err = w.sayBooked(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Close ends the world. Bidders are not stopped: nothing of them runs.
func (w *World) Close() error {
	err := w.StopBooking()
	if w.opened {
		err = errors.Join(err, w.store.Close())
	}
	return err
}

// StartBooking starts the worker that books what the log delivers.
func (w *World) StartBooking() error {
	if w.booking.stop != nil {
		return nil
	}
	b, err := ledger.NewBooker(ledger.BookerConfig{Ledger: w.Ledger, Source: &w.log, Clock: w.Clock})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	w.booking.stop = stop
	w.booking.done.Go(func() { w.booking.err = b.Run(ctx) })
	return nil
}

// ResumeBooking is StartBooking, and returns when all is booked.
func (w *World) ResumeBooking(ctx context.Context) error {
	return w.Book(ctx, w.StartBooking)
}

// StopBooking ends that worker.
func (w *World) StopBooking() error {
	if w.booking.stop == nil {
		return nil
	}
	w.booking.stop()
	w.booking.done.Wait()
	w.booking.stop = nil
	return w.booking.err
}

// booked returns when everything in the log is booked, or booking is stopped.
func (w *World) booked(ctx context.Context) error {
	if w.booking.stop == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return w.log.Drained(ctx, ledger.Consumer)
}

// sayBooked says, as the worker does, that whatever was received by now is
// booked. Holds age no further than that.
func (w *World) sayBooked(ctx context.Context) error {
	if w.booking.stop == nil {
		return nil
	}
	return w.Ledger.SetBooked(ctx, w.Clock.Now())
}

// AddFees adds a rule of what the advertiser of a campaign pays.
func (w *World) AddFees(ctx context.Context, name string, f campaign.FeeRule) error {
	x := w.items[name]
	if x == nil {
		return fmt.Errorf("there is no %s", name)
	}
	f.AdvertiserID = x.campaign.AdvertiserID
	f, err := w.store.AddFeeRule(ctx, f)
	if err != nil {
		return err
	}
	w.fees[f.AdvertiserID] = w.fees[f.AdvertiserID].With(f)
	w.publish()
	return nil
}

// AddCampaign makes an advertiser in the zone, a campaign of the name, and a
// line item of the same name that bids for it.
func (w *World) AddCampaign(ctx context.Context, name string, b campaign.Budget, zone string, maxCPM money.Nanos) error {
	if _, ok := w.advertisers[zone]; !ok {
		if err := w.SetAdvertiser(ctx, zone, zone, campaign.Funding{}); err != nil {
			return err
		}
	}
	return w.AddCampaignOf(ctx, name, zone, b, maxCPM)
}

// AddCampaignOf makes a campaign of an advertiser, and its line item.
func (w *World) AddCampaignOf(ctx context.Context, name, advertiser string, b campaign.Budget, maxCPM money.Nanos) error {
	if w.items[name] != nil {
		return fmt.Errorf("there is a %s already", name)
	}
	a, ok := w.advertisers[advertiser]
	if !ok {
		return fmt.Errorf("there is no advertiser %s", advertiser)
	}
	loc, err := a.Location()
	if err != nil {
		return err
	}
	c, err := w.store.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: name, Budget: b})
	if err != nil {
		return err
	}
	w.zone = loc
	return w.addItem(ctx, &item{campaign: c, zone: loc}, name, campaign.Budget{}, maxCPM)
}

// AddLine makes another line item of a campaign.
func (w *World) AddLine(ctx context.Context, name, of string, b campaign.Budget, maxCPM money.Nanos) error {
	parent := w.items[of]
	if parent == nil {
		return fmt.Errorf("there is no campaign %s", of)
	}
	if w.items[name] != nil {
		return fmt.Errorf("there is a %s already", name)
	}
	return w.addItem(ctx, &item{campaign: parent.campaign, zone: parent.zone}, name, b, maxCPM)
}

func (w *World) addItem(ctx context.Context, x *item, name string, b campaign.Budget, maxCPM money.Nanos) (err error) {
	x.line, err = w.store.CreateLineItem(ctx, campaign.LineItem{
		CampaignID: x.campaign.ID, Name: name, Budget: b, MaxBidCPM: maxCPM,
		Goal: campaign.Goal{Kind: campaign.CPM, Amount: maxCPM},
	})
	x.id = x.line.ID
	w.items[name] = x
	w.names = append(w.names, name)
	w.publish()
	return err
}

// SetBudget changes one budget of a campaign or of a line item of its own.
func (w *World) SetBudget(ctx context.Context, name string, daily bool, amount money.Nanos) error {
	x := w.items[name]
	if x == nil {
		return fmt.Errorf("there is no %s", name)
	}
	if err := w.Check(ctx); err != nil { // what is out by now may exceed the new amount
		return err
	}
	set := func(b campaign.Budget) campaign.Budget {
		if daily {
			b.Daily = amount
		} else {
			b.Lifetime = amount
		}
		return b
	}
	var err error
	if x.line.Budget != (campaign.Budget{}) {
		x.line.Budget = set(x.line.Budget)
		x.line, err = w.store.UpdateLineItem(ctx, x.line.ID, store.To(x.line))
	} else {
		x.campaign.Budget = set(x.campaign.Budget)
		x.campaign, err = w.store.UpdateCampaign(ctx, x.campaign.ID, store.To(x.campaign))
		for _, o := range w.items {
			if o.campaign.ID == x.campaign.ID {
				o.campaign = x.campaign
			}
		}
	}
	w.publish()
	return errors.Join(err, w.began(ctx))
}

// SetPaused pauses or resumes a line item.
func (w *World) SetPaused(name string, paused bool) error {
	x := w.items[name]
	if x == nil {
		return fmt.Errorf("there is no %s", name)
	}
	x.paused = paused
	w.publish()
	return nil
}

// publish makes what bidders see of the campaigns.
func (w *World) publish() {
	w.version++
	w.paced = nil
	for _, name := range w.names {
		x := w.items[name]
		x.nodes = x.nodes[:0]
		li := pacing.LineItem{ID: x.id, MaxBid: w.fees[x.campaign.AdvertiserID].Most(money.PerMille(x.line.MaxBidCPM))}
		for _, b := range []campaign.Budget{x.line.Budget, x.campaign.Budget} {
			if b.Daily > 0 {
				li.Budgets = append(li.Budgets, pacing.Budget{Node: b.DailyNode, Daily: true, Amount: b.Daily, Zone: x.zone})
			}
			if b.Lifetime > 0 {
				li.Budgets = append(li.Budgets, pacing.Budget{Node: b.LifetimeNode, Amount: b.Lifetime, Zone: x.zone})
			}
		}
		if f := w.funding(x.campaign.AdvertiserID); f.Kind != campaign.Unfunded {
			li.Budgets = append(li.Budgets, pacing.Budget{Node: f.Node, Balance: true, Zone: x.zone})
		}
		for _, b := range li.Budgets {
			x.nodes = append(x.nodes, b.Node)
		}
		if !x.paused {
			w.paced = append(w.paced, li)
		}
	}
}
