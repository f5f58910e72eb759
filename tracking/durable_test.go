package tracking

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/natslog"
	"github.com/tangent-dsp/tangent/openrtb"
)

// A real server and a real log: what was answered 200 is there after the log
// was closed and opened again.
func TestAnsweredNoticesSurvive(t *testing.T) {
	dir := t.TempDir()
	log := openLog(t, dir)
	s := newStage(t, func(c *Config) { c.Log, c.AppendTimeout = log, time.Minute }) // the disk may be busy
	client := serve(t, s.tracker)

	// given notices of 100 bids from 20 connections, each sent twice
	var wg sync.WaitGroup
	for worker := range 20 {
		wg.Go(func() {
			for i := range 5 {
				seq := uint64(worker*5 + i + 1)
				url := "http://notices.example.com/n/bill/" + s.seal(openrtb.ForBilling, token(seq)) + "?p=1.25&c=EUR"
				for range 2 {
					if status, err := fetch(client, url); err != nil || status != 200 {
						t.Errorf("notice %d: %d, %v", seq, status, err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	// and one that comes when the log is gone
	url := "http://notices.example.com/n/bill/" + s.seal(openrtb.ForBilling, token(999)) + "?p=1.25"
	if status, err := fetch(client, url); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("notice without a log: %d, %v; want 503", status, err)
	}

	// when the log is opened again
	log = openLog(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got, events := make(map[event.BidID]int), 0
	err := log.Consume(ctx, "booking", func(_ context.Context, b event.Batch) error {
		for _, e := range b.Events {
			if !e.Billable || e.Price != 1_250_000 {
				return fmt.Errorf("event is %+v", e)
			}
			got[e.Bid]++
			events++
		}
		if events == 200 {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	// then every notice is there as often as it was sent, and nothing else
	if len(got) != 100 || events != 200 {
		t.Errorf("%d events of %d bids, want 200 of 100", events, len(got))
	}
}

func openLog(t *testing.T, dir string) *natslog.Log {
	t.Helper()
	log, err := natslog.New(natslog.Config{Dir: dir, Consumers: []string{"booking"}})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func fetch(client *http.Client, url string) (status int, err error) {
	r, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, err
}
