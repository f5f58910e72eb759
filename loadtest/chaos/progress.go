package chaos

import (
	"fmt"
	"sync"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// progress tells what goes on.
type progress struct {
	to func(Progress) // nil: nobody

	mu  sync.Mutex
	now Fault // what is broken, if anything
}

// say tells something once.
func (p *progress) say(format string, args ...any) {
	p.tell(Progress{Line: fmt.Sprintf(format, args...)})
}

func (p *progress) tell(what Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to != nil {
		p.to(what)
	}
}

func (p *progress) fault(f Fault) {
	p.mu.Lock()
	p.now = f
	p.mu.Unlock()
}

func (p *progress) broken() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *progress) traffic(s loadtest.Stats, bookings int64) {
	p.tell(Progress{Now: fmt.Sprintf("%3.0f s  %s  %d requests, %d bids, %d impressions, %d booked, %d notices open  %s",
		s.ElapsedSeconds, s.MarketTime.Format("15:04"), s.Requests, s.Bids, s.Impressions, bookings, s.Notices.Outstanding, p.broken())})
}

func (p *progress) settling(told, booked money.Nanos) {
	p.tell(Progress{Now: fmt.Sprintf("settling: $%s of $%s booked", booked, told)})
}
