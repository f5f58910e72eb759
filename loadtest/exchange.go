package loadtest

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// RunExchange plays the exchanges of cfg until the requests are over and what
// is owed was told, and returns the books. Books are returned with every
// error that happens after the start, and are then not complete.
func RunExchange(ctx context.Context, cfg ExchangeConfig) (*Books, error) {
	x, err := newExchange(cfg)
	if err != nil {
		return nil, fmt.Errorf("cannot play the exchange: %w", err)
	}
	defer x.close()
	if err := x.run(ctx); err != nil {
		return x.books(), fmt.Errorf("cannot play the exchange to its end: %w", err)
	}
	return x.books(), nil
}

// exchange is one run.
type exchange struct {
	cfg      ExchangeConfig
	bidders  *balance
	writer   *requestWriter
	fate     fate
	tally    *tally
	courier  *courier
	reach    reach
	requests *client
	doors    []map[*Exchange]door
	notices  *client
	alarm    *alarm
	crew     *crew
	cpu      time.Duration // of the process when what counts began

	played      time.Duration // for how long requests were sent
	interrupted bool          // before they were over
}

func newExchange(cfg ExchangeConfig) (*exchange, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	writer, err := newRequestWriter(&cfg)
	if err != nil {
		return nil, err
	}
	alarm, err := newAlarm()
	if err != nil {
		return nil, err
	}
	to := newReach(cfg.Targets, cfg.AllowRemote)
	x := &exchange{
		cfg: cfg, bidders: newBalance(cfg.Targets), writer: writer, alarm: alarm,
		fate: fate{cfg.Behaviour, cfg.Seed}, tally: newTally(cfg.KeepSales, len(cfg.Stages), cfg.Targets...),
		reach: to, requests: newClient(cfg.MaxInFlight, to), notices: newClient(cfg.MaxNotices, to),
		cpu: cpuTime(), crew: &crew{most: cfg.MaxInFlight},
	}
	x.doors = newDoors(x.bidders, writer.exchanges, x.requests)
	x.courier = newCourier(cfg.MaxNotices, x.tally, x.notify)
	return x, nil
}

func (x *exchange) close() {
	x.crew.close()
	x.alarm.close()
	x.requests.close()
	x.notices.close()
}

func (x *exchange) run(ctx context.Context) error {
	defer context.AfterFunc(ctx, x.requests.abort)()
	if err := x.warmUp(ctx); err != nil {
		x.interrupted = true
		return err
	}
	delivery, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var background sync.WaitGroup
	over := make(chan struct{})
	background.Go(func() { x.report(over) })
	told := make(chan struct{})
	background.Go(func() {
		defer close(told)
		x.courier.run(delivery)
	})

	err := x.bid(ctx)
	x.courier.hurry()
	grace := time.NewTimer(x.cfg.Grace)
	defer grace.Stop()
	select {
	case <-told:
	case <-grace.C:
		giveUp()
		<-told
	}
	close(over)
	background.Wait()
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// report calls Progress until over, and once more then.
func (x *exchange) report(over <-chan struct{}) {
	if x.cfg.Progress == nil {
		return
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			x.cfg.Progress(x.stats())
			x.tally.turn()
		case <-over:
			x.cfg.Progress(x.stats())
			return
		}
	}
}

func (x *exchange) stats() Stats {
	s := x.tally.snapshot()
	now := time.Now()
	s.MarketTime = x.cfg.Clock.At(now)
	s.ElapsedSeconds = now.Sub(x.cfg.Start).Seconds()
	s.CPUSeconds = (cpuTime() - x.cpu).Seconds()
	s.Notices.Outstanding = x.courier.outstanding()
	s.SentBytes, s.ReceivedBytes = x.requests.sent.Load(), x.requests.received.Load()
	return s
}

func (x *exchange) books() *Books {
	b := &Books{Stats: x.stats()}
	b.Exchanges, b.Campaigns = x.tally.accounts()
	b.Sales, b.Curve, b.Stages = x.tally.listSales(), x.tally.curve(), x.tally.stageBooks()
	b.LagUS, b.Played, b.Interrupted = x.tally.lags(), x.played, x.interrupted
	return b
}

// cpuTime returns what this process has used of the CPU.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // a figure that is missing must not end the run
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
