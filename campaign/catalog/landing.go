package catalog

import (
	"strings"
	"sync"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// landings is where clicks on creatives lead, archived ones too: their
// impressions are clicked for a while. All snapshots share one.
type landings struct {
	mu     sync.RWMutex
	of     map[event.CreativeID]*string // many lead to one place
	lately recent[*string]
}

func newLandings() *landings { return &landings{of: map[event.CreativeID]*string{}} }

func (l *landings) store(all []campaign.Creative) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range all {
		target := all[i].ClickTarget()
		l.of[all[i].ID] = l.lately.get([]byte(target), func() *string { return new(strings.Clone(target)) })
	}
}

func (l *landings) load(id event.CreativeID) (url string, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	to, ok := l.of[id]
	if !ok {
		return "", false
	}
	return *to, true
}
