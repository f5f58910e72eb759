package app

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/natslog"
	"github.com/tangent-dsp/tangent/event/spool"
)

// openTimeout is how long, in real time, a start waits for the NATS servers. It
// goes on without them, and finds them later.
const openTimeout = 3 * time.Second

// openEvents opens the event log: in this process, or on NATS servers. Before
// the servers a bidder has a spool on its own disk, which takes notices while
// they are away.
func (a *App) openEvents(context.Context) (err error) {
	if !a.roles.bidder && !a.roles.worker {
		return nil
	}
	// Money is never discarded unbooked. Exposures may be.
	mustBook := []string{a.booking}
	if a.cfg.Events == "" {
		a.events, err = natslog.New(natslog.Config{
			Dir: filepath.Join(a.cfg.DataDir, "events"), Consumers: mustBook, MaxBytes: a.cfg.MaxLogBytes, Logger: a.log,
		})
	} else {
		a.events, err = natslog.Connect(natslog.RemoteConfig{
			URLs: strings.Split(a.cfg.Events, ","), CredentialsFile: a.cfg.EventsCredentials,
			CAFile: a.cfg.EventsCA, CertFile: a.cfg.EventsCert, KeyFile: a.cfg.EventsKey,
			Stream: a.cfg.EventsStream, Replicas: a.cfg.EventsReplicas,
			Consumers: mustBook, MaxBytes: a.cfg.MaxLogBytes, StartAway: true, OpenTimeout: openTimeout, Logger: a.log,
		})
	}
	if err != nil {
		return err
	}
	a.onClose(a.events.Close)
	var appendTo event.Log = a.events
	if a.roles.bidder && a.cfg.Events != "" {
		a.spool, err = spool.New(spool.Config{
			Dir: filepath.Join(a.cfg.DataDir, "spool"), Primary: a.events, MaxBytes: a.cfg.MaxSpoolBytes, Logger: a.log,
		})
		if err != nil {
			return err
		}
		a.onClose(a.spool.Close)
		appendTo = a.spool
	}
	a.watched = &watchedLog{Log: appendTo, clock: a.clock}
	a.progress = &bookingProgress{bound: a.cfg.MaxBookingStall, market: a.market(a.cfg.MaxBookingStall), slack: a.market(logSlack)}
	return nil
}
