package audience

import (
	"reflect"
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
		{"both said", selects, `{"yob":2008,"gender":"F"}`, Person{Age: 17, Gender: 'F'}},
		{"born this year", selects, `{"yob":2026}`, Person{}},
		{"born next year", selects, `{"yob":2027,"gender":"M"}`, Person{Gender: 'M'}},
		{"too old to be true", selects, `{"yob":1900}`, Person{}},
		{"interests", selects, `{"keywords":"a,b","data":[{"id":"p","segment":[{"id":"7","value":"v"}]}]}`, Person{
			Keywords: [][]byte{[]byte("a"), []byte("b")}, Data: []openrtb.DataSegment{{Provider: []byte("p"), ID: []byte("7"), Value: []byte("v")}}}},
		{"interests without a permit for them", caps, `{"keywords":"a,b","data":[{"id":"p","segment":[{"id":"7"}]}]}`, Person{}},
		{"a permit for other things", caps, `{"yob":1990,"gender":"M"}`, Person{}},
		{"no permit", Permit{}, `{"yob":1990,"gender":"M"}`, Person{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1","banner":{}}],"user":` + c.user + `}`))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Release()
			if got := PersonOf(c.permit, r, now); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
