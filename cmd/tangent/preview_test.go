package main

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

func TestPreviewOfAFile(t *testing.T) {
	const banner = `{"name":"Boots","size":{"w":300,"h":250},"markup":"<a href=\"${CLICK_URL}\">boots</a>",
		"landing_url":"https://example.com/boots","domains":["example.com"]}`
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"preview", "-"}, streams{strings.NewReader(banner), &out, &errs}); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	if !strings.Contains(out.String(), "srcdoc=") || !strings.Contains(out.String(), "preview.invalid/CLICK_URL") {
		t.Errorf("no creative in\n%s", out.String())
	}
	for _, bad := range []string{"", `{"name":"x"}`, strings.Replace(banner, "/boots\"", "/boots\",\"format\":\"video\"", 1)} {
		out.Reset()
		if status := run(t.Context(), []string{"preview", "-"}, streams{strings.NewReader(bad), &out, &errs}); status != 1 || out.Len() > 0 {
			t.Errorf("%q: status %d and %q", bad, status, out.String())
		}
	}
}

// An id is read from a running Tangent's API, by its key.
func TestPreviewOfAnID(t *testing.T) {
	a, err := app.New(t.Context(), app.Config{
		Name: "test", DataDir: t.TempDir(), Audience: app.Embedded, VendorID: 1111,
		Listen: "127.0.0.1:0", APIListen: "127.0.0.1:0", AdminListen: "127.0.0.1:0",
		Tick: 50 * time.Millisecond, CatalogRefresh: 200 * time.Millisecond, MaxInFlight: 64, MaxConnections: 64,
		MaxLogBytes: 64 << 20, MaxBookingStall: 10 * time.Second, MarketSpeed: 1,
	}, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	key, _, err := a.Keys().CreateKey(t.Context(), "preview", store.RoleRead)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	advertiser, err := a.Keys().CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "UTC", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	order, err := a.Keys().CreateCampaign(ctx, campaign.Campaign{AdvertiserID: advertiser.ID, Name: "Boots", Budget: campaign.Budget{Lifetime: money.Unit}})
	if err != nil {
		t.Fatal(err)
	}
	li, err := a.Keys().CreateLineItem(ctx, campaign.LineItem{CampaignID: order.ID, Name: "All", Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit})
	if err != nil {
		t.Fatal(err)
	}
	made, err := a.Keys().CreateCreative(ctx, campaign.Creative{LineItemID: li.ID, Name: "Boots by ear", Format: campaign.FormatAudio,
		Media:      &campaign.Media{DurationMS: 30_000, Files: []campaign.MediaFile{{URL: "https://cdn.example.com/boots.mp3", MIME: "audio/mpeg"}}},
		LandingURL: "https://example.com/boots", Domains: []string{"example.com"}})
	if err != nil {
		t.Fatal(err)
	}

	id := strconv.FormatInt(int64(made.ID), 10)
	for name, c := range map[string]struct {
		id, key string
		status  int
		says    string
	}{
		"its page":   {id, key, 0, ""},
		"no key":     {id, "", 1, "TANGENT_API_KEY"},
		"a bad key":  {id, strings.Repeat("x", len(key)), 1, "cannot preview"},
		"another id": {"999", key, 1, "cannot preview"},
	} {
		var out, errs bytes.Buffer
		t.Setenv("TANGENT_API_KEY", c.key) // an empty one is none
		status := run(ctx, []string{"preview", c.id, "--api", a.APIURL()}, streams{strings.NewReader(""), &out, &errs})
		if status != c.status || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%s: status %d, %s", name, status, errs.String())
		}
		if shown := strings.Contains(out.String(), "boots.mp3"); shown != (status == 0) {
			t.Errorf("%s: wrote %q", name, out.String())
		}
		if c.key != "" && strings.Contains(errs.String(), c.key) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
}
