package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// Validate returns Problems, or nil.
func (a *Advertiser) Validate() error {
	c := newCheck()
	c.identity(int64(a.ID), a.Name, a.Status)
	c.zone("time_zone", a.TimeZone)
	c.currency("currency", a.Currency)
	c.in("funding").funding(a.Funding)
	c.in("conversions").conversions(a.Conversions)
	return c.err()
}

// Validate returns Problems, or nil.
func (x *Campaign) Validate() error {
	c := newCheck()
	c.identity(int64(x.ID), x.Name, x.Status)
	c.parent("advertiser_id", int64(x.AdvertiserID))
	c.flight(x.Flight)
	c.budget(x.Budget)
	c.want(x.Budget.limited(), "budget", "must state lifetime, daily or both")
	return c.err()
}

// Validate returns Problems, or nil. It does not look at AdvertiserID, which
// is the campaign's, nor at whether what it names exists.
func (li *LineItem) Validate() error {
	c := newCheck()
	c.identity(int64(li.ID), li.Name, li.Status)
	c.parent("campaign_id", int64(li.CampaignID))
	c.flight(li.Flight)
	c.budget(li.Budget)
	c.want(li.Budget.Pacing == "" || li.Budget.limited(), "budget.pacing", "must be left out without a budget of its own: the campaign's budget has its pacing")
	c.goal(li)
	if c.want(li.MinDelivery >= 0 && li.MinDelivery <= 1, "min_delivery", "must be a share of the budget: above 0, at most 1, or left out") {
		c.want(li.MinDelivery == 0 || li.Limits != Limits{}, "min_delivery",
			"must be left out without limits, as nothing else holds the spend back: state limits, or leave it out")
	}
	c.want(li.MaxBidCPM >= money.Micro && li.MaxBidCPM <= MaxCPM && li.MaxBidCPM%money.Micro == 0, "max_bid_cpm",
		"must be a decimal string above 0, at most %v, of at most six decimals", MaxCPM)
	c.in("targeting").targeting(&li.Targeting)
	if c.count("frequency_caps", len(li.FrequencyCaps), 0, MaxCaps) {
		for i, f := range li.FrequencyCaps {
			c.in("frequency_caps").at(i).frequencyCap(f)
		}
	}
	c.curve(li.Curve)
	c.modifiers(li.Modifiers)
	c.want(li.Rotation.known(), "rotation", "must be even, weighted or optimised")
	return c.err()
}

// Validate returns Problems, or nil.
func (f *FrequencyCap) Validate() error {
	c := newCheck()
	c.frequencyCap(*f)
	return c.err()
}

func (c check) frequencyCap(f FrequencyCap) {
	c.want(isLevel(f.Level), "level", wantLevel)
	c.want(f.Impressions >= 1 && f.Impressions <= MaxCapImpressions, "impressions", "must be 1 to %d", MaxCapImpressions)
	c.duration("window_seconds", f.Window, time.Second, MinCapWindow, MaxCapWindow)
}

const wantAmount = "must be a decimal string above 0, at most %v"

func (c check) budget(b Budget) {
	for _, of := range []struct {
		field  string
		amount money.Nanos
	}{{"budget.lifetime", b.Lifetime}, {"budget.daily", b.Daily}} {
		c.want(of.amount >= 0 && of.amount <= money.Cap, of.field, wantAmount+", or left out for no limit", money.Cap)
	}
	c.want(b.Pacing.known(), "budget.pacing", "must be traffic, even, ahead or asap")
}

func (b Budget) limited() bool { return b.Lifetime != 0 || b.Daily != 0 }

func (c check) flight(f Flight) {
	for _, of := range []struct {
		field string
		time  LocalTime
	}{{"flight.start", f.Start}, {"flight.end", f.End}} {
		y := of.time.wall.Year()
		c.want(of.time.IsZero() || y >= minYear && y <= maxYear, of.field, "must be in the years %d to %d", minYear, maxYear)
	}
	c.want(f.Start.IsZero() || f.End.IsZero() || f.Start.Compare(f.End) < 0, "flight.end", "must be after flight.start")
}

// identity checks what every advertiser's object has.
func (c check) identity(id int64, name string, s Status) {
	c.want(id >= 0, "id", "must not be negative")
	c.text("name", name, 1, MaxName)
	c.status(s)
}

func (c check) parent(field string, id int64) { c.want(id > 0, field, "must be given") }

func (c check) status(s Status) {
	c.want(s == Active || s == Paused || s == Archived, "status", "must be active, paused or archived")
}
