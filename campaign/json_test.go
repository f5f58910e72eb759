package campaign

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFrequencyCapOnTheWire(t *testing.T) {
	b, err := json.Marshal(FrequencyCap{Level: CapCampaign, Impressions: 3, Window: time.Hour})
	if err != nil || string(b) != `{"level":"campaign","impressions":3,"window_seconds":3600}` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
}

func TestExchangeOnTheWire(t *testing.T) {
	b, err := json.Marshal(sampleExchange())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"id": 0.0, "name": "example-exchange", "status": "active", "preset": "generic-2.6", "seat": "seat 1", "currency": "EUR",
		"billing_event": "billing", "video_billing_event": "impression", "audio_billing_event": "impression", "no_bid": "204",
		"default_tmax_ms": 120.0, "video_tmax_ms": 120.0, "audio_tmax_ms": 120.0, "network_margin_ms": 20.0, "win_deadline_seconds": 60.0, "horizon_seconds": 3600.0,
		"openrtb_version": "2.6", "auction_default": 2.0, "price_encoding": "plain", "price_macro": "${AUCTION_PRICE}", "currency_macro": true,
		"min_to_win": true, "win_notices": true, "loss_notices": true, "category_taxonomy": 1.0, "gzip": true, "native_form": "string", "native_wrapped": false,
		"response_fields":   []any{"adid", "mtype", "dur", "protocol", "apis", "language", "cattax", "iurl", "bundle", "exp", "slotinpod", "bidid"},
		"requires_approval": false, "several_bids_per_imp": false, "no_shading": false, "dry_run": false, "domain": "", "max_qps": 0.0}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("Marshal = %s", b)
	}
}

func TestAbsentFieldsStayAsTheyAre(t *testing.T) {
	e := sampleExchange()
	if err := json.Unmarshal([]byte(`{"seat":"seat 2","horizon_seconds":7200}`), &e); err != nil {
		t.Fatal(err)
	}
	want := sampleExchange()
	want.Seat, want.Horizon = "seat 2", 2*time.Hour
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v", e)
	}
}

func TestBadJSONChangesNothing(t *testing.T) {
	for _, body := range []string{`{"seat":"x","horizon_seconds":"1"}`, `{"seat":"x","horizon_seconds":1.5}`, `{"seat":"x","horizon_seconds":1e30}`, `[]`, `"a"`} {
		e := sampleExchange()
		if err := json.Unmarshal([]byte(body), &e); err == nil || !reflect.DeepEqual(e, sampleExchange()) {
			t.Errorf("%s: %v, %+v", body, err, e)
		}
	}
}

func TestHugeDurationsAreProblems(t *testing.T) {
	for _, n := range []string{"9223372036854775807", "-9223372036854775808", "9223372037", "18446744074"} {
		e := sampleExchange()
		if err := json.Unmarshal([]byte(`{"horizon_seconds":`+n+`,"default_tmax_ms":`+n+`}`), &e); err != nil {
			t.Fatal(err)
		}
		var p Problems
		if err := e.Validate(); !errors.As(err, &p) || p[0].Field != "default_tmax_ms" || p[len(p)-1].Field != "horizon_seconds" {
			t.Errorf("%s: %v", n, err)
		}
	}
}

// What is written reads back as the same thing.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := sampleExchange()
		e.DefaultTMax = time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "tmax")) * time.Millisecond
		e.Horizon = time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "horizon")) * time.Second
		roundTrip(t, e)
		li := sampleLineItem()
		li.Flight.Start = drawLocal(t, "start")
		li.FrequencyCaps[0].Window = time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "window")) * time.Second
		li.ClickRate = rapid.Float64Range(0, 1).Draw(t, "click rate")
		roundTrip(t, li)
		roundTrip(t, sampleCampaign())
		roundTrip(t, sampleCreative())
		roundTrip(t, sampleAdvertiser())
	})
}

func roundTrip[T any](t *rapid.T, v T) {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var again T
	if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(v, again) {
		t.Fatalf("%s reads as %+v, %v; want %+v", b, again, err, v)
	}
}

// Whatever is sent, reading and validating it ends in a line item that the
// rules hold for, or in an error.
func FuzzLineItemJSON(f *testing.F) {
	valid, err := json.Marshal(sampleLineItem())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(valid))
	f.Add(`{"frequency_caps":[{"window_seconds":9223372036854775807}],"max_bid_cpm":"1e9","flight":{"start":"0001-01-01"}}`)
	f.Add(`{"targeting":{"dayparts":[{"days":[7],"from":23,"to":1}],"sizes":[{"w":-1}],"countries":{"include":["DE"]}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		var li LineItem
		if json.Unmarshal([]byte(body), &li) != nil || li.Validate() != nil {
			return
		}
		if li.MaxBidCPM <= 0 || li.Goal.Amount <= 0 || li.Budget.Daily < 0 || len(li.FrequencyCaps) > MaxCaps || strings.Contains(li.Name, "\x00") {
			t.Fatalf("valid: %+v", li)
		}
		for _, c := range li.FrequencyCaps {
			c.Reached([]Exposure{{}}, time.Unix(0, 0), Owners{})
		}
		InDayparts(li.Targeting.Dayparts, time.Unix(0, 0), time.UTC)
		li.Flight.Contains(time.Unix(0, 0), time.UTC)
	})
}
