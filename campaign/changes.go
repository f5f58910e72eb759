package campaign

// Revision numbers the writes to the store, counting from 1: every write
// stamps what it wrote with a revision above all earlier ones, in the order
// in which writes became visible. Zero is before everything.
type Revision int64

// Changes is everything that was written after some revision, each thing in
// its latest state. Nothing is ever deleted: what left is [Archived]. A thing
// whose parent changed is not repeated, so a paused campaign comes alone and
// its line items are paused through it.
type Changes struct {
	Revision    Revision // ask for what comes after this one next time
	Advertisers []Advertiser
	Campaigns   []Campaign
	LineItems   []LineItem
	Creatives   []Creative
	Exchanges   []Exchange
	FeeRules    []FeeRule
	RateTables  []RateTable
	// InventoryLists come with their entries.
	InventoryLists []InventoryList
}

// Empty says whether nothing changed.
func (c *Changes) Empty() bool {
	return len(c.Advertisers)+len(c.Campaigns)+len(c.LineItems)+len(c.Creatives)+len(c.Exchanges)+len(c.FeeRules)+len(c.RateTables)+len(c.InventoryLists) == 0
}
