package chaos

import (
	"fmt"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// progress is the line that shows what goes on.
type progress struct {
	cfg *Config

	mu    sync.Mutex
	now   Fault // what is broken, if anything
	last  time.Time
	drawn bool // a line that is drawn over stands there
}

// say writes a line that stays.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.cfg.Out, format+"\n", args...)
}

// draw writes the line that the next one replaces, or now and then a line
// where nothing can be replaced.
func (p *progress) draw(format string, args ...any) {
	switch {
	case p.cfg.Live:
		fmt.Fprintf(p.cfg.Out, "\r"+format+"\x1b[K", args...)
		p.drawn = true
	case time.Since(p.last) > 5*time.Second:
		p.last = time.Now()
		fmt.Fprintf(p.cfg.Out, format+"\n", args...)
	}
}

func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.cfg.Out, "\r\x1b[K")
		p.drawn = false
	}
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) fault(f Fault) {
	p.mu.Lock()
	p.now = f
	p.mu.Unlock()
}

func (p *progress) traffic(s loadtest.Stats, bookings int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw("%3.0f s  %s  %d requests, %d bids, %d impressions, %d booked, %d notices open  %s",
		s.ElapsedSeconds, s.MarketTime.Format("15:04"), s.Requests, s.Bids, s.Impressions, bookings, s.Notices.Outstanding, p.now)
}

func (p *progress) settling(told, booked money.Nanos) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw("settling: $%s of $%s booked", booked, told)
}
