package catalog

import (
	"strings"
	"sync"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// creatives is the book's creatives, and where clicks on them lead: on archived
// ones too, as their impressions are clicked for a while. All snapshots share one.
type creatives struct {
	mu     sync.RWMutex // of clicks; all else is under the catalog's lock
	of     map[event.CreativeID]*creativeEntry
	lately recent[*string] // many lead to one place
}

func newCreatives() *creatives {
	return &creatives{of: map[event.CreativeID]*creativeEntry{}}
}

// enter returns the entry of a creative, with where it leads now.
func (c *creatives) enter(d *campaign.Creative) *creativeEntry {
	target := d.ClickTarget()
	landing := c.lately.get([]byte(target), func() *string { return new(strings.Clone(target)) })
	c.mu.Lock()
	defer c.mu.Unlock()
	e := at(c.of, d.ID)
	e.landing = landing
	return e
}

func (c *creatives) landing(id event.CreativeID) (url string, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.of[id]
	if !ok {
		return "", false
	}
	return *e.landing, true
}
