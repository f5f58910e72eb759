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
		w.kept[x.Hash] = x
	}
	return nil
}

func TestWhatUsersDoReachesTheAudience(t *testing.T) {
	// given an audience that is away at first, and three views of two bids, one
	// of them clicked twice
	s := newStage(t)
	views := []*openrtb.Token{token(1), token(2), token(1)}
	for _, v := range views {
		s.want(200, "/n/view/"+s.seal(openrtb.ForView, v))
	}
	s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(2)))
	s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(2)))
	// and what is not kept: a bill, a view and a click without a user key, or
	// with one kept for other uses, a test render, a view long past
	keptFor := func(uses ...audience.Use) func(*openrtb.Token) {
		return func(t *openrtb.Token) {
			t.UserKey[len(t.UserKey)-1] = 0
			for _, u := range uses {
				t.UserKey[len(t.UserKey)-1] |= 1 << u
			}
		}
	}
	none := func(t *openrtb.Token) { t.UserKey = nil }
	s.want(200, "/n/bill/"+s.seal(openrtb.ForBilling, token(3)))
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(5, none)))
	s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(5, none)))
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(8, keptFor(audience.Measure, audience.BuildProfile))))
	for i, uses := range [][]audience.Use{
		{audience.CapFrequency}, {audience.Measure, audience.BuildProfile}, {audience.CapFrequency, audience.Measure}, {audience.CapFrequency, audience.BuildProfile},
	} {
		s.want(302, "/n/click/"+s.seal(openrtb.ForClick, token(9+uint64(i), keptFor(uses...))))
	}
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(6))+"?p=AUDIT")
	s.want(200, "/n/view/"+s.seal(openrtb.ForView, token(7, func(t *openrtb.Token) { t.Issued = noon.AddDate(0, -2, 0) })))

	// when the consumer has run
	w := &shelf{fail: 2}
	runExposures(t, s.log, w)

	// then each impression counts once, and so does the click
	key, _, _ := audience.ParseKeptKey(token(1).UserKey)
	counted := map[campaign.TouchKind]int{}
	for hash, got := range w.kept {
		counted[got.Exposure.Kind]++
		want := audience.ExposureWrite{Key: key, Hash: hash, Exposure: campaign.Exposure{
			At: noon, LineItem: 4, Campaign: 2, Advertiser: 1, Kind: got.Exposure.Kind,
		}}
		if got != want {
			t.Errorf("exposure is %+v, want %+v", got, want)
		}
	}
	if len(w.kept) != 3 || counted[campaign.TouchImpression] != 2 || counted[campaign.TouchClick] != 1 {
		t.Errorf("%v were kept, want two impressions and a click", counted)
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
