package store

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// testInvalid wants what is refused to leave no trace: no row, no id used, no
// revision.
func testInvalid(t *testing.T, w *world) {
	ctx := context.Background()
	before := must(w.Changes(ctx, 0))(t)
	bad := "a\xffb"
	for _, c := range []struct {
		field string
		try   func() error
	}{
		{"name", func() error { a := w.advertiser; a.Name = bad; _, err := w.CreateAdvertiser(ctx, a); return err }},
		{"name", func() error {
			a := w.advertiser
			a.Name = bad
			_, err := w.UpdateAdvertiser(ctx, a.ID, To(a))
			return err
		}},
		{"time_zone", func() error {
			a := w.advertiser
			a.TimeZone = "../../etc/passwd"
			_, err := w.CreateAdvertiser(ctx, a)
			return err
		}},
		{"budget.daily", func() error {
			x := w.campaign
			x.Budget.Daily = math.MinInt64
			_, err := w.UpdateCampaign(ctx, x.ID, To(x))
			return err
		}},
		{"budget.lifetime", func() error {
			x := w.campaign
			x.Budget.Lifetime = money.Cap + 1
			_, err := w.CreateCampaign(ctx, x)
			return err
		}},
		{"click_rate", func() error {
			li := w.lineItem
			li.ClickRate = math.NaN()
			_, err := w.UpdateLineItem(ctx, li.ID, To(li))
			return err
		}},
		{"targeting.sites.include[0]", func() error {
			li := w.lineItem
			li.Targeting.Sites.Include = []string{bad}
			_, err := w.CreateLineItem(ctx, li)
			return err
		}},
		{"markup", func() error {
			x := w.creative
			x.Markup = bad
			_, err := w.UpdateCreative(ctx, x.ID, To(x))
			return err
		}},
		{"landing_url", func() error {
			x := w.creative
			x.LandingURL = "javascript:alert(1)"
			_, err := w.CreateCreative(ctx, x)
			return err
		}},
		{"name", func() error {
			x := w.exchange
			x.Name = "a/b"
			_, err := w.UpdateExchange(ctx, x.ID, To(x))
			return err
		}},
		{"status", func() error {
			_, err := w.SetCampaignStatus(ctx, w.campaign.ID, "'; DROP TABLE campaigns; --")
			return err
		}},
		{"role", func() error { _, _, err := w.CreateKey(ctx, "key", "owner"); return err }},
		{"name", func() error { _, _, err := w.CreateKey(ctx, bad, RoleAdmin); return err }},
	} {
		wantProblem(t, c.try(), c.field)
	}
	after := must(w.Changes(ctx, 0))(t)
	if after.Revision != before.Revision {
		t.Errorf("the revision went from %d to %d", before.Revision, after.Revision)
	}
	wantStored(t, w)
	next := must(w.CreateLineItem(ctx, w.newLineItem("Next")))(t)
	if next.ID != w.lineItem.ID+1 {
		t.Errorf("ids were used up: %d after %d", next.ID, w.lineItem.ID)
	}
}

// testHostile wants texts that mean something to SQL, JSON or LIKE to come
// back as they went in.
func testHostile(t *testing.T, w *world) {
	ctx := context.Background()
	for _, name := range []string{`'; DROP TABLE line_items; --`, `" OR ""="`, `$1`, `?1`, `%_\`, `{"a":null}`, `[]`, `null`, "𝕊𝕙𝕠𝕖𝕤", "<b>&amp;", strings.Repeat("☃", campaign.MaxName)} {
		w.advertiser.Name, w.campaign.Name, w.lineItem.Name, w.creative.Name = name, name, name, name
		w.creative.Markup = name + "\n\t" + name
		w.lineItem.Targeting.Apps.Include = []string{`';--`, `"`, `\`, `<!--`, `$1`, `null`}
		w.advertiser = must(w.UpdateAdvertiser(ctx, w.advertiser.ID, To(w.advertiser)))(t)
		w.campaign = must(w.UpdateCampaign(ctx, w.campaign.ID, To(w.campaign)))(t)
		w.lineItem = must(w.UpdateLineItem(ctx, w.lineItem.ID, To(w.lineItem)))(t)
		w.creative = must(w.UpdateCreative(ctx, w.creative.ID, To(w.creative)))(t)
		wantStored(t, w)
	}
	for _, plain := range []string{"", "tk_", "tk_' OR '1'='1", "tk_" + strings.Repeat("0", 64), strings.Repeat("x", 1<<20), "tk_" + strings.Repeat("\xff", 64)} {
		_, err := w.Authenticate(ctx, plain)
		wantError(t, err, ErrKey)
	}
	if _, err := w.GetLineItem(ctx, event.LineItemID(math.MinInt64)); err == nil {
		t.Error("there is a line item of the lowest id")
	}
}

// testCancelled wants a write whose caller went away to leave nothing behind,
// and the store to go on.
func testCancelled(t *testing.T, w *world) {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.CreateLineItem(gone, w.newLineItem("Gone")); err == nil {
		t.Error("a cancelled write succeeded")
	}
	wantStored(t, w)
	must(w.CreateLineItem(context.Background(), w.newLineItem("Here")))(t)
}
