package store

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
)

// newLoad returns a store with n line items, a creative each.
func newLoad(b *testing.B, n int) *world {
	b.Helper()
	w := newWorld(b, newFile(b))
	items, cs := make([]campaign.LineItem, n), make([]campaign.Creative, n)
	for i := range items {
		items[i] = w.newLineItem("load")
	}
	items = must(w.CreateLineItems(context.Background(), items))(b)
	for i := range cs {
		cs[i] = w.newCreative("load")
		cs[i].LineItemID = items[i].ID
	}
	must(w.CreateCreatives(context.Background(), cs))(b)
	return w
}

// BenchmarkLoadAll reads 10,000 line items and as many creatives.
func BenchmarkLoadAll(b *testing.B) {
	w := newLoad(b, 10_000)
	for b.Loop() {
		must(w.Changes(context.Background(), 0))(b)
	}
}

// BenchmarkNothingChanged is a bidder's poll.
func BenchmarkNothingChanged(b *testing.B) {
	w := newLoad(b, 10_000)
	at := must(w.Changes(context.Background(), 0))(b).Revision
	for b.Loop() {
		must(w.Changes(context.Background(), at))(b)
	}
}

// BenchmarkOneChanged is a bidder's poll after a pause.
func BenchmarkOneChanged(b *testing.B) {
	w := newLoad(b, 10_000)
	at := must(w.Changes(context.Background(), 0))(b).Revision
	must(w.SetLineItemStatus(context.Background(), w.lineItem.ID, campaign.Paused))(b)
	for b.Loop() {
		must(w.Changes(context.Background(), at))(b)
	}
}

// BenchmarkCreateLineItems writes 10,000 line items with a budget each.
func BenchmarkCreateLineItems(b *testing.B) {
	w := newLoad(b, 1)
	items := make([]campaign.LineItem, 10_000)
	for i := range items {
		items[i] = w.newLineItem("load")
	}
	for b.Loop() {
		must(w.CreateLineItems(context.Background(), items))(b)
	}
}

// BenchmarkCreateLineItem is one write through the API, synced.
func BenchmarkCreateLineItem(b *testing.B) {
	w := newLoad(b, 1)
	for b.Loop() {
		must(w.CreateLineItem(context.Background(), w.newLineItem("one")))(b)
	}
}

// BenchmarkMillionEntries fills an inventory list, and reads it as a bidder
// does.
func BenchmarkMillionEntries(b *testing.B) {
	ctx := context.Background()
	w := newWorld(b, newFile(b))
	l := must(w.CreateInventoryList(ctx, campaign.InventoryList{Name: "million", Kind: campaign.InventorySites}))(b)
	var text []byte
	for i := range campaign.MaxInventoryEntries {
		text = fmt.Appendf(text, "listed%07d.example.org\n", i)
	}
	b.Run("fill", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(w.PutInventory(ctx, l.ID, bytes.NewReader(text), false))(b)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		at := must(w.Changes(ctx, 0))(b).Revision
		for b.Loop() {
			if c := must(w.Changes(ctx, at-1))(b); len(c.InventoryLists) != 1 || c.InventoryLists[0].Entries != campaign.MaxInventoryEntries {
				b.Fatal("the list was not read")
			}
		}
	})
}
