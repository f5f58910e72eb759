package campaign

import "testing"

func TestClickTarget(t *testing.T) {
	const landing, escaped, twice = "https://example.com/a?b=c&d", "https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc%26d", "https%253A%252F%252Fexample.com%252Fa%253Fb%253Dc%2526d"
	for name, c := range map[string]struct {
		format   Format
		trackers []string
		want     string
	}{
		"no tracker":       {"", nil, landing},
		"one":              {"", []string{"https://one.example/?to=${LANDING_URL_ENC}"}, "https://one.example/?to=" + escaped},
		"the first leads":  {FormatBanner, []string{"https://one.example/?to=${LANDING_URL_ENC}", "https://two.example/?to=${LANDING_URL_ENC}&x=1"}, "https://one.example/?to=https%3A%2F%2Ftwo.example%2F%3Fto%3D" + twice + "%26x%3D1"},
		"twice in one":     {"", []string{"https://one.example/?to=${LANDING_URL_ENC}&or=${LANDING_URL_ENC}"}, "https://one.example/?to=" + escaped + "&or=" + escaped},
		"beside, in video": {FormatVideo, []string{"https://one.example/"}, landing},
		"beside, in audio": {FormatAudio, []string{"https://one.example/"}, landing},
		"beside, native":   {FormatNative, []string{"https://one.example/"}, landing},
	} {
		x := Creative{Format: c.format, LandingURL: landing, ClickTrackers: c.trackers}
		if got := x.ClickTarget(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}
