package store

import (
	"context"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// testFunding gives an advertiser funding, changes it and fails to take it
// away: its node stays the same one, and everybody reads what is so.
func testFunding(t *testing.T, w *world) {
	ctx := context.Background()
	var node campaign.Funding
	for i, f := range []campaign.Funding{{Kind: campaign.Prepaid}, {Kind: campaign.Credit, CreditLine: 5 * money.Unit}, {Kind: campaign.Credit, CreditLine: 1}, {Kind: campaign.Prepaid}} {
		before := must(w.Changes(ctx, 0))(t).Revision
		w.advertiser.Funding = f
		w.advertiser = must(w.UpdateAdvertiser(ctx, w.advertiser.ID, To(w.advertiser)))(t)
		got := w.advertiser.Funding
		if i == 0 {
			node = got
		}
		if got.Node == 0 || got.Node != node.Node || got.Kind != f.Kind || got.CreditLine != f.CreditLine {
			t.Errorf("given %+v, it has %+v", f, got)
		}
		wantStored(t, w)
		if ch := must(w.Changes(ctx, before))(t); len(ch.Advertisers) != 1 || ch.Advertisers[0] != w.advertiser {
			t.Errorf("bidders are told %+v", ch.Advertisers)
		}
		want := nodeRow("advertiser", int64(w.advertiser.ID), f.CreditLine)
		if n := w.node(t, got.Node); n != want {
			t.Errorf("the node is %+v, want %+v", n, want)
		}
	}
	paused := must(w.SetAdvertiserStatus(ctx, w.advertiser.ID, campaign.Paused))(t)
	if paused.Funding != w.advertiser.Funding {
		t.Errorf("a paused advertiser has %+v", paused.Funding)
	}
	w.advertiser.Funding = campaign.Funding{}
	_, err := w.UpdateAdvertiser(ctx, w.advertiser.ID, To(w.advertiser))
	wantProblem(t, err, "funding")

	fresh := must(w.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Hats", TimeZone: "UTC", Currency: "USD", Funding: campaign.Funding{Kind: campaign.Credit, CreditLine: 3, Node: node.Node}}))(t)
	if f := fresh.Funding; f.Node == 0 || f.Node == node.Node || must(w.GetAdvertiser(ctx, fresh.ID))(t) != fresh {
		t.Errorf("a new one is %+v", fresh)
	}
	fresh.Currency = "EUR" // it has no campaigns, but payments may be in it
	_, err = w.UpdateAdvertiser(ctx, fresh.ID, To(fresh))
	wantProblem(t, err, "currency")
	for _, f := range []campaign.Funding{{Kind: "loan"}, {Kind: campaign.Prepaid, CreditLine: 1}, {CreditLine: 1}, {Kind: campaign.Credit}, {Kind: campaign.Credit, CreditLine: -1}, {Kind: campaign.Credit, CreditLine: money.Cap + 1}} {
		_, err := w.CreateAdvertiser(ctx, campaign.Advertiser{Name: "x", TimeZone: "UTC", Currency: "USD", Funding: f})
		field := "funding.credit_line"
		if f.Kind == "loan" {
			field = "funding.kind"
		}
		wantProblem(t, err, field)
	}
}

func nodeRow(kind string, owner int64, amount money.Nanos) node {
	return node{kind: kind, owner: owner, window: "lifetime", currency: "EUR", zone: "Europe/Berlin", amount: amount}
}
