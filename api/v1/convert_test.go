package v1_test

import (
	"reflect"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// fill gives every field below v a value of its own, durations whole seconds.
func fill(v reflect.Value, n *int) {
	*n++
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		*p = time.Duration(*n) * time.Second
		return
	case *campaign.SegmentRule: // it nests
		p.Segment = event.SegmentID(*n)
		return
	case *campaign.LocalTime:
		*p = campaign.LocalTimeOf(time.Date(2026, 1, *n, 0, 0, 0, 0, time.UTC))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(string(rune('a' + *n)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n))
	case reflect.Uint32:
		v.SetUint(uint64(*n))
	default:
		v.SetInt(int64(*n))
	}
}

// roundTrip takes a thing to its wire form and its specification back. What
// the server assigns is not part of the specification.
func roundTrip[T any](t *testing.T, there func(T) T, assigned func(*T)) {
	t.Helper()
	var was T
	n := 0
	fill(reflect.ValueOf(&was).Elem(), &n)
	got := there(was)
	assigned(&was)
	assigned(&got)
	if !reflect.DeepEqual(got, was) {
		t.Errorf("%T lost something:\ngot  %+v\nwant %+v", was, got, was)
	}
}

// A field that is added to package campaign and forgotten here would be
// dropped by every patch.
func TestNoFieldIsForgotten(t *testing.T) {
	roundTrip(t, func(a campaign.Advertiser) campaign.Advertiser {
		return v1.AdvertiserOf(a).AdvertiserSpec.Campaign()
	}, func(a *campaign.Advertiser) {
		a.ID, a.Status, a.Funding.Node, a.Conversions.KeyHashes = 0, "", 0, [2]string{}
	})
	roundTrip(t, func(c campaign.Campaign) campaign.Campaign {
		return v1.CampaignOf(c).CampaignSpec.Campaign()
	}, func(c *campaign.Campaign) {
		c.ID, c.Status, c.Budget.LifetimeNode, c.Budget.DailyNode = 0, "", 0, 0
	})
	roundTrip(t, func(li campaign.LineItem) campaign.LineItem {
		return v1.LineItemOf(li).LineItemSpec.Campaign()
	}, func(li *campaign.LineItem) {
		li.ID, li.AdvertiserID, li.Status, li.Budget.LifetimeNode, li.Budget.DailyNode = 0, 0, "", 0, 0
	})
	roundTrip(t, func(c campaign.Creative) campaign.Creative {
		return v1.CreativeOf(c).CreativeSpec.Campaign()
	}, func(c *campaign.Creative) { c.ID, c.Status = 0, "" })
	roundTrip(t, func(x campaign.Exchange) campaign.Exchange {
		return v1.ExchangeOf(x).ExchangeSpec.Campaign()
	}, func(x *campaign.Exchange) { x.ID, x.Status = 0, "" })
}

// A number of seconds that would wrap around must not become a valid one.
func TestHugeTimesDoNotWrap(t *testing.T) {
	for _, seconds := range []int64{1<<63 - 1, 18446744073, -1 << 63} {
		x := v1.ExchangeSpec{HorizonSeconds: seconds, DefaultTMaxMS: seconds}.Campaign()
		if (x.Horizon > 0) != (seconds > 0) || x.Horizon.Abs() < 200*365*24*time.Hour {
			t.Errorf("%d seconds became %v", seconds, x.Horizon)
		}
	}
}
