package loadtest

import "sync"

// crew is who sends the requests of a run. Who was busy last is asked first:
// what it works with is still in the CPU's cache.
type crew struct {
	most  int // callers at once
	count int // that were made; the scheduler's
	busy  sync.WaitGroup
	ended sync.WaitGroup

	mu   sync.Mutex
	idle []*caller
}

// send has somebody play a request; false if all are busy. One goroutine calls
// it.
func (w *crew) send(x *exchange, j job) bool {
	c := w.take()
	if c == nil {
		if w.count == w.most {
			return false
		}
		w.count++
		c = newCaller(&x.cfg)
		w.ended.Go(func() {
			for j := range c.jobs {
				c.play(j)
				w.put(c)
			}
		})
	}
	c.exchange = x // the warm-up's or the run's
	w.busy.Add(1)
	c.jobs <- j
	return true
}

func (w *crew) take() *caller {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.idle) - 1
	if n < 0 {
		return nil
	}
	c := w.idle[n]
	w.idle = w.idle[:n]
	return c
}

func (w *crew) put(c *caller) {
	w.mu.Lock()
	w.idle = append(w.idle, c)
	w.mu.Unlock()
	w.busy.Done()
}

// wait returns when all that was sent is answered.
func (w *crew) wait() { w.busy.Wait() }

// close sends the crew home. It must be idle.
func (w *crew) close() {
	for c := w.take(); c != nil; c = w.take() {
		close(c.jobs)
	}
	w.ended.Wait()
}
