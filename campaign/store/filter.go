package store

// Filter says which page of a list to return, in the order of ids.
type Filter struct {
	ParentID int64 // advertiser of campaigns, campaign of line items, line item of creatives; 0 for all
	AfterID  int64 // the last id of the page before; 0 for the first page
	Limit    int   // 1 to MaxPage; 0 for DefaultPage
}

// Pages of lists.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return DefaultPage
	}
	return min(f.Limit, MaxPage)
}
