package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tangent-dsp/tangent/campaign"
)

func testInventory(t *testing.T, w *world) {
	ctx := context.Background()
	l := must(w.CreateInventoryList(ctx, campaign.InventoryList{Name: "News", Kind: campaign.InventorySites}))(t)
	before := must(w.Changes(ctx, 0))(t).Revision

	// when it is filled, and more is added
	l = must(w.PutInventory(ctx, l.ID, strings.NewReader("B.example.com\r\n\nexample.org.\nb.example.com\n"), false))(t)
	if l.Entries != 2 {
		t.Fatalf("%d entries", l.Entries)
	}
	l = must(w.PutInventory(ctx, l.ID, strings.NewReader("a.example\nexample.org"), true))(t)
	// then changes have it whole, sorted, each entry once
	c := must(w.Changes(ctx, before))(t)
	if len(c.InventoryLists) != 1 || string(c.InventoryLists[0].Text) != "a.example\nb.example.com\nexample.org\n" || c.InventoryLists[0].Entries != 3 {
		t.Fatalf("%+v", c.InventoryLists)
	}
	// what is no entry changes nothing
	_, err := w.PutInventory(ctx, l.ID, strings.NewReader("ok.example\nhttps://example.com\n"), false)
	wantProblem(t, err, "line[2]")
	_, err = w.PutInventory(ctx, l.ID, strings.NewReader("ok.example\n"+strings.Repeat("x", inventoryLine+1)+"\n"), false)
	wantProblem(t, err, "line[2]")
	broken := errors.New("the line broke")
	if _, err = w.PutInventory(ctx, l.ID, io.MultiReader(strings.NewReader("ok.example\n"), iotest.ErrReader(broken)), false); !errors.Is(err, broken) {
		t.Errorf("half a text: %v", err)
	}
	if got := must(w.GetInventoryList(ctx, l.ID))(t); got.Entries != 3 {
		t.Errorf("%+v", got)
	}

	// a line item may name it, and no other; as long as it does, it stays
	li := w.lineItem
	li.Targeting.InventoryLists = campaign.Only(l.ID + 1)
	_, err = w.UpdateLineItem(ctx, li.ID, To(li))
	wantProblem(t, err, "targeting.inventory_lists")
	li.Targeting.InventoryLists = campaign.List[campaign.InventoryListID]{Exclude: []campaign.InventoryListID{l.ID}}
	must(w.UpdateLineItem(ctx, li.ID, To(li)))(t)
	if err := w.DeleteInventoryList(ctx, l.ID); !errors.Is(err, ErrConflict) {
		t.Errorf("deleting it: %v", err)
	}
	li.Targeting.InventoryLists = campaign.List[campaign.InventoryListID]{}
	must(w.UpdateLineItem(ctx, li.ID, To(li)))(t)
	if err := w.DeleteInventoryList(ctx, l.ID); err != nil {
		t.Error(err)
	}
	if _, err = w.PutInventory(ctx, l.ID, strings.NewReader(""), true); !errors.Is(err, ErrConflict) {
		t.Errorf("filling a deleted one: %v", err)
	}
}

func TestInventoryHoldsManyEntries(t *testing.T) {
	ctx, s := context.Background(), open(t, newFile(t))
	l := must(s.CreateInventoryList(ctx, campaign.InventoryList{Name: "Many", Kind: campaign.InventoryApps}))(t)
	var text strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&text, "com.example.app%06d\n", i)
	}
	must(s.PutInventory(ctx, l.ID, strings.NewReader(text.String()), false))(t)
	if c := must(s.Changes(ctx, 0))(t); string(c.InventoryLists[0].Text) != text.String() {
		t.Error("entries were lost or changed")
	}
}
