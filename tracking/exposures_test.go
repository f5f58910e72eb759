package tracking

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/eventtest"
	"github.com/tangent-dsp/tangent/openrtb"
)

// shelf keeps exposures, each once, as the audience does.
type shelf struct {
	fail   int // how many writes fail first
	writes int
	kept   map[uint64]audience.ExposureWrite
}

func (w *shelf) AddExposures(_ context.Context, writes []audience.ExposureWrite) error {
	if w.writes++; w.writes <= w.fail {
		return errors.New("audience is away")
	}
	if w.kept == nil {
		w.kept = make(map[uint64]audience.ExposureWrite)
	}
	for _, x := range writes {
		w.kept[x.ImpHash] = x
	}
	return nil
}

func TestImpressionsBecomeExposures(t *testing.T) {
	// given an audience that is away at first, and three views of two bids
	s := newStage(t)
	views := []*openrtb.Token{token(1), token(2), token(1)}
	for _, v := range views {
		s.want(200, "/n/view/"+s.seal(openrtb.ForView, v))
	}
	// and what is no exposure: a bill, a click, a view without a user key, or
	// with one kept for another use, a test render, a view long past
	s.want(200, "/n/bill/"+s.seal(openrtb.ForBilling, token(3)))
	s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(4)))
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(5, func(t *openrtb.Token) { t.UserKey = nil })))
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(8, func(t *openrtb.Token) {
		t.UserKey[len(t.UserKey)-1] = 1 << audience.Measure
	})))
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(6))+"?p=AUDIT")
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(7, func(t *openrtb.Token) { t.Issued = noon.AddDate(0, -2, 0) })))

	// when the consumer has run
	w := &shelf{fail: 2}
	runExposures(t, s.log, w)

	// then each impression counts once
	if len(w.kept) != 2 {
		t.Fatalf("%d exposures were kept, want 2: %+v", len(w.kept), w.kept)
	}
	key, _, _ := audience.ParseKeptKey(token(1).UserKey)
	want := audience.ExposureWrite{Key: key, Exposure: campaign.Exposure{At: noon, LineItem: 4, Campaign: 2}}
	for hash, got := range w.kept {
		if want.ImpHash = hash; got != want {
			t.Errorf("exposure is %+v, want %+v", got, want)
		}
	}
}

func runExposures(t *testing.T, log *eventtest.Log, w ExposureWriter) {
	t.Helper()
	x, err := NewExposures(ExposuresConfig{Source: log, Writer: w})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- x.Run(ctx) }()
	if err := log.Drained(ctx, ExposuresConsumer); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestImpHashesDiffer(t *testing.T) {
	seen := make(map[uint64]event.BidID)
	for incarnation := range uint64(100) {
		for seq := range uint64(1000) {
			id := event.NewBidID(incarnation+1, seq+1)
			h := impHash(id)
			if other, ok := seen[h]; ok {
				t.Fatalf("bids %v and %v have one hash", id, other)
			}
			seen[h] = id
		}
	}
}

func TestNewExposuresWantsWhatItNeeds(t *testing.T) {
	if _, err := NewExposures(ExposuresConfig{}); err == nil {
		t.Error("a consumer of nothing was made")
	}
}
