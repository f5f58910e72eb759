package store

import (
	"context"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func testChanges(t *testing.T, w *world) {
	ctx := context.Background()
	all := must(w.Changes(ctx, 0))(t)
	if len(all.Exchanges) != 1 || len(all.Advertisers) != 1 || len(all.Campaigns) != 1 || len(all.LineItems) != 1 || len(all.Creatives) != 1 {
		t.Fatalf("changes since the beginning: %+v", all)
	}
	none := must(w.Changes(ctx, all.Revision))(t)
	if !none.Empty() || none.Revision != all.Revision {
		t.Errorf("nothing changed, and yet: %+v", none)
	}
	// Given a paused parent, when asked, then it comes alone.
	paused := must(w.SetCampaignStatus(ctx, w.campaign.ID, campaign.Paused))(t)
	got := must(w.Changes(ctx, all.Revision))(t)
	want := Changes{Revision: got.Revision, Campaigns: []campaign.Campaign{paused}}
	if got.Revision <= all.Revision || !reflect.DeepEqual(got, want) {
		t.Errorf("after a pause: %+v", got)
	}
	// A write that failed is no change.
	_, err := w.CreateExchange(ctx, w.exchange)
	wantError(t, err, ErrConflict)
	if again := must(w.Changes(ctx, got.Revision))(t); again.Revision != got.Revision {
		t.Errorf("a failed write took revision %d", again.Revision)
	}
	_, err = w.Changes(ctx, got.Revision+1)
	wantError(t, err, ErrRewound)
}

// testFollowing wants whoever follows the changes, in whatever steps, to know
// what a newcomer is told.
func testFollowing(t *testing.T, w *world) {
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, 2))
	known, at := map[event.LineItemID]campaign.LineItem{}, Revision(0)
	follow := func() {
		c := must(w.Changes(ctx, at))(t)
		at = c.Revision
		for _, li := range c.LineItems {
			known[li.ID] = li
		}
	}
	statuses := []campaign.Status{campaign.Active, campaign.Paused}
	for range 60 {
		switch random.IntN(4) {
		case 0:
			must(w.CreateLineItem(ctx, w.newLineItem("New")))(t)
		case 1:
			must(w.SetLineItemStatus(ctx, w.lineItem.ID, statuses[random.IntN(2)]))(t)
		case 2:
			li := w.lineItem
			li.Budget = campaign.Budget{Daily: money.Nanos(random.IntN(3)) * money.Unit}
			must(w.UpdateLineItem(ctx, li.ID, To(li)))(t)
		case 3:
			follow()
		}
	}
	follow()
	fresh := map[event.LineItemID]campaign.LineItem{}
	for _, li := range must(w.Changes(ctx, 0))(t).LineItems {
		fresh[li.ID] = li
	}
	if !reflect.DeepEqual(known, fresh) {
		t.Errorf("knows %+v, a newcomer %+v", known, fresh)
	}
}

// testChangesSnapshot wants no change to show a child without its parent
// while others write.
func testChangesSnapshot(t *testing.T, w *world) {
	ctx, done := context.Background(), make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		defer close(done)
		for range 15 {
			c, err := w.CreateCampaign(ctx, w.campaign)
			if err != nil {
				t.Error(err)
				return
			}
			li := w.newLineItem("Child")
			li.CampaignID = c.ID
			if _, err := w.CreateLineItem(ctx, li); err != nil {
				t.Error(err)
				return
			}
		}
	})
	campaigns, last := map[event.CampaignID]bool{}, Revision(0)
	items := 0
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		c := must(w.Changes(ctx, last))(t)
		if c.Revision < last {
			t.Fatalf("revision %d after %d", c.Revision, last)
		}
		last = c.Revision
		for _, x := range c.Campaigns {
			campaigns[x.ID] = true
		}
		for _, li := range c.LineItems {
			if items++; !campaigns[li.CampaignID] {
				t.Fatalf("line item %d came before its campaign", li.ID)
			}
		}
	}
	writer.Wait()
	if len(campaigns) != 16 || items != 16 {
		t.Errorf("%d campaigns and %d line items came, want 16 of each", len(campaigns), items)
	}
}
