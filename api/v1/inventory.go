package v1

import "github.com/tangent-dsp/tangent/campaign"

// InventoryListSpec is what a caller states about an inventory list.
type InventoryListSpec struct {
	Name string                 `json:"name" doc:"What people call the list." example:"News sites"`
	Kind campaign.InventoryKind `json:"kind" enum:"sites,apps,publishers,placements" doc:"What its entries are: domains, to which subdomains belong; app bundles; publisher ids; or placements (tagid)."`
}

// InventoryList is a list of inventory that line items share.
type InventoryList struct {
	ID campaign.InventoryListID `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	InventoryListSpec
	Status  campaign.Status `json:"status" enum:"active,archived" doc:"archived: it was deleted."`
	Entries int             `json:"entries" doc:"How many entries it has, each counted once." example:"12000"`
}

// InventoryListOf returns the wire form of l.
func InventoryListOf(l campaign.InventoryList) InventoryList {
	return InventoryList{ID: l.ID, InventoryListSpec: InventoryListSpec{Name: l.Name, Kind: l.Kind}, Status: l.Status, Entries: l.Entries}
}
