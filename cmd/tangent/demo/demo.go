package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// Options say what to play.
type Options struct {
	Duration time.Duration // real time for which bid requests are sent
	Speed    float64       // market seconds per real second
	Rate     float64       // bid requests per real second, on average over a day
	Seed     uint64
	Live     bool // draw the table over itself, as a terminal can
	Version  string

	Out io.Writer
	Log *slog.Logger
}

const (
	users = 20_000
	// lead is the real time between the start of the App and the market's
	// midnight: enough to tell it of the users.
	lead = 3 * time.Second
	// spendPerRequest is what all budgets together have per bid request that
	// will come: below what the market could take, so that pacing has to
	// choose.
	spendPerRequest = 400 * money.Micro
)

// Run plays the demo and returns what came out. An error says that it could
// not be played, or that the two books disagree; then the result is there too.
func Run(ctx context.Context, o Options) (*Result, error) {
	dir, err := os.MkdirTemp("", "tangent-demo-")
	if err != nil {
		return nil, fmt.Errorf("cannot play the demo: %w", err)
	}
	defer os.RemoveAll(dir)
	midnight, err := midnight()
	if err != nil {
		return nil, err
	}

	// Set up days before the market's midnight, however long it takes; then
	// start again, and let the day begin.
	campaigns, key, err := prepare(ctx, o, dir, midnight)
	if err != nil {
		return nil, err
	}
	anchor := time.Now().Add(lead)
	var result *Result
	err = serve(ctx, o, dir, anchor, midnight, o.Speed, func(a *app.App) (err error) {
		result, err = play(ctx, o, a, key, campaigns, anchor, midnight)
		return err
	})
	return result, err
}

// serve runs an App on dir while do does its work. Its market clock reads
// origin at anchor.
func serve(ctx context.Context, o Options, dir string, anchor, origin time.Time, speed float64, do func(*app.App) error) error {
	a, err := app.New(ctx, app.Config{
		Name: "demo", DataDir: dir, Listen: "127.0.0.1:0", APIListen: "127.0.0.1:0", AdminListen: "127.0.0.1:0",
		Audience: app.Embedded, VendorID: loadtest.DefaultVendorID,
		Tick: 100 * time.Millisecond, CatalogRefresh: 100 * time.Millisecond, MaxInFlight: 1024, MaxConnections: 10_000, MaxLogBytes: 1 << 30, MaxBookingStall: 30 * time.Second,
		MarketSpeed: speed, MarketAnchor: anchor, MarketOrigin: origin,
	}, o.Version, o.Log)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(serving) }()
	err = do(a)
	stop()
	return errors.Join(err, <-ended)
}

// prepare sets the campaigns up through the API, and returns them and a key.
func prepare(ctx context.Context, o Options, dir string, midnight time.Time) (campaigns []v1.Campaign, key string, err error) {
	days := max(1, int(math.Ceil(o.Duration.Seconds()*o.Speed/86400)))
	spend := spendPerRequest * money.Nanos(o.Rate*86400/o.Speed)
	all := orders(spend, campaign.LocalTimeOf(midnight), campaign.LocalTimeOf(midnight.AddDate(0, 0, days)), days)
	fmt.Fprintf(o.Out, "setting up %d campaigns and %d users\n", Campaigns, users)
	err = serve(ctx, o, dir, time.Now(), midnight.AddDate(0, 0, -10), 1, func(a *app.App) error {
		if key, _, err = a.Keys().CreateKey(ctx, "demo", store.RoleAdmin); err != nil {
			return err
		}
		api, err := client.New(client.Config{URL: a.APIURL(), Key: key})
		if err != nil {
			return err
		}
		campaigns, err = setUp(ctx, api, all)
		if err != nil {
			return fmt.Errorf("cannot set the demo up: %w", err)
		}
		return nil
	})
	return campaigns, key, err
}

// midnight is the start of a day that is always the same, in the advertiser's
// zone.
func midnight() (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot play the demo: %w", err)
	}
	return time.Date(2026, 12, 1, 0, 0, 0, 0, loc), nil
}

func play(ctx context.Context, o Options, a *app.App, key string, campaigns []v1.Campaign, anchor, midnight time.Time) (*Result, error) {
	api, err := client.New(client.Config{URL: a.APIURL(), Key: key})
	if err != nil {
		return nil, err
	}
	if err := importUsers(ctx, a, o.Seed, midnight.AddDate(0, 1, 0)); err != nil {
		return nil, err
	}

	if wait := time.Until(anchor); wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	x, err := startExchange(o, a.URL(), anchor, midnight)
	if err != nil {
		return nil, err
	}
	t := newTable(o, a, api, campaigns, x)
	watching, stopWatching := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() { t.run(watching); close(watched) }()
	err = x.wait(ctx)
	stopWatching()
	<-watched
	if err != nil {
		return nil, err
	}
	return settle(context.WithoutCancel(ctx), o, a, api, campaigns, x.latest())
}

// importUsers streams the population's segments into the audience.
func importUsers(ctx context.Context, a *app.App, seed uint64, expires time.Time) error {
	in, out := io.Pipe()
	go func() { out.CloseWithError(loadtest.WriteAudience(out, seed, users, expires)) }()
	defer in.Close()
	return a.ImportAudience(ctx, in)
}

// settle waits until everything that the exchange told is booked, and holds
// the two books against each other.
func settle(ctx context.Context, o Options, a *app.App, api *client.Client, campaigns []v1.Campaign, books loadtest.Books) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		n, err := a.Unbooked(ctx)
		if err != nil {
			return nil, fmt.Errorf("cannot wait for the booking: %w", err)
		}
		if n == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	noBids, err := noBidReasons(a)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Requests: books.Requests, Bids: books.Bids, Wins: books.Wins, Impressions: books.Impressions, Clicks: books.Clicks,
		NoBids: noBids, LatencyUS: books.LatencyUS,
		BilledNotified: count(books.BilledNotifiedNanos), BilledUnnotified: count(books.BilledUnnotifiedNanos), Exchange: books,
	}
	for _, c := range campaigns {
		d, err := api.CampaignDelivery(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		cr, disputed, overrun := campaignResult(c, d)
		cr.Late = count(books.Campaigns[strconv.FormatInt(cr.ID, 10)].BilledLateNanos)
		r.Campaigns = append(r.Campaigns, cr)
		r.Booked += cr.Booked
		r.Disputed += count(disputed)
		r.Overrun += count(overrun)
	}
	if r.Frontier, err = clicksFrontier(ctx, api, campaigns); err != nil {
		return nil, err
	}
	return r, r.verdict()
}

// clicksFrontier is what the budget of one line item buys: the first of a
// campaign that bids for clicks of people in some segments.
func clicksFrontier(ctx context.Context, api *client.Client, campaigns []v1.Campaign) (v1.Frontier, error) {
	const number = 14
	page, err := api.LineItems.List(ctx, campaigns[number-1].ID, 0, 1)
	if err != nil {
		return v1.Frontier{}, err
	}
	return api.LineItemFrontier(ctx, page.Items[0].ID)
}
