package campaign

// InventoryListID identifies an inventory list.
type InventoryListID int64

// InventoryKind is what an inventory list has.
type InventoryKind string

// The kinds of inventory lists.
const (
	InventorySites      InventoryKind = "sites"      // domains; subdomains belong to them
	InventoryApps       InventoryKind = "apps"       // bundles
	InventoryPublishers InventoryKind = "publishers" // publisher ids
	InventoryPlacements InventoryKind = "placements" // tagid
)

// InventoryList is a named list of inventory that line items share. Archived
// ones have no entries.
type InventoryList struct {
	ID      InventoryListID `json:"id"`
	Name    string          `json:"name"`
	Status  Status          `json:"status"`
	Kind    InventoryKind   `json:"kind"`
	Entries int             `json:"entries"`
	// Text holds the entries, each followed by a line feed, where all of them
	// are asked for.
	Text []byte `json:"-"`
}

// Validate returns Problems, or nil. It does not look at entries.
func (l *InventoryList) Validate() error {
	c := newCheck()
	c.identity(int64(l.ID), l.Name, l.Status)
	switch l.Kind {
	case InventorySites, InventoryApps, InventoryPublishers, InventoryPlacements:
	default:
		c.want(false, "kind", "must be sites, apps, publishers or placements")
	}
	return c.err()
}

// ValidEntry says whether an entry may stand in a list of this kind.
func (k InventoryKind) ValidEntry(s string) bool {
	switch k {
	case InventorySites:
		return isDomain(s)
	case InventoryApps:
		return isBundle(s)
	}
	return isToken(s)
}

// Entry says what an entry of this kind must be.
func (k InventoryKind) Entry() string {
	switch k {
	case InventorySites:
		return wantDomain
	case InventoryApps:
		return wantBundle
	}
	return wantToken
}
