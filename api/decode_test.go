package api

import (
	"errors"
	"reflect"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

// Whatever is sent, decoding ends in a problem or in a specification that
// says the same when it is written and read again.
func FuzzDecodeLineItem(f *testing.F) {
	for _, seed := range []string{
		`{"campaign_id":1,"name":"x","goal":{"kind":"cpc","amount":"0.8"},"max_bid_cpm":"4.5","click_rate":0.002,
		  "flight":{"start":"2026-12-01","end":"2027-01-01T00:00:00"},"budget":{"daily":"1"},
		  "targeting":{"sizes":{"include":[{"w":300,"h":250}]},"countries":{"include":["DEU"]},"segments":{"exclude":[7]},"dayparts":[{"days":[1],"from":8,"to":20}]},
		  "frequency_caps":[{"level":"campaign","impressions":3,"window_seconds":86400}]}`,
		`{"campaign_id":1e3,"name":null,"goal":[],"max_bid_cpm":4.5}`,
		`{"campaign_id":1,"name":"","goal":{"kind":"cpm","amount":"-1"},"max_bid_cpm":"1","targeting":{"segments":{"include":[4294967296]}}}`,
		`{"goal":{"kind":{"amount":{}}},"targeting":{"sizes":[[[]]]}}`,
	} {
		f.Add([]byte(seed))
	}
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	lineItem := shapeOf[v1.LineItemSpec](registry)
	f.Fuzz(func(t *testing.T, data []byte) {
		document, wrong := parseStrict(data)
		if wrong != nil {
			return
		}
		var spec, again v1.LineItemSpec
		if err := lineItem.decode(document, &spec); err != nil {
			if problem, ok := errors.AsType[*huma.ErrorModel](err); !ok || len(problem.Errors) == 0 || problem.Errors[0].Location == "" {
				t.Fatalf("not a problem that names a place: %v", err)
			}
			return
		}
		written, err := tree(spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := lineItem.decode(written, &again); err != nil {
			t.Fatalf("%+v cannot be read again: %v", spec, err)
		}
		back, err := tree(again)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, written) {
			t.Fatalf("%v became %v", written, back)
		}
	})
}
