package event

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestImpressionsOutAndIn(t *testing.T) {
	for text, want := range map[string]Impressions{
		"0": 0, "1": OneImpression, "14.2": 14_200_000, "-0.000001": -1, "12.340": 12_340_000, "9223372036854.775807": math.MaxInt64,
	} {
		if got, err := ParseImpressions(text); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", "1.", ".5", "1.0000001", "1e3", "+1", "1,000", "--1", "1.-5", "9223372036854.775808", "99999999999999999999"} {
		if got, err := ParseImpressions(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := Impressions(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "impressions"))
		text, err := json.Marshal(want)
		var got Impressions
		if err != nil || json.Unmarshal(text, &got) != nil || got != want || string(text) != want.String() {
			t.Fatalf("%d is %s is %d", want, text, got)
		}
	})
}
