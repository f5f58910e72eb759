package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// LeadConfig is what Lead works with.
type LeadConfig struct {
	Name     string        // of the lease
	Holder   string        // this process, and no other: see Acquire
	TTL      time.Duration // market time that another waits when the holder is silent; default 10 s
	Interval time.Duration // real time between renewals, and between tries; default 2 s, at most a third of TTL
	Failed   func(error)   // told when the lease cannot be acquired or renewed; nil: nobody
	Changed  func(bool)    // told when this process begins to lead, and when it no longer does; nil: nobody
}

func (c *LeadConfig) setDefaults() error {
	if c.TTL == 0 {
		c.TTL = 10 * time.Second
	}
	if c.Interval == 0 {
		c.Interval = 2 * time.Second
	}
	if c.TTL < 0 || c.Interval < 0 {
		return errors.New("the durations must not be negative")
	}
	if c.Failed == nil {
		c.Failed = func(error) {}
	}
	if c.Changed == nil {
		c.Changed = func(bool) {}
	}
	return checkLease(c.Name, c.Holder)
}

// Lead runs work whenever this process has the lease, until ctx ends or work
// returns. The context of work ends when the lease is lost, or could not be
// renewed in time; then Lead waits for work to return, and tries to get the
// lease again. It returns what work returned if that was not told to end, and
// nil when ctx ended.
func (l *Ledger) Lead(ctx context.Context, c LeadConfig, work func(ctx context.Context) error) error {
	if err := c.setDefaults(); err != nil {
		return fmt.Errorf("cannot lead: %w", err)
	}
	t := time.NewTicker(c.Interval)
	defer t.Stop()
	for ctx.Err() == nil {
		begin := l.clock.Now()
		got, err := l.Acquire(ctx, c.Name, c.Holder, c.TTL)
		if err != nil && ctx.Err() == nil {
			c.Failed(err)
		}
		if got {
			if ended, err := l.lead(ctx, c, begin.Add(c.TTL), t.C, work); ended {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
	return nil
}

// lead runs work while the lease is held, which it is until then. It says whether work ended by
// itself.
func (l *Ledger) lead(ctx context.Context, c LeadConfig, until time.Time, tick <-chan time.Time, work func(ctx context.Context) error) (ended bool, err error) {
	c.Changed(true)
	defer c.Changed(false)
	working, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- work(working) }()
	for held := true; held; {
		select {
		case err := <-done:
			l.release(ctx, c)
			return ctx.Err() == nil, err
		case <-ctx.Done():
			<-done
			l.release(ctx, c)
			return false, nil
		case <-tick:
		}
		before := l.clock.Now()
		mine, err := l.Renew(ctx, c.Name, c.Holder, c.TTL)
		switch {
		case err == nil && mine:
			until = before.Add(c.TTL)
		case err == nil:
			held = false
		default:
			if ctx.Err() == nil {
				c.Failed(err)
			}
			held = l.clock.Now().Before(until)
		}
	}
	stop()
	<-done
	return false, nil
}

// release gives the lease up although ctx may have ended.
func (l *Ledger) release(ctx context.Context, c LeadConfig) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := l.Release(ctx, c.Name, c.Holder); err != nil {
		c.Failed(err)
	}
}
