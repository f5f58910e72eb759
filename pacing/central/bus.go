package central

import "sync"

// Bus carries messages of up to 1 MiB to whoever listens to their subject. It
// may lose, double and reorder them.
type Bus interface {
	// Publish sends a message and waits for nobody. It does not keep message.
	Publish(subject string, message []byte) error
	// Subscribe calls handle for each message, one at a time, until stop is
	// called. handle must not keep the message.
	Subscribe(subject string, handle func(message []byte)) (stop func(), err error)
}

// The subjects that are used.
const (
	Reports = "pacing.reports" // what bidders counted
	Words   = "pacing.words"   // what the controller says
)

// Direct is a Bus within one process: Publish returns when every listener has
// handled the message. The zero value is ready.
type Direct struct {
	mu   sync.Mutex
	next int
	subs []subscription // in the order they were made
}

type subscription struct {
	id      int
	subject string
	handle  func([]byte)
}

var _ Bus = (*Direct)(nil)

// Publish calls the handlers of the subject, in the order they subscribed.
func (d *Direct) Publish(subject string, message []byte) error {
	d.mu.Lock()
	subs := d.subs
	d.mu.Unlock()
	for _, s := range subs {
		if s.subject == subject {
			s.handle(message)
		}
	}
	return nil
}

// Subscribe adds a handler. It may run once more while stop returns.
func (d *Direct) Subscribe(subject string, handle func([]byte)) (stop func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	id := d.next
	d.subs = append(d.subs[:len(d.subs):len(d.subs)], subscription{id, subject, handle})
	return func() { d.unsubscribe(id) }, nil
}

func (d *Direct) unsubscribe(id int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var left []subscription
	for _, s := range d.subs {
		if s.id != id {
			left = append(left, s)
		}
	}
	d.subs = left
}
