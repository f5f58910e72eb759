package supply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

const (
	iPhone    = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
	iPad      = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"
	pixel     = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
	androidPC = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)

func TestSuspect(t *testing.T) {
	web := func(agent string, change func(*openrtb.Request)) *openrtb.Request {
		r := &openrtb.Request{Site: &openrtb.Publication{Domain: []byte("example.com")}}
		r.Device.UserAgent = []byte(agent)
		if change != nil {
			change(r)
		}
		return r
	}
	app := func(agent string, change func(*openrtb.Request)) *openrtb.Request {
		r := web(agent, change)
		r.Site, r.App = nil, &openrtb.Publication{Bundle: []byte("com.example.game")}
		return r
	}
	hints := func(platform string, mobile, source int) func(*openrtb.Request) {
		return func(r *openrtb.Request) {
			r.Device.Hints = openrtb.Hints{Sent: true, Platform: openrtb.Brand{Name: []byte(platform)}, Mobile: mobile, Source: source}
		}
	}
	device := func(kind int, os string) func(*openrtb.Request) {
		return func(r *openrtb.Request) { r.Device.Type, r.Device.OS = kind, []byte(os) }
	}
	screen := func(w, h int) func(*openrtb.Request) {
		return func(r *openrtb.Request) { r.Device.W, r.Device.H = w, h }
	}
	site := func(domain string) func(*openrtb.Request) {
		return func(r *openrtb.Request) { r.Site.Domain = []byte(domain) }
	}
	for _, c := range []struct {
		name string
		r    *openrtb.Request
		want Checks
	}{
		{"a browser", web(chrome, device(2, "Windows")), 0},
		{"a phone", web(iPhone, device(4, "iOS")), 0},
		{"an app on a phone", app(pixel, device(4, "Android")), 0},
		{"a tablet that asks for desktop pages", web(iPad, device(5, "iOS")), 0},
		{"a phone that asks for desktop pages", web(iPad, device(4, "iOS")), 0},
		{"a phone of which little is said that asks for them", web(iPad, device(4, "")), 0},
		{"an Android that asks for desktop pages", web(androidPC, device(1, "Android")), 0},
		{"a television", web("Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0)", device(3, "Tizen")), 0},

		{"no user agent", web("", nil), NoUserAgent},
		{"hints instead of it", web("", hints("Android", 1, 2)), 0},
		{"a screen outdoors", &openrtb.Request{DOOH: &openrtb.Publication{}}, 0},

		{"a screen", web(chrome, screen(1920, 1080)), 0},
		{"a wide screen", web(chrome, screen(5120, 1440)), 0},
		{"half a screen", web(chrome, screen(1920, 0)), ImpossibleScreen},
		{"a screen of a pixel", web(chrome, screen(1, 1)), ImpossibleScreen},
		{"less than nothing", web(chrome, screen(-390, -844)), ImpossibleScreen},
		{"a screen like a house", web(chrome, screen(50_000, 30_000)), ImpossibleScreen},
		{"a line", web(chrome, screen(3000, 200)), ImpossibleScreen},

		{"hints of the same", web(pixel, hints("Android", 1, 2)), 0},
		{"hints of another system", web(chrome, hints("Android", 1, 2)), HintsDisagree},
		{"hints of a phone on Windows", web(chrome, hints("Windows", 1, 1)), HintsDisagree},
		{"hints that were read from the user agent", web(chrome, hints("Android", 1, 3)), 0},
		{"hints of what we do not know", web(chrome, hints("Fuchsia", 0, 2)), 0},

		{"a phone with Windows", web(chrome, device(4, "")), DeviceDisagrees},
		{"an iOS with Android's browser", web(pixel, device(4, "iOS")), DeviceDisagrees},
		{"a computer that is an iPhone", web(iPhone, device(2, "")), DeviceDisagrees},

		{"a desktop browser as an app", app(chrome, device(1, "Android")), BrowserInApp | DeviceDisagrees},
		{"a desktop browser as an app of which little is said", app(chrome, device(0, "Android")), BrowserInApp | DeviceDisagrees},
		{"an app on a computer", app(chrome, device(2, "Windows")), 0},

		{"a bundle as a site", web(chrome, site("com.example.game2go")), BundleOnSite},
		{"a store's number as a site", web(chrome, site("123456789")), BundleOnSite},
		{"a site below com", web(chrome, site("com.example.org")), 0},
		{"a numeric site", web(chrome, site("123456.com")), 0},
	} {
		if got := Suspect(c.r, nil, AllChecks); got != c.want {
			t.Errorf("%s: %07b, want %07b", c.name, got, c.want)
		}
		if got := Suspect(c.r, nil, AllChecks&^c.want); got != 0 {
			t.Errorf("%s: %07b is switched off", c.name, got)
		}
	}

	abroad := web(chrome, func(r *openrtb.Request) { r.Device.Country = [3]byte{'U', 'S', 'A'} })
	for _, c := range []struct {
		place *geo.Place
		want  Checks
	}{
		{nil, 0}, {&geo.Place{}, 0},
		{&geo.Place{AddressCountry: [3]byte{'U', 'S', 'A'}}, 0},
		{&geo.Place{AddressCountry: [3]byte{'D', 'E', 'U'}}, CountryDisagrees},
	} {
		if got := Suspect(abroad, c.place, AllChecks); got != c.want {
			t.Errorf("%+v: %b", c.place, got)
		}
	}
}

func TestParseChecks(t *testing.T) {
	for text, want := range map[string]Checks{"all": AllChecks, "none": 0, "": 0, "screen": ImpossibleScreen, "screen, country": ImpossibleScreen | CountryDisagrees} {
		if got, err := ParseChecks(text); err != nil || got != want {
			t.Errorf("%q: %b, %v", text, got, err)
		}
	}
	for _, bad := range []string{"screens", "screen,,country"} {
		if _, err := ParseChecks(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, c := range checks {
		if c.doc == "" {
			t.Errorf("%s is not described", c.name)
		}
	}
}

// The operators' page lists what is checked, in the words of the code.
func TestContradictionsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "supply.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if row := "| `" + c.name + "` | " + c.doc + " |"; !strings.Contains(string(page), row) {
			t.Errorf("docs/supply.md lacks the row\n%s", row)
		}
	}
}
