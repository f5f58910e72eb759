package audience

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/openrtb"
)

func TestWhoAPersonIs(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	selects, caps := Permit{1 << SelectAds}, Permit{1<<CapFrequency | 1<<Measure}
	for _, c := range []struct {
		name   string
		permit Permit
		user   string
		want   Person
	}{
		{"nothing said", selects, `{}`, Person{}},
		{"both said", selects, `{"yob":2008,"gender":"F"}`, Person{17, 'F'}},
		{"born this year", selects, `{"yob":2026}`, Person{}},
		{"born next year", selects, `{"yob":2027,"gender":"M"}`, Person{0, 'M'}},
		{"too old to be true", selects, `{"yob":1900}`, Person{}},
		{"a permit for other things", caps, `{"yob":1990,"gender":"M"}`, Person{}},
		{"no permit", Permit{}, `{"yob":1990,"gender":"M"}`, Person{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1","banner":{}}],"user":` + c.user + `}`))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			if got := PersonOf(c.permit, r, now); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
