package loadtest

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// courier sends notices when they are due, and again until they are answered
// as wanted: the bidder may be away for a while.
type courier struct {
	send    func(url string, kind noticeKind) (took time.Duration, failure string)
	tally   *tally
	workers int
	wake    chan struct{} // holds one: something changed

	mu      sync.Mutex
	queue   noticeQueue
	order   uint64
	flying  int  // handed to a worker and not back
	hurried bool // nothing more is to come: send what is left at once
}

func newCourier(workers int, t *tally, send func(string, noticeKind) (time.Duration, string)) *courier {
	return &courier{send: send, tally: t, workers: workers, wake: make(chan struct{}, 1)}
}

// add takes a notice into the queue.
func (c *courier) add(n *notice) {
	c.mu.Lock()
	c.push(n)
	c.mu.Unlock()
	c.nudge()
}

// push queues a notice; the lock is held.
func (c *courier) push(n *notice) {
	if n.order == 0 {
		c.order++
		n.order = c.order
	}
	if c.hurried && n.attempt == 0 {
		n.due = time.Time{}
	}
	heap.Push(&c.queue, n)
}

// hurry plays the rest of the market's time at once: everything that was to
// be sent later is due now, in the order that it would have had. After it, run
// returns when nothing is left.
func (c *courier) hurry() {
	c.mu.Lock()
	c.hurried = true
	now := time.Now()
	for _, n := range c.queue {
		if n.attempt == 0 && n.due.After(now) {
			n.due = n.due.AddDate(-100, 0, 0)
		}
	}
	heap.Init(&c.queue)
	c.mu.Unlock()
	c.nudge()
}

func (c *courier) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// outstanding returns how many notices are queued or under way.
func (c *courier) outstanding() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(len(c.queue) + c.flying)
}

// run sends until all is told after hurry, or until ctx is done. What is left
// then happened all the same, and counts as unanswered.
func (c *courier) run(ctx context.Context) {
	jobs := make(chan *notice)
	var workers sync.WaitGroup
	for range c.workers {
		workers.Go(func() {
			for n := range jobs {
				c.attempt(n)
			}
		})
	}
	c.dispatch(ctx, jobs)
	close(jobs)
	workers.Wait()
	c.giveUp()
}

func (c *courier) dispatch(ctx context.Context, jobs chan<- *notice) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		n, wait, finished := c.pop(time.Now())
		switch {
		case finished:
			return
		case n == nil:
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-c.wake:
			case <-ctx.Done():
			}
		case n.withheld:
			c.tally.happened(n)
			c.landed(nil)
		default:
			if n.attempt == 0 && !n.again {
				c.tally.happened(n)
			}
			select {
			case jobs <- n:
			case <-ctx.Done():
				c.tally.count(func(s *Stats) { s.Notices.Unanswered++ })
				c.landed(nil)
				return
			}
		}
	}
}

// pop takes the next notice that is due, or says how long to wait.
func (c *courier) pop(now time.Time) (n *notice, wait time.Duration, finished bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return nil, time.Hour, c.hurried && c.flying == 0
	}
	if wait := c.queue[0].due.Sub(now); wait > 0 {
		return nil, wait, false
	}
	c.flying++
	return heap.Pop(&c.queue).(*notice), 0, false
}

// attempt sends one notice once, and queues what follows from the answer.
func (c *courier) attempt(n *notice) {
	took, failure := c.send(n.url, n.kind)
	c.tally.attempted(n, took, failure)
	switch {
	case failure != "":
		n.due = time.Now().Add(backoff(n))
		n.attempt++
		c.landed(n)
	case n.twice && !n.again:
		second := *n
		second.again, second.attempt, second.order = true, 0, 0
		second.due = time.Now().Add(secondAfter)
		c.landed(&second)
	default:
		c.landed(nil)
	}
}

// secondAfter is the real time from an acknowledgement to the duplicate.
const secondAfter = 20 * time.Millisecond

// backoff returns the real time until the next attempt: 50 ms, doubling up to
// 2 s, spread by a quarter so that notices that failed together part.
func backoff(n *notice) time.Duration {
	base := min(50*time.Millisecond<<min(n.attempt, 10), 2*time.Second)
	spread := share(mix(n.order<<8 | uint64(n.attempt&255)))
	return time.Duration(float64(base) * (.75 + .5*spread))
}

// landed gives back what pop took. next, if not nil, is queued.
func (c *courier) landed(next *notice) {
	c.mu.Lock()
	c.flying--
	if next != nil {
		c.push(next)
	}
	c.mu.Unlock()
	c.nudge()
}

// giveUp books what was never answered.
func (c *courier) giveUp() {
	c.mu.Lock()
	left := c.queue
	c.queue = nil
	c.mu.Unlock()
	for _, n := range left {
		if n.attempt == 0 && !n.again {
			c.tally.happened(n)
		}
		if !n.withheld {
			c.tally.count(func(s *Stats) { s.Notices.Unanswered++ })
		}
	}
}

// noticeQueue is a heap, first due first.
type noticeQueue []*notice

func (q noticeQueue) Len() int { return len(q) }
func (q noticeQueue) Less(i, j int) bool {
	if !q[i].due.Equal(q[j].due) {
		return q[i].due.Before(q[j].due)
	}
	return q[i].order < q[j].order
}
func (q noticeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *noticeQueue) Push(x any)   { *q = append(*q, x.(*notice)) }
func (q *noticeQueue) Pop() any {
	old := *q
	n := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return n
}
